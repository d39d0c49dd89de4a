import type { SeatChangesView, SeatMapView, SeatView } from '../../contracts/concert';

/** A seat map at one moment, small enough to keep some minutes' worth of them: 8 kB for an arena. */
export interface SeatVersion {
  id: string;
  asOf: string;
  availableSeats: number;
  /** In the order of the seats: 1 = free. */
  available: Uint8Array;
  /** Shared by all versions in which nothing but availability differs. */
  seats: readonly SeatView[];
}

/** The version that a map is; `before` is the one that its seats may be shared with. */
export function toVersion(id: string, map: SeatMapView, before: SeatVersion | undefined): SeatVersion {
  return {
    id,
    asOf: map.asOf,
    availableSeats: map.availableSeats,
    available: Uint8Array.from(map.seats, (seat) => (seat.available ? 1 : 0)),
    seats: before && areSameSeats(before.seats, map.seats) ? before.seats : map.seats,
  };
}

/** What has changed between two versions; `undefined` where it is more than availability: the whole map says it then. */
export function changesBetween(before: SeatVersion, now: SeatVersion): SeatChangesView | undefined {
  if (before.seats !== now.seats) return undefined;
  const seats = now.seats.flatMap(({ id }, index) =>
    before.available[index] === now.available[index] ? [] : [{ id, available: now.available[index] === 1 }],
  );
  return { asOf: now.asOf, availableSeats: now.availableSeats, seats };
}

function areSameSeats(before: readonly SeatView[], now: readonly SeatView[]): boolean {
  return (
    before.length === now.length &&
    now.every((seat, index) => {
      const other = before[index]!;
      return seat.id === other.id && seat.price === other.price && seat.location === other.location;
    })
  );
}
