/** Which part of a plan is seen: a point of it lies at `x * scale + left`, `y * scale + top` of the frame. */
export interface View {
  scale: number;
  left: number;
  top: number;
}

export interface Size {
  width: number;
  height: number;
}

/** A seat may become this large, in pixels. */
const SCALE_MAX = 3;
/** This much of the plan always stays in sight. */
const KEEP_PIXELS = 80;
const MARGIN_PIXELS = 12;

/** All of the plan, in the middle of the frame. */
export function fit(plan: Size, frame: Size): View {
  const scale = Math.min(
    (frame.width - 2 * MARGIN_PIXELS) / plan.width,
    (frame.height - 2 * MARGIN_PIXELS) / plan.height,
    SCALE_MAX,
  );
  return {
    scale,
    left: (frame.width - plan.width * scale) / 2,
    top: (frame.height - plan.height * scale) / 2,
  };
}

/** Larger or smaller by a factor, with the point of the frame at `x`, `y` staying where it is. */
export function zoomAt(view: View, plan: Size, frame: Size, factor: number, x: number, y: number): View {
  const smallest = fit(plan, frame).scale;
  const scale = Math.min(SCALE_MAX, Math.max(smallest, view.scale * factor));
  const ratio = scale / view.scale;
  return bounded({ scale, left: x - (x - view.left) * ratio, top: y - (y - view.top) * ratio }, plan, frame);
}

export function panBy(view: View, plan: Size, frame: Size, dx: number, dy: number): View {
  return bounded({ ...view, left: view.left + dx, top: view.top + dy }, plan, frame);
}

/** The least move that brings a point of the plan into the frame, with some room around it. */
export function reveal(view: View, plan: Size, frame: Size, x: number, y: number): View {
  const [atX, atY] = [x * view.scale + view.left, y * view.scale + view.top];
  const move = (at: number, length: number) =>
    at < KEEP_PIXELS ? KEEP_PIXELS - at : at > length - KEEP_PIXELS ? length - KEEP_PIXELS - at : 0;
  return panBy(view, plan, frame, move(atX, frame.width), move(atY, frame.height));
}

function bounded(view: View, plan: Size, frame: Size): View {
  const keep = (at: number, length: number, frameLength: number) =>
    Math.min(frameLength - KEEP_PIXELS, Math.max(KEEP_PIXELS - length, at));
  return {
    scale: view.scale,
    left: keep(view.left, plan.width * view.scale, frame.width),
    top: keep(view.top, plan.height * view.scale, frame.height),
  };
}
