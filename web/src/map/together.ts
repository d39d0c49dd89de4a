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
  const sorted = [...rows.values()].map((row) => row.sort(alongTheRow));
  rowsByLayout.set(layout, sorted);
  return sorted;
}

function alongTheRow(one: PlacedSeat, other: PlacedSeat): number {
  return Number.parseInt(one.number, 10) - Number.parseInt(other.number, 10) || one.x - other.x;
}

function areNeighbours(seats: PlacedSeat[], row: PlacedSeat[]): boolean {
  const usual = usualGap(row);
  return seats.every((seat, index) => index === 0 || gap(seats[index - 1]!, seat) <= usual * AISLE_FACTOR);
}

const usualGaps = new WeakMap<PlacedSeat[], number>();

function usualGap(row: PlacedSeat[]): number {
  const known = usualGaps.get(row);
  if (known !== undefined) return known;
  const gaps = row.slice(1).map((seat, index) => gap(row[index]!, seat));
  const usual = gaps.sort((one, other) => one - other)[Math.floor(gaps.length / 2)] ?? Number.POSITIVE_INFINITY;
  usualGaps.set(row, usual);
  return usual;
}

const gap = (one: PlacedSeat, other: PlacedSeat): number => Math.hypot(one.x - other.x, one.y - other.y);

function distanceTo(front: Layout['front'], seats: PlacedSeat[]): number {
  const middle = (axis: 'x' | 'y') => seats.reduce((sum, seat) => sum + seat[axis], 0) / seats.length;
  return Math.hypot(middle('x') - front.x, middle('y') - front.y);
}
