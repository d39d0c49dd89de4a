import { createSettleOverdue, releaseHold, type Release } from '../db/release';
import type { ActivityDeps } from './deps';

export type ReservationActivities = ReturnType<typeof createReservationActivities>;

export function createReservationActivities({ db }: ActivityDeps) {
  const settleOverdue = createSettleOverdue(db);
  return {
    /** Says what has become of a hold, after freeing its seats if its time is over. */
    releaseHold: (reservationId: number): Promise<Release> => releaseHold(db, reservationId, settleOverdue),
  };
}
