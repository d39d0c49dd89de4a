import type { PlacedSeat } from './layout';

/** Finds seats by place: a grid of cells a little larger than a seat. */
export interface SeatIndex {
  /** The seat at this point, or the nearest within `reach`. */
  at(x: number, y: number, reach: number): PlacedSeat | undefined;
  /** Those with their centre in this rectangle. */
  within(left: number, top: number, right: number, bottom: number): PlacedSeat[];
  /** The next one in this direction, for whoever goes from seat to seat with arrow keys. */
  next(from: PlacedSeat, dx: number, dy: number): PlacedSeat | undefined;
}

const CELL = 32;
/** A seat straight ahead is preferred to a nearer one aside. */
const ASIDE_COST = 3;
/** How far away the next seat may be, in cells: across an aisle between blocks. */
const NEXT_REACH = 12;

export function indexSeats(seats: readonly PlacedSeat[]): SeatIndex {
  const cells = new Map<string, PlacedSeat[]>();
  const cellOf = (value: number) => Math.floor(value / CELL);
  for (const seat of seats) {
    const name = `${cellOf(seat.x)} ${cellOf(seat.y)}`;
    const cell = cells.get(name);
    if (cell) cell.push(seat);
    else cells.set(name, [seat]);
  }
  const within = (left: number, top: number, right: number, bottom: number): PlacedSeat[] => {
    const found: PlacedSeat[] = [];
    for (let column = cellOf(left); column <= cellOf(right); column += 1) {
      for (let row = cellOf(top); row <= cellOf(bottom); row += 1) {
        for (const seat of cells.get(`${column} ${row}`) ?? []) {
          if (seat.x >= left && seat.x <= right && seat.y >= top && seat.y <= bottom) found.push(seat);
        }
      }
    }
    return found;
  };
  return {
    within,
    at: (x, y, reach) =>
      least(within(x - reach, y - reach, x + reach, y + reach), (seat) => {
        const distance = Math.hypot(seat.x - x, seat.y - y);
        return distance <= reach ? distance : undefined;
      }),
    next: (from, dx, dy) => {
      const far = NEXT_REACH * CELL;
      const around = within(from.x - far, from.y - far, from.x + far, from.y + far);
      return least(around, (seat) => {
        const ahead = (seat.x - from.x) * dx + (seat.y - from.y) * dy;
        const aside = Math.abs((seat.x - from.x) * dy) + Math.abs((seat.y - from.y) * dx);
        return ahead > 1 && aside <= ahead * 2 ? ahead + aside * ASIDE_COST : undefined;
      });
    },
  };
}

/** The item of least cost; those without one do not count. */
function least<Item>(items: readonly Item[], costOf: (item: Item) => number | undefined): Item | undefined {
  let best: { item: Item; cost: number } | undefined;
  for (const item of items) {
    const cost = costOf(item);
    if (cost !== undefined && (!best || cost < best.cost)) best = { item, cost };
  }
  return best?.item;
}
