/** What a hand does to the map. Lengths in pixels, places from the map's own corner. */
export interface Gestures {
  pan(dx: number, dy: number): void;
  zoom(factor: number, x: number, y: number): void;
  tap(x: number, y: number): void;
}

/** A press that moves less than this is a tap. */
const TAP_PIXELS = 6;
/** Of a wheel's turn of 100, an ordinary notch. */
const WHEEL_PER_PIXEL = 0.0016;

/** Listens to mouse, wheel, pen and fingers until `signal` is aborted. */
export function listen(element: Element, gestures: Gestures, signal: AbortSignal): void {
  const pointers = new Map<number, { x: number; y: number }>();
  let moved = 0;
  const placeOf = (event: MouseEvent) => {
    const { left, top } = element.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  };
  const down = (event: PointerEvent) => {
    if (event.button !== 0) return;
    if (pointers.size === 0) moved = 0;
    pointers.set(event.pointerId, placeOf(event));
  };
  const move = (event: PointerEvent) => {
    const before = pointers.get(event.pointerId);
    if (!before) return;
    const now = placeOf(event);
    const [dx, dy] = [now.x - before.x, now.y - before.y];
    moved += Math.hypot(dx, dy);
    if (moved < TAP_PIXELS) return;
    element.setPointerCapture(event.pointerId);
    const other = [...pointers].find(([id]) => id !== event.pointerId)?.[1];
    pointers.set(event.pointerId, now);
    if (!other) {
      gestures.pan(dx, dy);
      return;
    }
    const factor = distance(now, other) / Math.max(1, distance(before, other));
    gestures.zoom(factor, (now.x + other.x) / 2, (now.y + other.y) / 2);
    gestures.pan(dx / 2, dy / 2);
  };
  const up = (event: PointerEvent) => {
    if (!pointers.delete(event.pointerId) || event.type !== 'pointerup') return;
    const { x, y } = placeOf(event);
    if (moved < TAP_PIXELS) gestures.tap(x, y);
  };
  const wheel = (event: WheelEvent) => {
    event.preventDefault();
    const { x, y } = placeOf(event);
    const pixels = event.deltaY * (event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 33 : 1);
    gestures.zoom(Math.exp(-pixels * WHEEL_PER_PIXEL), x, y);
  };
  const options = { signal };
  element.addEventListener('pointerdown', down as EventListener, options);
  element.addEventListener('pointermove', move as EventListener, options);
  element.addEventListener('pointerup', up as EventListener, options);
  element.addEventListener('pointercancel', up as EventListener, options);
  element.addEventListener('wheel', wheel as EventListener, { signal, passive: false });
}

const distance = (one: { x: number; y: number }, other: { x: number; y: number }): number =>
  Math.hypot(one.x - other.x, one.y - other.y);
