import type { ReservationView } from '../contracts/reservation';
import type { Transaction } from './connect';
import type { Grant, HoldTerms } from './hold';
import { seatTaken } from './hold-seats';
import { saveOutcomes } from './idempotency';
import { insertedIds, readClock, select, write } from './sql';

/** Writes the holds that were granted, with their tickets and outcomes. Gives their reservations, in order. */
export async function saveHolds(
  trx: Transaction,
  terms: HoldTerms,
  grants: readonly Grant[],
): Promise<ReservationView[]> {
  // After the last lock. One value goes into `held_until` and `expires_at`.
  const reservedAt = await readClock(trx);
  const expiresAt = new Date(reservedAt.getTime() + terms.holdSeconds * 1_000);
  const ids = await insertReservations(trx, terms, grants, reservedAt, expiresAt);
  const tickets = await insertTickets(trx, grants, ids);
  await takeSeats(trx, grants, ids, expiresAt);
  await extendTokens(trx, grants, expiresAt);
  const views = grants.map(({ input, seats }, index): ReservationView => {
    const id = ids[index] as number;
    return {
      id,
      status: 'HELD',
      scheduleId: input.scheduleId,
      totalPrice: totalPrice({ input, seats }),
      currency: terms.currency,
      reservedAt: reservedAt.toISOString(),
      expiresAt: expiresAt.toISOString(),
      expiresInSeconds: terms.holdSeconds,
      completedAt: null,
      paymentId: null,
      tickets: tickets.get(id) ?? [],
    };
  });
  await saveOutcomes(
    trx,
    grants.map(({ input }, index) => ({ key: input.key, status: 201, body: views[index] })),
  );
  return views;
}

function totalPrice({ seats }: Grant): number {
  return seats.reduce((sum, seat) => sum + seat.price, 0);
}

async function insertReservations(
  trx: Transaction,
  { currency, maxTickets }: HoldTerms,
  grants: readonly Grant[],
  reservedAt: Date,
  expiresAt: Date,
): Promise<number[]> {
  const rows = grants.map((grant) => {
    const { userId, tokenId, scheduleId } = grant.input;
    return [userId, tokenId, scheduleId, 'HELD', totalPrice(grant), currency, reservedAt, expiresAt, maxTickets];
  });
  const written = await write(
    trx,
    `INSERT INTO reservation (user_id, waiting_token_id, concert_schedule_id, status, total_price, currency, reserved_at, expires_at,
       max_tickets) VALUES ?`,
    [rows],
  );
  const owners = grants.map(({ input }) => input.tokenId);
  return insertedIds(trx, written, { table: 'reservation', owner: 'waiting_token_id', owners });
}

/** The tickets by reservation, in the order of the seats. */
async function insertTickets(
  trx: Transaction,
  grants: readonly Grant[],
  ids: number[],
): Promise<Map<number, ReservationView['tickets']>> {
  const rows = grants.flatMap(({ input, seats }, index) =>
    seats.map((seat) => [ids[index], input.scheduleId, seat.id, seat.location, seat.price]),
  );
  await write(
    trx,
    'INSERT INTO reservation_ticket (reservation_id, concert_schedule_id, concert_seat_id, seat_location, price) VALUES ?',
    [rows],
  );
  const tickets = await select<ReservationView['tickets'][number] & { reservationId: number }>(
    trx,
    `SELECT id, reservation_id AS reservationId, concert_seat_id AS seatId, seat_location AS location, price
     FROM reservation_ticket WHERE reservation_id IN (?) ORDER BY id`,
    [ids],
  );
  const byReservation = new Map<number, ReservationView['tickets']>(ids.map((id) => [id, []]));
  for (const { reservationId, ...ticket } of tickets) byReservation.get(reservationId)?.push(ticket);
  return byReservation;
}

/**
 * The second guard: a seat that is not free any more is not counted, and everything rolls back. From the tickets to their
 * seats: where there are few, any other plan reads all of both, and waits for those that somebody else has locked.
 */
async function takeSeats(trx: Transaction, grants: readonly Grant[], ids: number[], heldUntil: Date): Promise<void> {
  const { affectedRows } = await write(
    trx,
    `UPDATE reservation_ticket t FORCE INDEX (reservation_ticket_seat)
       STRAIGHT_JOIN concert_seat s FORCE INDEX (PRIMARY) ON s.id = t.concert_seat_id
     SET s.status = 'HELD', s.held_until = ?, s.reservation_id = t.reservation_id
     WHERE t.reservation_id IN (?) AND (s.status = 'FREE' OR (s.status = 'HELD' AND s.held_until <= NOW(3)))`,
    [heldUntil, ids],
  );
  const seatIds = grants.flatMap(({ seats }) => seats.map((seat) => seat.id));
  if (affectedRows !== seatIds.length) throw seatTaken(seatIds);
}

/**
 * A token lives as long as what it holds, so that its owner can pay. Holds start before `holds_until`, so this is one
 * hold's length at the most.
 */
async function extendTokens(trx: Transaction, grants: readonly Grant[], until: Date): Promise<void> {
  const ids = grants.map(({ input }) => input.tokenId);
  await write(trx, 'UPDATE waiting_token SET expires_at = ? WHERE id IN (?) AND expires_at < ?', [until, ids, until]);
}
