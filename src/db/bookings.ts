import { BOOKINGS_MAX, type BookingView } from '../contracts/operator';
import type { ReservationView } from '../contracts/reservation';
import type { Executor } from './connect';
import { findReservations } from './reservation';
import { select } from './sql';

/** What an operator knows of a booking. */
export type BookingSearch = { reservationId: number } | { userId: number } | { scheduleId: number; location: string };

/** The bookings that fit, newest first, with all that happened to them. */
export async function findBookings(db: Executor, search: BookingSearch): Promise<BookingView[]> {
  const ids = await findIds(db, search);
  if (ids.length === 0) return [];
  const [reservations, circumstances, movements] = await Promise.all([
    findReservations(db, ids),
    readCircumstances(db, ids),
    readMovements(db, ids),
  ]);
  const circumstancesOf = new Map(circumstances.map((row) => [row.id, row]));
  return reservations
    .sort((a, b) => b.view.id - a.view.id)
    .map(({ userId, view }) => {
      const { concert, place, concertAt, tokenId, ...token } = circumstancesOf.get(view.id) as Circumstances;
      const moved = movements.filter((movement) => movement.reference === referenceOf(view.id));
      return {
        userId,
        concert,
        place,
        concertAt: concertAt.toISOString(),
        queueTokenId: tokenId,
        reservation: view,
        timeline: timelineOf(view, token),
        money: moved.map(({ entryId, kind, amount, at }) => ({ entryId, kind, amount, at: at.toISOString() })),
      };
    });
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

interface Circumstances {
  id: number;
  concert: string;
  place: string;
  concertAt: Date;
  tokenId: number;
  issuedAt: Date;
  activatedAt: Date | null;
}

async function readCircumstances(db: Executor, ids: readonly number[]): Promise<Circumstances[]> {
  return select(
    db,
    `SELECT r.id, c.name AS concert, s.place, s.concert_date AS concertAt, t.id AS tokenId, t.issued_at AS issuedAt,
       t.activated_at AS activatedAt
     FROM reservation r JOIN concert_schedule s ON s.id = r.concert_schedule_id JOIN concert c ON c.id = s.concert_id
       JOIN waiting_token t ON t.id = r.waiting_token_id WHERE r.id IN (?)`,
    [ids],
  );
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

/** By the clock: a hold whose time is over has expired, whatever its row says. */
function timelineOf(
  { status, reservedAt, completedAt }: ReservationView,
  { issuedAt, activatedAt }: Pick<Circumstances, 'issuedAt' | 'activatedAt'>,
): BookingView['timeline'] {
  return [
    { kind: 'QUEUED', at: issuedAt.toISOString() },
    ...(activatedAt ? [{ kind: 'ADMITTED', at: activatedAt.toISOString() } as const] : []),
    { kind: 'HELD', at: reservedAt },
    ...(status !== 'HELD' && completedAt ? [{ kind: status, at: completedAt }] : []),
  ];
}
