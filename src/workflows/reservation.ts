import {
  condition,
  proxyLocalActivities,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import type { ReservationActivities } from '../activities/reservation';
import { settledSignal, type ReservationInput } from './messages';
import { ROW_CALL } from './row-call';
import { RESERVATION_STATUS } from './search-attributes';

export type ReservationOutcome = 'PAID' | 'EXPIRED' | 'CANCELLED' | 'GONE';

const { releaseHold } = proxyLocalActivities<ReservationActivities>(ROW_CALL);

/** The life of one hold: until it is paid or cancelled, or its time is over and its seats are free again. */
export async function reservation(input: ReservationInput): Promise<ReservationOutcome> {
  let settled = false;
  // Before the first await: an early signal must not be lost.
  setHandler(settledSignal, () => {
    settled = true;
  });
  setCurrentDetails(`Held until ${new Date(input.expiresAtMs).toISOString()}`);

  let remainingMs = input.expiresAtMs - Date.now();
  for (;;) {
    if (remainingMs > 0) await condition(() => settled, remainingMs, { summary: 'hold expires' });
    // Reset before the row is read: a signal without a settled row must not make this spin, one during the call is kept.
    settled = false;
    // The row arbitrates: a payment may have committed while its signal was still under way.
    const release = await releaseHold(input.reservationId);
    if (release.outcome !== 'TOO_EARLY') return finish(release.outcome);
    remainingMs = release.remainingMs;
  }
}

function finish(outcome: ReservationOutcome): ReservationOutcome {
  setCurrentDetails(`Ended: ${outcome}`);
  upsertSearchAttributes([{ key: RESERVATION_STATUS, value: outcome }]);
  return outcome;
}
