import { WorkflowExecutionAlreadyStartedError, type WorkflowStartOptions } from '@temporalio/client';
import type { ReservationView } from '../contracts/reservation';
import type { QueueToken } from '../db/tokens';
import { paymentWorkflowId, queueTokenWorkflowId, reservationWorkflowId } from '../workflows/ids';
import type { PaymentInput, QueueTokenInput, ReservationInput } from '../workflows/messages';
import { QUEUE_NAME, RESERVATION_STATUS, SCHEDULE_ID, USER_ID } from '../workflows/search-attributes';

type StartOptions<Input> = WorkflowStartOptions<(input: Input) => Promise<unknown>>;

/** A workflow that is there counts as started, running or ended; only one that failed is run anew. */
const START_ONCE = {
  workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY',
  workflowIdConflictPolicy: 'USE_EXISTING',
} as const;

/** Waits for a start or signal-with-start; a workflow that has ended already needs neither. */
export async function unlessThere(call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}

/** While it waits, a token's own timer is only the last resort; this spreads those of a long line. */
const WAKE_UPS_PER_SECOND_MAX = 2;
/** Whoever makes room, and every API process, admits at once: nobody needs to look sooner than this. */
const TURN_MS_MIN = 10_000;
/** A resumed queue admits at once, too. */
const PAUSED_TURN_MS_MIN = 600_000;

/** When to look again whether it is the turn of someone with `ahead` people before them: never sooner than it can be. */
export function turnInMs(ahead: number, queue: { maxActive: number; activeSeconds: number; paused: boolean }): number {
  // A cap of 0 lets nobody in: look again when a place of one would be free.
  const placeMs = (queue.activeSeconds * 1_000) / Math.max(1, queue.maxActive);
  const turnMs = (ahead + 1) * Math.max(placeMs, 1_000 / WAKE_UPS_PER_SECOND_MAX);
  return Math.ceil(Math.max(turnMs, queue.paused ? PAUSED_TURN_MS_MIN : TURN_MS_MIN));
}

export function queueTokenStart(token: QueueToken, waitMs: number): StartOptions<QueueTokenInput> {
  return {
    ...START_ONCE,
    workflowId: queueTokenWorkflowId(token.id),
    taskQueue: 'frontrow-queue',
    args: [
      {
        tokenId: token.id,
        queueId: token.queueId,
        queue: token.queue,
        ticketNo: token.ticketNo,
        expiresAtMs: token.expiresAt?.getTime() ?? null,
        turnInMs: waitMs,
      },
    ],
    staticSummary: `Ticket ${token.ticketNo} of queue ${token.queue}`,
    typedSearchAttributes: [
      { key: QUEUE_NAME, value: token.queue },
      { key: USER_ID, value: token.userId },
    ],
  };
}

export function reservationStart(userId: number, hold: ReservationView): StartOptions<ReservationInput> {
  return {
    ...START_ONCE,
    workflowId: reservationWorkflowId(hold.id),
    taskQueue: 'frontrow-reservation',
    args: [{ reservationId: hold.id, expiresAtMs: Date.parse(hold.expiresAt) }],
    staticSummary: bookingSummary(hold),
    typedSearchAttributes: [
      { key: USER_ID, value: userId },
      { key: SCHEDULE_ID, value: hold.scheduleId },
      { key: RESERVATION_STATUS, value: hold.status },
    ],
  };
}

/** The row keeps it at one payment, so a run that ended in a refusal may be followed by another. */
export function paymentStart(input: PaymentInput, hold: ReservationView) {
  return {
    workflowId: paymentWorkflowId(input.reservationId),
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    workflowIdConflictPolicy: 'USE_EXISTING',
    taskQueue: 'frontrow-payment',
    args: [input],
    staticSummary: bookingSummary(hold),
    typedSearchAttributes: [
      { key: USER_ID, value: input.userId },
      { key: SCHEDULE_ID, value: hold.scheduleId },
    ],
  } satisfies StartOptions<PaymentInput>;
}

/** Such as "3 seats, A-1 A-2 A-3, 297,000 KRW"; amounts are in the currency's minor unit. */
export function bookingSummary(hold: ReservationView): string {
  const seats = hold.tickets.map((ticket) => ticket.location).join(' ');
  const count = `${hold.tickets.length} seat${hold.tickets.length === 1 ? '' : 's'}`;
  return `${count}, ${seats}, ${formatMoney(hold.totalPrice, hold.currency)}`;
}

function formatMoney(minorUnits: number, currency: string): string {
  const digits =
    new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 0;
  const amount = minorUnits / 10 ** digits;
  return `${amount.toLocaleString('en', { minimumFractionDigits: digits })} ${currency}`;
}
