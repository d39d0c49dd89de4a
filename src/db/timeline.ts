import type { ReservationTimelineView } from '../contracts/reservation';
import type { Executor } from './connect';
import { findPayment } from './payment';
import { findReservation } from './reservation';
import { selectOne } from './sql';

interface About {
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
  if (!reservation) return undefined;
  const { paymentId, status, reservedAt, completedAt } = reservation;
  const [about, payment] = await Promise.all([
    readAbout(db, id),
    paymentId === null ? undefined : findPayment(db, userId, paymentId),
  ]);
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
    payment: payment ?? null,
  };
}

/** A hold has a date and was made with a token that was active: both are foreign keys. */
async function readAbout(db: Executor, reservationId: number): Promise<About> {
  const about = await selectOne<About>(
    db,
    `SELECT c.name AS concertName, s.place, s.concert_date AS concertAt, t.issued_at AS queuedAt,
       t.activated_at AS admittedAt
     FROM reservation r JOIN concert_schedule s ON s.id = r.concert_schedule_id JOIN concert c ON c.id = s.concert_id
       JOIN waiting_token t ON t.id = r.waiting_token_id
     WHERE r.id = ?`,
    [reservationId],
  );
  if (!about) throw new Error(`reservation ${reservationId} is gone`);
  return about;
}
