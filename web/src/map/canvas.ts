import { createCamera, type Camera } from './camera';
import { listen } from './gestures';
import type { Layout, PlacedSeat } from './layout';
import { indexSeats } from './nearest';
import { createSeatPainter, label, paintBackground, paintZones, svg, type StateOf } from './painter';
import type { View } from './viewport';

/** Numbers are written on seats that are at least this wide, in pixels. */
const NUMBERED_PIXELS = 15;
/** Below this the names of rows could not be read: they are not drawn. */
const READABLE_PIXELS = 9;
/** How far beside a seat a finger may come down, in pixels. */
const TAP_REACH_PIXELS = 18;
/** Numbers are written anew when the map has been at rest for this long. */
const REST_MS = 90;
/** The ring around a seat that the keyboard is at. */
const RING_SIZE = 1.5;

export interface SeatCanvas extends Pick<Camera, 'pan' | 'zoom' | 'fit' | 'close'> {
  paint(stateOf: StateOf): void;
  /** Rings a seat, and moves the map so that it can be seen. */
  point(seat: PlacedSeat | undefined): void;
  next(from: PlacedSeat, dx: number, dy: number): PlacedSeat | undefined;
}

interface Options {
  stageName: string;
  onTap(seat: PlacedSeat): void;
}

/** The drawn map inside `root`: seats as paths, moved and scaled as a whole. */
export function createSeatCanvas(root: SVGSVGElement, layout: Layout, { stageName, onTap }: Options): SeatCanvas {
  const over = new AbortController();
  const seatSize = (layout.seats[0]?.radius ?? 0) * 2;
  const index = indexSeats(layout.seats);
  const painter = createSeatPainter(layout);
  const numbers = svg('g');
  const ring = svg('circle', { class: 'ring', r: 0 });
  const content = svg('g');
  content.append(paintBackground(layout, stageName), painter.group, numbers, paintZones(layout), ring);
  root.replaceChildren(content);

  let resting = 0;
  const writeNumbers = () => {
    const { view, frame } = camera;
    const isLarge = seatSize * view.scale >= NUMBERED_PIXELS;
    const [left, top] = [-view.left / view.scale, -view.top / view.scale];
    const [right, bottom] = [left + frame.width / view.scale, top + frame.height / view.scale];
    const seen = isLarge ? index.within(left, top, right, bottom) : [];
    numbers.replaceChildren(...seen.map(({ x, y, number, radius }) => label(number, x, y, radius, 'seat-number')));
  };
  const apply = ({ left, top, scale }: View) => {
    content.setAttribute('transform', `translate(${left} ${top}) scale(${scale})`);
    const seatPixels = seatSize * scale;
    root.classList.toggle('far', seatPixels < READABLE_PIXELS);
    painter.detail(seatPixels >= READABLE_PIXELS);
    root.classList.toggle('near', seatPixels >= NUMBERED_PIXELS);
    clearTimeout(resting);
    resting = window.setTimeout(writeNumbers, REST_MS);
  };
  const camera = createCamera(root, layout, apply);
  const tap = (x: number, y: number) => {
    const { left, top, scale } = camera.view;
    const seat = index.at((x - left) / scale, (y - top) / scale, TAP_REACH_PIXELS / scale);
    if (seat) onTap(seat);
  };
  listen(root, { pan: camera.pan, zoom: camera.zoom, tap }, over.signal);
  apply(camera.view);

  return {
    pan: camera.pan,
    zoom: camera.zoom,
    fit: camera.fit,
    paint: painter.paint,
    next: index.next,
    point: (seat) => {
      ring.setAttribute('r', String(seat ? seat.radius * RING_SIZE : 0));
      if (!seat) return;
      ring.setAttribute('cx', String(seat.x));
      ring.setAttribute('cy', String(seat.y));
      camera.reveal(seat.x, seat.y);
    },
    close: () => {
      over.abort();
      camera.close();
      clearTimeout(resting);
    },
  };
}
