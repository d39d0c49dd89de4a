import type { ReservationView } from '../contracts/reservation';
import { Refusal } from '../errors';
import { freeSeats } from './cancel';
import type { Database, Executor, Transaction } from './connect';
import { UNTOLD_AGAIN } from './dispatch';
import { readClock, select, selectOne, write } from './sql';
import { transact } from './transaction';

interface ReservationRow {
  id: number;
  userId: number;
  status: ReservationView['status'];
  scheduleId: number;
  totalPrice: number;
  currency: string;
  reservedAt: Date;
  expiresAt: Date;
  completedAt: Date | null;
  paymentId: number | null;
  now: Date;
}

/** An overdue hold reads EXPIRED, completed at its deadline, whether or not its row was settled yet. */
const COLUMNS = `r.id, r.user_id AS userId, IF(r.status = 'HELD' AND r.expires_at <= NOW(3), 'EXPIRED', r.status) AS status,
  r.concert_schedule_id AS scheduleId, r.total_price AS totalPrice, r.currency, r.reserved_at AS reservedAt,
  r.expires_at AS expiresAt, IF(r.status = 'HELD' AND r.expires_at <= NOW(3), r.expires_at, r.completed_at) AS completedAt,
  p.id AS paymentId, NOW(3) AS now`;
const FROM = 'FROM reservation r LEFT JOIN payment p ON p.reservation_id = r.id';

/** A user's reservations, newest first, older than `beforeId`. */
export async function listReservations(
  db: Executor,
  userId: number,
  page: { limit: number; beforeId?: number | undefined },
): Promise<ReservationView[]> {
  const rows = await select<ReservationRow>(
    db,
    `SELECT ${COLUMNS} ${FROM} WHERE r.user_id = ? AND r.id < ? ORDER BY r.id DESC LIMIT ?`,
    [userId, page.beforeId ?? Number.MAX_SAFE_INTEGER, page.limit],
  );
  return withTickets(db, rows);
}

/** A user's reservation; `undefined` if there is none, or it is somebody else's. */
export async function findReservation(db: Executor, userId: number, id: number): Promise<ReservationView | undefined> {
  const rows = await select<ReservationRow>(db, `SELECT ${COLUMNS} ${FROM} WHERE r.id = ? AND r.user_id = ?`, [
    id,
    userId,
  ]);
  return (await withTickets(db, rows))[0];
}

/** These reservations with their owners, for whoever starts or reads their workflows. */
export async function findReservations(
  db: Executor,
  ids: readonly number[],
): Promise<{ userId: number; view: ReservationView }[]> {
  if (ids.length === 0) return [];
  const rows = await select<ReservationRow>(db, `SELECT ${COLUMNS} ${FROM} WHERE r.id IN (?)`, [ids]);
  const views = await withTickets(db, rows);
  return rows.map((row, index) => ({ userId: row.userId, view: views[index] as ReservationView }));
}

async function withTickets(db: Executor, rows: ReservationRow[]): Promise<ReservationView[]> {
  if (rows.length === 0) return [];
  const tickets = await select<ReservationView['tickets'][number] & { reservationId: number }>(
    db,
    `SELECT reservation_id AS reservationId, id, concert_seat_id AS seatId, seat_location AS location, price
     FROM reservation_ticket WHERE reservation_id IN (?) ORDER BY id`,
    [rows.map((row) => row.id)],
  );
  return rows.map((row) => ({
    id: row.id,
    status: row.status,
    scheduleId: row.scheduleId,
    totalPrice: row.totalPrice,
    currency: row.currency,
    reservedAt: row.reservedAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
    expiresInSeconds: row.status === 'HELD' ? Math.ceil((row.expiresAt.getTime() - row.now.getTime()) / 1_000) : 0,
    completedAt: row.completedAt?.toISOString() ?? null,
    paymentId: row.paymentId,
    tickets: tickets
      .filter((ticket) => ticket.reservationId === row.id)
      .map(({ id, seatId, location, price }) => ({ id, seatId, location, price })),
  }));
}

/**
 * Cancels a user's live hold; its seats are free at once. Expired and cancelled ones are given back unchanged, a paid
 * one is refused (`reservation_not_cancellable`). `undefined`: not this user's.
 */
export async function cancelReservation(
  db: Database,
  userId: number,
  id: number,
): Promise<{ reservation: ReservationView; changed: boolean } | undefined> {
  return transact(db, async (trx) => {
    const locked = await lockReservation(trx, id);
    if (locked?.userId !== userId) return undefined;
    if (locked.status === 'PAID') {
      throw new Refusal('reservation_not_cancellable', `Reservation ${id} is paid.`);
    }
    const now = await readClock(trx);
    const changed = locked.status === 'HELD' && locked.expiresAt > now;
    if (changed) {
      await write(trx, `UPDATE reservation SET status = 'CANCELLED', completed_at = ?, ${UNTOLD_AGAIN} WHERE id = ?`, [
        now,
        id,
      ]);
      await freeSeats(trx, [id]);
    }
    const reservation = await findReservation(trx, userId, id);
    return reservation && { reservation, changed };
  });
}

export interface LockedReservation {
  id: number;
  userId: number;
  tokenId: number;
  scheduleId: number;
  status: ReservationView['status'];
  totalPrice: number;
  currency: string;
  expiresAt: Date;
}

/** The columns of a `LockedReservation`, of `reservation r`. */
export const LOCKED_COLUMNS = `r.id, r.user_id AS userId, r.waiting_token_id AS tokenId, r.concert_schedule_id AS scheduleId,
  r.status, r.total_price AS totalPrice, r.currency, r.expires_at AS expiresAt`;

/** Locks a reservation's row and gives it as it is written there: an overdue hold still says HELD. */
export async function lockReservation(trx: Transaction, id: number): Promise<LockedReservation | undefined> {
  return selectOne<LockedReservation>(trx, `SELECT ${LOCKED_COLUMNS} FROM reservation r WHERE r.id = ? FOR UPDATE`, [
    id,
  ]);
}
