import { BOOKINGS_MAX, type BookingView } from '../contracts/operator';
import type { Executor } from './connect';
import { findReservations } from './reservation';
import { select } from './sql';
import { findTimelines } from './timeline';

/** What an operator knows of a booking. */
export type BookingSearch = { reservationId: number } | { userId: number } | { scheduleId: number; location: string };

/** The bookings that fit, newest first, with all that happened to them. */
export async function findBookings(db: Executor, search: BookingSearch): Promise<BookingView[]> {
  const ids = await findIds(db, search);
  const found = (await findReservations(db, ids)).sort((a, b) => b.view.id - a.view.id);
  if (found.length === 0) return [];
  const [timelines, tokenIds, movements] = await Promise.all([
    findTimelines(
      db,
      found.map(({ view }) => view),
    ),
    readTokenIds(db, ids),
    readMovements(db, ids),
  ]);
  return found.map(({ userId, view }, index) => ({
    userId,
    queueTokenId: tokenIds.get(view.id) as number,
    reservation: view,
    timeline: timelines[index] as BookingView['timeline'],
    money: movements
      .filter(({ reference }) => reference === referenceOf(view.id))
      .map(({ entryId, kind, amount, at }) => ({ entryId, kind, amount, at: at.toISOString() })),
  }));
}

async function findIds(db: Executor, search: BookingSearch): Promise<number[]> {
  if ('reservationId' in search) return [search.reservationId];
  const rows =
    'userId' in search
      ? await select<{ id: number }>(db, 'SELECT id FROM reservation WHERE user_id = ? ORDER BY id DESC LIMIT ?', [
          search.userId,
          BOOKINGS_MAX,
        ])
      : await select<{ id: number }>(
          db,
          `SELECT t.reservation_id AS id FROM concert_seat s JOIN reservation_ticket t ON t.concert_seat_id = s.id
           WHERE s.concert_schedule_id = ? AND s.location = ? ORDER BY t.reservation_id DESC LIMIT ?`,
          [search.scheduleId, search.location, BOOKINGS_MAX],
        );
  return rows.map((row) => row.id);
}

async function readTokenIds(db: Executor, ids: readonly number[]): Promise<Map<number, number>> {
  const rows = await select<{ id: number; tokenId: number }>(
    db,
    'SELECT id, waiting_token_id AS tokenId FROM reservation WHERE id IN (?)',
    [ids],
  );
  return new Map(rows.map(({ id, tokenId }) => [id, tokenId]));
}

const referenceOf = (reservationId: number): string => `payment-reservation-${reservationId}`;

interface Movement {
  entryId: number;
  kind: BookingView['money'][number]['kind'];
  amount: number;
  reference: string;
  at: Date;
}

async function readMovements(db: Executor, ids: readonly number[]): Promise<Movement[]> {
  return select(
    db,
    `SELECT id AS entryId, kind, amount, reference, created_at AS at FROM asset_entry WHERE reference IN (?) ORDER BY id`,
    [ids.map(referenceOf)],
  );
}
