/** The workflows after changes that running ones do not survive. */
import { condition, proxyLocalActivities, setHandler, sleep } from '@temporalio/workflow';
import type { ReservationActivities } from '../../src/activities/reservation';
import { settledSignal, type ReservationInput } from '../../src/workflows/messages';
import { ROW_CALL } from '../../src/workflows/row-call';

const { releaseHold } = proxyLocalActivities<ReservationActivities>(ROW_CALL);

export const queueToken = otherwise;
export const payment = otherwise;
export const sweep = otherwise;

/** Does something else from its first step on. */
async function otherwise(): Promise<void> {
  await sleep('1 minute');
  await sleep('1 minute');
}

/** Does all that was recorded but its very last step: the search attribute is missing. */
export async function reservation(input: ReservationInput): Promise<string> {
  let settled = false;
  setHandler(settledSignal, () => {
    settled = true;
  });
  let remainingMs = input.expiresAtMs - Date.now();
  for (;;) {
    if (remainingMs > 0) await condition(() => settled, remainingMs);
    settled = false;
    const release = await releaseHold(input.reservationId);
    if (release.outcome !== 'TOO_EARLY') return release.outcome;
    remainingMs = release.remainingMs;
  }
}
