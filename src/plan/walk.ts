import type { PlanSeat, SeatingPlan } from '../contracts/plan';

/** A seat of a plan and where it is in there. */
export interface PlacedSeat {
  seat: PlanSeat;
  path: readonly (string | number)[];
  /** What people call it, such as "Balcony A-1", or "A-1" in a zone without a name. */
  location: string;
}

type Readable<Part> = Part extends (infer Item)[]
  ? Readable<Item>[]
  : Part extends object
    ? { [Key in keyof Part]?: Readable<Part[Key]> | null }
    : Part | null;

/** A plan of which nothing is known yet: any part may be missing. */
export type UncheckedPlan = Readable<SeatingPlan>;

/** Every seat, in the order of the plan. What has not the shape of a seat, or of what it is in, is passed over. */
export function* walkSeats(plan: UncheckedPlan): Generator<PlacedSeat> {
  for (const [zoneNo, zone] of items(plan.zones)) {
    for (const [rowNo, row] of items(zone.rows)) {
      for (const [seatNo, seat] of items(row.seats)) {
        const path = ['zones', zoneNo, 'rows', rowNo, 'seats', seatNo] as const;
        yield { seat: seat as PlanSeat, path, location: locationOf(zone.name, row.row_number, seat.seat_number) };
      }
    }
  }
}

/** The objects in what ought to be a list. */
export function* items<Item extends object>(list: (Item | null)[] | null | undefined): Generator<[number, Item]> {
  if (!Array.isArray(list)) return;
  for (const [index, item] of list.entries()) if (typeof item === 'object' && item !== null) yield [index, item];
}

function locationOf(zone: unknown, row: unknown, seat: unknown): string {
  const place = [row, seat].map(trimmed).filter(Boolean).join('-');
  return [trimmed(zone), place].filter(Boolean).join(' ');
}

function trimmed(text: unknown): string {
  return typeof text === 'string' ? text.trim() : '';
}
