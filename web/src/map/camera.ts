import { fit, panBy, reveal, zoomAt, type Size, type View } from './viewport';

/** Where the map is looked at from; `onMove` hears of it once a frame at the most. */
export interface Camera {
  readonly view: View;
  readonly frame: Size;
  pan(dx: number, dy: number): void;
  /** About a point of the frame, or its middle. */
  zoom(factor: number, x?: number, y?: number): void;
  fit(): void;
  reveal(x: number, y: number): void;
  close(): void;
}

/** Looks at all of `plan` inside `element` until moved, also when the element changes its size. */
export function createCamera(element: Element, plan: Size, onMove: (view: View) => void): Camera {
  let frame: Size = element.getBoundingClientRect();
  let view = fit(plan, frame);
  let fitted = true;
  let asked = 0;
  const show = (next: View, isFitted = false) => {
    view = next;
    fitted = isFitted;
    asked ||= requestAnimationFrame(() => {
      asked = 0;
      onMove(view);
    });
  };
  const resized = new ResizeObserver(() => {
    frame = element.getBoundingClientRect();
    if (fitted) show(fit(plan, frame), true);
    else show(panBy(view, plan, frame, 0, 0));
  });
  resized.observe(element);
  return {
    get view() {
      return view;
    },
    get frame() {
      return frame;
    },
    pan: (dx, dy) => show(panBy(view, plan, frame, dx, dy)),
    zoom: (factor, x = frame.width / 2, y = frame.height / 2) => show(zoomAt(view, plan, frame, factor, x, y)),
    fit: () => show(fit(plan, frame), true),
    reveal: (x, y) => show(reveal(view, plan, frame, x, y), fitted),
    close: () => {
      resized.disconnect();
      cancelAnimationFrame(asked);
    },
  };
}
