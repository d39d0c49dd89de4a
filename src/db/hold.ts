import type { ReservationView } from '../contracts/reservation';
import { invalid, Refusal } from '../errors';
import type { Database, Transaction } from './connect';
import { saveOutcome, type IdempotencyKey } from './idempotency';
import { isLockedByAnother, select, selectOne, write } from './sql';
import { transact } from './transaction';

export interface HoldInput {
  userId: number;
  tokenId: number;
  /** The queue of the token: the schedule must be of the same. */
  queueId: number;
  scheduleId: number;
  seatIds: readonly number[];
  key: IdempotencyKey;
  holdSeconds: number;
  maxTickets: number;
  currency: string;
}

interface Seat {
  id: number;
  location: string;
  price: number;
  taken: number;
  now: Date;
}

/**
 * Holds all of these seats for `holdSeconds`, or none. Refuses at once where another holds or is taking one: nobody
 * waits for a seat. The token is locked first, so one user's holds come one after another and the ticket limit holds
 * (I11); the outcome is stored under the key in the same transaction.
 */
export async function holdSeats(db: Database, input: HoldInput): Promise<ReservationView> {
  return transact(db, async (trx) => {
    const token = await lockToken(trx, input);
    await checkTerms(trx, input, token);
    const seats = await lockSeats(trx, input);
    const hold = await writeHold(trx, input, token, seats);
    await saveOutcome(trx, input.key, 201, hold);
    return hold;
  });
}

interface Token {
  status: string;
  /** New holds are taken before this only. */
  holdsUntil: Date | null;
  expiresAt: Date | null;
}

async function lockToken(trx: Transaction, input: HoldInput): Promise<Token | undefined> {
  return selectOne<Token>(
    trx,
    'SELECT status, holds_until AS holdsUntil, expires_at AS expiresAt FROM waiting_token WHERE id = ? FOR UPDATE',
    [input.tokenId],
  );
}

/** Checks token, sale and ticket limit, all by one reading of the clock, after the token's lock. */
async function checkTerms(trx: Transaction, input: HoldInput, token: Token | undefined): Promise<void> {
  const terms = await selectOne<{ queueId: number; onSale: number; tokenOpen: number | null; tickets: number }>(
    trx,
    `SELECT c.queue_id AS queueId, ? > NOW(3) AS tokenOpen,
       s.reservation_st_date <= NOW(3) AND NOW(3) < s.reservation_end_date AS onSale,
       (SELECT COUNT(*) FROM reservation r JOIN reservation_ticket t ON t.reservation_id = r.id
        WHERE r.user_id = ? AND r.concert_schedule_id = s.id
          AND (r.status = 'PAID' OR (r.status = 'HELD' AND r.expires_at > NOW(3)))) AS tickets
     FROM concert_schedule s JOIN concert c ON c.id = s.concert_id WHERE s.id = ?`,
    [token?.holdsUntil ?? null, input.userId, input.scheduleId],
  );
  if (!terms) throw new Refusal('not_found', `There is no schedule ${input.scheduleId}.`);
  if (token?.status !== 'ACTIVE' || !terms.tokenOpen) {
    throw new Refusal('queue_token_ended', 'The time of this queue token for new holds is over.');
  }
  if (terms.queueId !== input.queueId) {
    throw new Refusal('queue_token_of_another_queue', 'This schedule is sold through another queue.');
  }
  if (!terms.onSale) throw new Refusal('sales_not_open', `Schedule ${input.scheduleId} is not on sale now.`);
  if (terms.tickets + input.seatIds.length > input.maxTickets) {
    throw new Refusal(
      'ticket_limit_exceeded',
      `One user may have ${input.maxTickets} tickets of a date; you have ${terms.tickets} and asked for ${input.seatIds.length}.`,
    );
  }
}

