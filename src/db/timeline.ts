import type { ReservationTimelineView, ReservationView } from '../contracts/reservation';
import type { Executor } from './connect';
import { findPaymentsOf } from './payment-find';
import { findReservation } from './reservation';
import { select } from './sql';

interface About {
  reservationId: number;
  concertName: string;
  place: string;
  concertAt: Date;
  queuedAt: Date;
  admittedAt: Date;
}

/** What a user's reservation is for and how it went; `undefined` if there is none, or it is somebody else's. */
export async function findTimeline(
  db: Executor,
  userId: number,
  id: number,
): Promise<ReservationTimelineView | undefined> {
  const reservation = await findReservation(db, userId, id);
  return reservation && (await findTimelines(db, [reservation]))[0];
}

/** What these reservations, of which there is at least one, are for and how they went, in their order. */
export async function findTimelines(
  db: Executor,
  reservations: readonly ReservationView[],
): Promise<ReservationTimelineView[]> {
  const ids = reservations.map(({ id }) => id);
  const [abouts, payments] = await Promise.all([readAbouts(db, ids), findPaymentsOf(db, ids)]);
  return reservations.map(({ id, status, reservedAt, completedAt }) => {
    const about = abouts.find(({ reservationId }) => reservationId === id);
    if (!about) throw new Error(`reservation ${id} is gone`);
    return {
      reservationId: id,
      concertName: about.concertName,
      place: about.place,
      concertAt: about.concertAt.toISOString(),
      steps: [
        { step: 'QUEUED', at: about.queuedAt.toISOString() },
        { step: 'ADMITTED', at: about.admittedAt.toISOString() },
        { step: 'HELD', at: reservedAt },
        ...(status !== 'HELD' && completedAt ? [{ step: status, at: completedAt }] : []),
      ],
      payment: payments.find(({ reservationId }) => reservationId === id) ?? null,
    };
  });
}

/** A hold has a date and was made with a token that was active: both are foreign keys. */
async function readAbouts(db: Executor, reservationIds: readonly number[]): Promise<About[]> {
  return select<About>(
    db,
    `SELECT r.id AS reservationId, c.name AS concertName, s.place, s.concert_date AS concertAt, t.issued_at AS queuedAt,
       t.activated_at AS admittedAt
     FROM reservation r JOIN concert_schedule s ON s.id = r.concert_schedule_id JOIN concert c ON c.id = s.concert_id
       JOIN waiting_token t ON t.id = r.waiting_token_id
     WHERE r.id IN (?)`,
    [reservationIds],
  );
}
