import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { ReservationView } from '../contracts/reservation';
import type { Database } from '../db/connect';
import { findOutcomes } from '../db/idempotency';
import { findPaymentState } from '../db/payment-find';
import { PAY_MS } from '../temporal/connect';
import { payReservation, undecided, type PayAnswer, type PayRequest } from '../temporal/pay';
import type { Limit } from './limit';

/** A payment takes 0.05 s; who waits this long has perhaps lost its answer, and the row is one cheap look away. */
const LOOK_INTERVAL_MS = 1_000;
/** What begins later has little chance to be answered in time, and would keep its place for long after. */
const BEGIN_MS_MAX = PAY_MS / 2;

/**
 * Pays, and answers as soon as anybody knows the outcome. A busy Temporal was seen to abort an update whose payment was
 * made, and to refuse every retry of the call; the row decides, so it is looked at while the answer is awaited.
 */
export async function payOrFind(
  db: Database,
  client: Client,
  inFlight: Limit,
  request: PayRequest,
  hold: ReservationView,
): Promise<PayAnswer> {
  const answered = new AbortController();
  const beginUntilMs = performance.now() + BEGIN_MS_MAX;
  const paid = inFlight(async () => {
    // Its turn came too late: whoever comes after it may still be waited for.
    if (answered.signal.aborted || performance.now() > beginUntilMs) throw undecided();
    return payReservation(client, request, hold);
  });
  const found = findPaid(db, request, answered.signal);
  const tooLate = refuseAfter(PAY_MS, answered.signal);
  // Whichever comes later has nobody left to tell.
  for (const late of [paid, found, tooLate]) late.catch(() => undefined);
  try {
    return await Promise.race([paid, found, tooLate]);
  } finally {
    answered.abort();
  }
}

/** The client library looks at its deadline between two tries only, which may be five seconds apart. */
async function refuseAfter(deadlineMs: number, signal: AbortSignal): Promise<never> {
  await delay(deadlineMs, undefined, { signal });
  throw undecided();
}

/** The payment, once its row is there; rejects when `signal` says that it is not waited for any more. */
async function findPaid(db: Database, request: PayRequest, signal: AbortSignal): Promise<PayAnswer> {
  for (;;) {
    await delay(LOOK_INTERVAL_MS, undefined, { signal });
    const payment = await look(db, request).catch(() => undefined);
    if (payment) return payment;
  }
}

async function look(db: Database, { userId, reservationId, keyHash }: PayRequest): Promise<PayAnswer | undefined> {
  const { payment } = await findPaymentState(db, userId, reservationId);
  if (!payment) return undefined;
  const [stored] = await findOutcomes(db, [{ userId, hash: Buffer.from(keyHash, 'hex') }]);
  return { outcome: 'PAID', paymentId: payment.id, first: stored !== undefined };
}
