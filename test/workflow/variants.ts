/** The workflows without one guard each, for the control tests: what their guards are there for is seen here. */
import { condition, proxyActivities, proxyLocalActivities, setHandler } from '@temporalio/workflow';
import type { PaymentActivities } from '../../src/activities/payment';
import type { QueueActivities } from '../../src/activities/queue';
import type { ReservationActivities } from '../../src/activities/reservation';
import {
  admittedSignal,
  payUpdate,
  settledSignal,
  type PaymentInput,
  type PaymentResult,
  type QueueTokenInput,
  type ReservationInput,
} from '../../src/workflows/messages';
import type { ReservationOutcome } from '../../src/workflows/reservation';
import { ROW_CALL } from '../../src/workflows/row-call';

const { releaseHold } = proxyLocalActivities<ReservationActivities>(ROW_CALL);
const { takeTurn, endToken } = proxyLocalActivities<QueueActivities>(ROW_CALL);
const { settlePayment } = proxyLocalActivities<PaymentActivities>(ROW_CALL);
const { announcePayment } = proxyActivities<PaymentActivities>({ startToCloseTimeout: '20 seconds' });

/** Sets its handler only after the first wait. */
export async function reservationHandlerLate(input: ReservationInput): Promise<ReservationOutcome> {
  let settled = false;
  const wait = (ms: number) => condition(() => settled, ms);
  await wait(input.expiresAtMs - Date.now());
  setHandler(settledSignal, () => {
    settled = true;
  });
  const release = await releaseHold(input.reservationId);
  return release.outcome === 'TOO_EARLY' ? 'GONE' : release.outcome;
}

/** Believes its timer instead of the row. */
export async function reservationWithoutRecheck(input: ReservationInput): Promise<ReservationOutcome> {
  let settled = false;
  setHandler(settledSignal, () => {
    settled = true;
  });
  const told = await condition(() => settled, input.expiresAtMs - Date.now());
  return told ? 'PAID' : 'EXPIRED';
}

/** Forgets the signal only after the row was read (`after`), or never (`never`). */
function reservationResetting(when: 'after' | 'never') {
  return async (input: ReservationInput): Promise<ReservationOutcome> => {
    let settled = false;
    setHandler(settledSignal, () => {
      settled = true;
    });
    let remainingMs = input.expiresAtMs - Date.now();
    for (;;) {
      if (remainingMs > 0) await condition(() => settled, remainingMs);
      const release = await releaseHold(input.reservationId);
      if (release.outcome !== 'TOO_EARLY') return release.outcome;
      if (when === 'after') settled = false;
      remainingMs = release.remainingMs;
    }
  };
}
export const reservationResetAfter = reservationResetting('after');
export const reservationResetNever = reservationResetting('never');

/** Lets the answer of `takeTurn` overwrite an admission that came meanwhile. */
export async function queueTokenOverwriting(input: QueueTokenInput): Promise<string> {
  let expiresAtMs = input.expiresAtMs;
  setHandler(admittedSignal, (admission) => {
    expiresAtMs = admission.expiresAtMs;
  });
  let turnInMs = input.turnInMs;
  while (expiresAtMs === null) {
    if (turnInMs > 0) await condition(() => expiresAtMs !== null, turnInMs);
    if (expiresAtMs !== null) break;
    const turn = await takeTurn(input.tokenId, input.queueId);
    if (turn.status === 'GONE') return turn.status;
    expiresAtMs = turn.expiresAtMs;
    turnInMs = turn.turnInMs;
  }
  return (await endToken(input.tokenId, input.queueId)).outcome;
}

/** Believes its own deadline: a hold that extended the token is not asked for. */
export async function queueTokenWithoutRecheck(input: QueueTokenInput): Promise<string> {
  await condition(() => false, (input.expiresAtMs ?? 0) - Date.now());
  return 'EXPIRED';
}

/** Answers only when everybody has been told. */
export async function paymentAnsweringLate(input: PaymentInput): Promise<PaymentResult> {
  let result: PaymentResult | undefined;
  setHandler(payUpdate, async () => {
    await condition(() => result !== undefined);
    return result as PaymentResult;
  });
  const settled = await settlePayment(input);
  if (settled.outcome === 'PAID') await announcePayment(input, settled.tokenUsed);
  result = settled;
  return settled;
}

/** Sets its handler only after the first await. */
export async function paymentHandlerLate(input: PaymentInput): Promise<PaymentResult> {
  const result = await settlePayment(input);
  setHandler(payUpdate, async () => result);
  return result;
}
