import type { OlderArea, PlanArea, PlanInput, SeatingPlan } from '../contracts/plan';

/** Around everything, where an older file does not say how large its plan is. */
const MARGIN_PX = 20;
/** Of a seat that does not say. */
const SEAT_RADIUS_PX = 10;
const SIZE_MIN_PX = 1;

/** The plan in the newest form; one that has it already stays as it is. What only older programs drew by is left out. */
export function toNewest({ size, zones: older, ...plan }: PlanInput): SeatingPlan {
  const zones = older.map(({ displayed: _displayed, rows, areas, ...zone }) => ({
    ...zone,
    rows: rows.map(({ number_of_seats: _count, seats_spacing: _spacing, ...row }) => row),
    ...(areas ? { areas: areas.map(toNewestArea) } : {}),
  }));
  return { ...plan, zones, size: size ?? measure(zones) };
}

/** Older files have rectangles only, with a text in the middle. */
function toNewestArea({ width, height, text, ...area }: OlderArea): PlanArea {
  const [right, bottom] = [width ?? area.rectangle?.width ?? 0, height ?? area.rectangle?.height ?? 0];
  const sized = width === undefined && height === undefined;
  return {
    ...area,
    ...(sized ? {} : { shape: area.shape ?? 'rectangle', rectangle: { width: right, height: bottom } }),
    ...(text === undefined ? {} : { text: typeof text === 'string' ? placeText(text, right, bottom) : text }),
  };
}

function placeText(text: string, width: number, height: number) {
  return { text, position: { x: width / 2, y: height / 2 } };
}

interface Point {
  x: number;
  y: number;
}

/** Large enough for all that is in the zones. */
function measure(zones: SeatingPlan['zones']): SeatingPlan['size'] {
  let [width, height] = [SIZE_MIN_PX, SIZE_MIN_PX];
  const reach = (...points: Point[]): void => {
    const sum = (axis: 'x' | 'y') => points.reduce((total, point) => total + point[axis], 0);
    width = Math.max(width, Math.ceil(sum('x')) + MARGIN_PX);
    height = Math.max(height, Math.ceil(sum('y')) + MARGIN_PX);
  };
  for (const zone of zones) {
    for (const { position = { x: 0, y: 0 }, seats } of zone.rows) {
      for (const seat of seats) reach(zone.position, position, seat.position, square(seat.radius ?? SEAT_RADIUS_PX));
    }
    for (const area of zone.areas ?? []) {
      const { rectangle = { width: 0, height: 0 }, polygon, circle, ellipse } = area;
      const corners = [
        { x: rectangle.width, y: rectangle.height },
        square(circle?.radius ?? 0),
        ellipse?.radius ?? square(0),
        ...(polygon?.points ?? []),
      ];
      for (const corner of corners) reach(zone.position, area.position ?? square(0), corner);
    }
  }
  return { width, height };
}

const square = (side: number): Point => ({ x: side, y: side });
