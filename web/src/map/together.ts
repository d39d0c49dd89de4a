import type { Layout, PlacedSeat } from './layout';

/** Seats further apart than this many times the usual distance in their row have an aisle between them. */
const AISLE_FACTOR = 1.5;

/**
 * The best `count` free seats side by side: those in one row whose middle is nearest to the front. `undefined` where no
 * row has so many.
 */
export function bestTogether(
  layout: Layout,
  count: number,
  isGood: (seat: PlacedSeat) => boolean,
): PlacedSeat[] | undefined {
  let best: { seats: PlacedSeat[]; distance: number } | undefined;
  for (const row of rowsOf(layout)) {
    for (let from = 0; from + count <= row.length; from += 1) {
      const seats = row.slice(from, from + count);
      if (!seats.every(isGood) || !areNeighbours(seats, row)) continue;
      const distance = distanceTo(layout.front, seats);
      if (!best || distance < best.distance) best = { seats, distance };
    }
  }
  return best?.seats;
}

const rowsByLayout = new WeakMap<Layout, PlacedSeat[][]>();

/** Its rows, each in the order in which one walks along it. */
export function rowsOf(layout: Layout): PlacedSeat[][] {
  const known = rowsByLayout.get(layout);
  if (known) return known;
  const rows = new Map<string, PlacedSeat[]>();
  for (const seat of layout.seats) {
    const name = `${seat.zone}\0${seat.row}`;
    const row = rows.get(name);
    if (row) row.push(seat);
    else rows.set(name, [seat]);
  }
  const walk = layout.isNumbered ? byNumber : asTheySit;
  const sorted = [...rows.values()].map((row) => walk(row));
  rowsByLayout.set(layout, sorted);
  return sorted;
}

const byNumber = (row: readonly PlacedSeat[]): PlacedSeat[] => [...row].sort(compareNumbers);

function compareNumbers(one: PlacedSeat, other: PlacedSeat): number {
  return Number.parseInt(one.number, 10) - Number.parseInt(other.number, 10) || one.x - other.x;
}

/**
 * Rows are bent, and may be numbered with the odd ones on one side and the even ones on the other: from any seat on, at
 * either end comes the nearest of those that are left.
 */
function asTheySit(row: readonly PlacedSeat[]): PlacedSeat[] {
  const walk = row.slice(0, 1);
  const left = new Set(row.slice(1));
  while (left.size > 0) {
    const [atStart, atEnd] = [nearest(walk[0]!, left), nearest(walk.at(-1)!, left)];
    const isAtEnd = atEnd.squared <= atStart.squared;
    const { seat } = isAtEnd ? atEnd : atStart;
    if (isAtEnd) walk.push(seat);
    else walk.unshift(seat);
    left.delete(seat);
  }
  return compareNumbers(walk[0]!, walk.at(-1)!) > 0 ? walk.reverse() : walk;
}

function nearest({ x, y }: PlacedSeat, seats: Iterable<PlacedSeat>): { seat: PlacedSeat; squared: number } {
  let best: { seat: PlacedSeat; squared: number } | undefined;
  for (const seat of seats) {
    const squared = (seat.x - x) ** 2 + (seat.y - y) ** 2;
    if (!best || squared < best.squared) best = { seat, squared };
  }
  return best!;
}

function areNeighbours(seats: PlacedSeat[], row: PlacedSeat[]): boolean {
  const usual = usualGap(row);
  return seats.every((seat, index) => index === 0 || gap(seats[index - 1]!, seat) <= usual * AISLE_FACTOR);
}

const usualGaps = new WeakMap<PlacedSeat[], number>();

/** What most seats have to the nearer one of their neighbours: with an aisle after every second seat, it is no aisle. */
function usualGap(row: PlacedSeat[]): number {
  const known = usualGaps.get(row);
  if (known !== undefined) return known;
  const gaps = row.slice(1).map((seat, index) => gap(row[index]!, seat));
  const nearer = row.map((_, index) =>
    Math.min(gaps[index - 1] ?? Number.POSITIVE_INFINITY, gaps[index] ?? Number.POSITIVE_INFINITY),
  );
  const usual = nearer.sort((one, other) => one - other)[Math.floor((nearer.length - 1) / 2)]!;
  usualGaps.set(row, usual);
  return usual;
}

const gap = (one: PlacedSeat, other: PlacedSeat): number => Math.hypot(one.x - other.x, one.y - other.y);

function distanceTo(front: Layout['front'], seats: PlacedSeat[]): number {
  const middle = (axis: 'x' | 'y') => seats.reduce((sum, seat) => sum + seat[axis], 0) / seats.length;
  return Math.hypot(middle('x') - front.x, middle('y') - front.y);
}
