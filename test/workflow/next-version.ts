/** Reservations as a later version might have them: with one more step. */
import { condition, patched, proxyLocalActivities, setHandler, upsertSearchAttributes } from '@temporalio/workflow';
import type { ReservationActivities } from '../../src/activities/reservation';
import { settledSignal, type ReservationInput } from '../../src/workflows/messages';
import type { ReservationOutcome } from '../../src/workflows/reservation';
import { ROW_CALL } from '../../src/workflows/row-call';
import { RESERVATION_STATUS } from '../../src/workflows/search-attributes';

const { releaseHold } = proxyLocalActivities<ReservationActivities>(ROW_CALL);

/** The step is added before the timer, where running ones have passed already: `patched` lets only new ones take it. */
function changed(isNew: () => boolean) {
  return async (input: ReservationInput): Promise<ReservationOutcome> => {
    let settled = false;
    setHandler(settledSignal, () => {
      settled = true;
    });
    if (isNew()) upsertSearchAttributes([{ key: RESERVATION_STATUS, value: 'HELD' }]);
    await condition(() => settled, input.expiresAtMs - Date.now());
    const release = await releaseHold(input.reservationId);
    return release.outcome === 'TOO_EARLY' ? 'GONE' : release.outcome;
  };
}

export const reservation = changed(() => patched('one-more-step'));
export const reservationUnpatched = changed(() => true);