async function lockSeats(trx: Transaction, input: HoldInput): Promise<Seat[]> {
  const seats = await lockNow(trx, input);
  const found = new Set(seats.map((seat) => seat.id));
  const faults = input.seatIds.flatMap((id, index) =>
    found.has(id)
      ? []
      : [{ pointer: `/seatIds/${index}`, detail: `seat ${id} is not of schedule ${input.scheduleId}` }],
  );
  if (faults.length > 0) throw invalid(...faults);
  const taken = seats.filter((seat) => seat.taken).map((seat) => seat.id);
  if (taken.length > 0) throw seatTaken(taken);
  return seats;
}

/** NOWAIT: the clock of this statement is the clock of its locks. */
async function lockNow(trx: Transaction, input: HoldInput): Promise<Seat[]> {
  try {
    return await select<Seat>(
      trx,
      `SELECT id, location, price, status = 'SOLD' OR (status = 'HELD' AND held_until > NOW(3)) AS taken, NOW(3) AS now
       FROM concert_seat WHERE id IN (?) AND concert_schedule_id = ? ORDER BY id FOR UPDATE NOWAIT`,
      [input.seatIds, input.scheduleId],
    );
  } catch (error) {
    if (!isLockedByAnother(error)) throw error;
    throw new Refusal('seat_contended', 'Somebody else is taking one of these seats right now.');
  }
}

async function writeHold(
  trx: Transaction,
  input: HoldInput,
  token: Token | undefined,
  seats: Seat[],
): Promise<ReservationView> {
  const reservedAt = (seats[0] as Seat).now;
  const expiresAt = new Date(reservedAt.getTime() + input.holdSeconds * 1_000);
  const totalPrice = seats.reduce((sum, seat) => sum + seat.price, 0);
  const { insertId: id } = await write(
    trx,
    `INSERT INTO reservation (user_id, waiting_token_id, concert_schedule_id, status, total_price, currency, reserved_at, expires_at)
     VALUES (?, ?, ?, 'HELD', ?, ?, ?, ?)`,
    [input.userId, input.tokenId, input.scheduleId, totalPrice, input.currency, reservedAt, expiresAt],
  );
  await takeSeats(trx, id, seats, expiresAt);
  await write(
    trx,
    'INSERT INTO reservation_ticket (reservation_id, concert_schedule_id, concert_seat_id, seat_location, price) VALUES ?',
    [seats.map((seat) => [id, input.scheduleId, seat.id, seat.location, seat.price])],
  );
  // The token lives as long as what it holds, so that its owner can pay. Holds start before `holdsUntil`, so this is one
  // hold's length at the most.
  if (token?.expiresAt && token.expiresAt < expiresAt) {
    await write(trx, 'UPDATE waiting_token SET expires_at = ? WHERE id = ?', [expiresAt, input.tokenId]);
  }
  const tickets = await select<ReservationView['tickets'][number]>(
    trx,
    `SELECT id, concert_seat_id AS seatId, seat_location AS location, price FROM reservation_ticket
     WHERE reservation_id = ? ORDER BY id`,
    [id],
  );
  return {
    id,
    status: 'HELD',
    scheduleId: input.scheduleId,
    totalPrice,
    currency: input.currency,
    reservedAt: reservedAt.toISOString(),
    expiresAt: expiresAt.toISOString(),
    expiresInSeconds: input.holdSeconds,
    completedAt: null,
    paymentId: null,
    tickets,
  };
}

/** The second guard: a seat that is not free any more is not counted, and the whole hold rolls back. */
async function takeSeats(trx: Transaction, reservationId: number, seats: Seat[], heldUntil: Date): Promise<void> {
  const ids = seats.map((seat) => seat.id);
  const { affectedRows } = await write(
    trx,
    `UPDATE concert_seat SET status = 'HELD', held_until = ?, reservation_id = ?
     WHERE id IN (?) AND (status = 'FREE' OR (status = 'HELD' AND held_until <= NOW(3)))`,
    [heldUntil, reservationId, ids],
  );
  if (affectedRows !== ids.length) throw seatTaken(ids);
}

function seatTaken(seatIds: number[]): Refusal {
  return new Refusal('seat_taken', `Already taken: seat ${seatIds.join(', ')}.`, { seatIds });
}
