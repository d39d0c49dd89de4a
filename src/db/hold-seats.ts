import { invalid, Refusal } from '../errors';
import type { Transaction } from './connect';
import type { HoldInput } from './hold';
import { select } from './sql';

export interface Seat {
  id: number;
  scheduleId: number;
  location: string;
  price: number;
  taken: number;
}

/** The seats that could be locked, by id, and those that somebody else is taking right now. */
export interface LockedSeats {
  seats: Map<number, Seat>;
  contended: Set<number>;
}

/**
 * Locks the seats in the order of their ids and passes over what another transaction has locked: whoever is late here
 * waits for nobody. Both databases answer this alike (NOWAIT they do not: errors 3572 and 1205).
 */
export async function lockSeats(trx: Transaction, inputs: readonly HoldInput[]): Promise<LockedSeats> {
  const wanted = [...new Set(inputs.flatMap((input) => input.seatIds))];
  if (wanted.length === 0) return { seats: new Map(), contended: new Set() };
  const rows = await select<Seat>(
    trx,
    `SELECT id, concert_schedule_id AS scheduleId, location, price,
       status = 'SOLD' OR (status = 'HELD' AND held_until > NOW(3)) AS taken
     FROM concert_seat FORCE INDEX (PRIMARY) WHERE id IN (?) ORDER BY id FOR UPDATE SKIP LOCKED`,
    [wanted],
  );
  const seats = new Map(rows.map((seat) => [seat.id, seat]));
  return { seats, contended: await findLocked(trx, wanted, seats) };
}

/** Of the seats that were passed over, those that exist. */
async function findLocked(trx: Transaction, wanted: number[], seats: Map<number, Seat>): Promise<Set<number>> {
  const passedOver = wanted.filter((id) => !seats.has(id));
  if (passedOver.length === 0) return new Set();
  const rows = await select<{ id: number }>(trx, 'SELECT id FROM concert_seat WHERE id IN (?)', [passedOver]);
  return new Set(rows.map((row) => row.id));
}

/** The refusal that the seats call for, if any. */
export function checkSeats(input: HoldInput, { seats, contended }: LockedSeats): Refusal | undefined {
  const { scheduleId, seatIds } = input;
  const isOther = (id: number) => !contended.has(id) && seats.get(id)?.scheduleId !== scheduleId;
  const faults = seatIds.flatMap((id, index) =>
    isOther(id) ? [{ pointer: `/seatIds/${index}`, detail: `seat ${id} is not of schedule ${scheduleId}` }] : [],
  );
  if (faults.length > 0) return invalid(...faults);
  const taken = seatIds.filter((id) => seats.get(id)?.taken).sort((a, b) => a - b);
  if (taken.length > 0) return seatTaken(taken);
  if (!seatIds.some((id) => contended.has(id))) return undefined;
  return new Refusal('seat_contended', 'Somebody else is taking one of these seats right now.');
}

export function seatTaken(seatIds: readonly number[]): Refusal {
  return new Refusal('seat_taken', `Already taken: seat ${seatIds.join(', ')}.`, { seatIds });
}
