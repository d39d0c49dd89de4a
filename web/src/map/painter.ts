import { rounded, type Layout, type PlacedSeat } from './layout';

/** How a seat looks: free ones by their category. */
export type SeatState = 'free' | 'taken' | 'chosen' | 'mine';
export type StateOf = (seat: PlacedSeat) => SeatState;

const STAGE_NAME_SIZE = 24;
const SVG = 'http://www.w3.org/2000/svg';
/** Taken seats are smaller as well as paler: colour alone says nothing to some. */
const TAKEN_SIZE = 0.55;
/** As many colours as the style sheet has for categories without one of their own. */
export const CATEGORY_COLORS = 6;

/** Makes an SVG element with these attributes. */
export function svg<Name extends keyof SVGElementTagNameMap>(
  name: Name,
  attributes: Record<string, string | number> = {},
): SVGElementTagNameMap[Name] {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  return element;
}

/** Draws what never changes: the stage and other shapes, and the names of rows. */
export function paintBackground(layout: Layout, stageName: string): SVGGElement {
  const group = svg('g');
  for (const { path, text, x, y, fill, color, isStage, rotation, size } of layout.areas) {
    if (path) {
      const shape = svg('path', { d: path, class: isStage ? 'area stage' : 'area' });
      // Shapes of a plan are drawn about their own place, ours are in place already.
      if (!isStage || fill) shape.setAttribute('transform', `translate(${x} ${y}) rotate(${rotation ?? 0})`);
      if (fill) shape.style.fill = fill;
      group.append(shape);
    }
    const words = text ?? (isStage && path && !fill ? stageName : undefined);
    if (!words) continue;
    const name = label(words, x, y, size ?? STAGE_NAME_SIZE, isStage ? 'area-name on-stage' : 'area-name');
    if (color) name.style.fill = color;
    group.append(name);
  }
  const rows = svg('g', { class: 'row-names' });
  rows.append(...layout.labels.map(({ text, x, y, size }) => label(text, x, y, size, 'seat-label')));
  group.append(rows);
  return group;
}

/** Draws the names of zones. */
export function paintZones(layout: Layout): SVGGElement {
  const group = svg('g', { class: 'zone-names' });
  group.append(...layout.zones.map(({ text, x, y, size }) => label(text, x, y, size, 'zone-name')));
  return group;
}

export function label(text: string, x: number, y: number, size: number, name: string): SVGTextElement {
  const element = svg('text', { x, y, class: name, 'font-size': size });
  element.textContent = text;
  return element;
}

/**
 * Draws seats as few large paths, one for each zone, category and state: thousands of elements would take the browser
 * seconds. `paint` draws anew only those paths whose seats have changed.
 */
export function createSeatPainter(layout: Layout) {
  const group = svg('g');
  const paths = new Map<string, { element: SVGPathElement; drawn: string }>();
  const pathFor = (name: string, state: SeatState, category: number) => {
    const known = paths.get(name);
    if (known) return known;
    const element = svg('path', { class: `seats ${state} category-${category % CATEGORY_COLORS}` });
    const own = layout.categories[category]?.color;
    if (own && state === 'free') element.style.fill = own;
    // What is chosen lies above the rest.
    if (state === 'chosen' || state === 'mine') group.append(element);
    else group.prepend(element);
    const path = { element, drawn: '' };
    paths.set(name, path);
    return path;
  };
  let stateOf: StateOf = () => 'free';
  let fine = false;
  const draw = (): void => {
    const parts = new Map<string, { state: SeatState; category: number; outlines: string[] }>();
    for (const seat of layout.seats) {
      const state = stateOf(seat);
      const name = `${seat.zone}\0${state}\0${state === 'free' ? seat.category : ''}`;
      const part = parts.get(name);
      const outline = outlineOf(seat, state, fine);
      if (part) part.outlines.push(outline);
      else parts.set(name, { state, category: seat.category, outlines: [outline] });
    }
    for (const [name, { state, category, outlines }] of parts) {
      const path = pathFor(name, state, category);
      const drawn = outlines.join('');
      if (path.drawn !== drawn) path.element.setAttribute('d', drawn);
      path.drawn = drawn;
    }
    for (const [name, path] of paths) {
      if (parts.has(name) || path.drawn === '') continue;
      path.element.removeAttribute('d');
      path.drawn = '';
    }
  };
  return {
    group,
    paint: (next: StateOf): void => {
      stateOf = next;
      draw();
    },
    /** Round corners, which cost five times as much to fill: not from where nobody can see them. */
    detail: (wanted: boolean): void => {
      if (wanted === fine) return;
      fine = wanted;
      draw();
    },
  };
}

const outlines = { fine: new WeakMap<PlacedSeat, string>(), coarse: new WeakMap<PlacedSeat, string>() };

function outlineOf(seat: PlacedSeat, state: SeatState, fine: boolean): string {
  if (state === 'taken') return outline(seat, TAKEN_SIZE, fine);
  const known = outlines[fine ? 'fine' : 'coarse'];
  const text = known.get(seat) ?? outline(seat, 1, fine);
  known.set(seat, text);
  return text;
}

function outline({ x, y, radius }: PlacedSeat, part: number, fine: boolean): string {
  const half = radius * part;
  const [left, top, side] = [round(x - half), round(y - half), round(2 * half)];
  return fine ? rounded(left, top, side, side, round(half * 0.55)) : `M${left} ${top}h${side}v${side}h${-side}z`;
}

const round = (value: number): number => Math.round(value * 10) / 10;
