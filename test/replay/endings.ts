import type { QueueTokenOutcome } from '../../src/workflows/queue-token';
import type { ReservationOutcome } from '../../src/workflows/reservation';

/**
 * The recorded histories, by workflow and by what it ended with: at least one for every way to end. A new outcome in a
 * workflow's type does not compile until it has its history here.
 */
export const ENDINGS = {
  reservation: {
    PAID: ['reservation-paid-by-signal', 'reservation-paid-without-signal'],
    EXPIRED: ['reservation-expired', 'reservation-expired-after-too-early', 'reservation-expired-after-outage'],
    CANCELLED: ['reservation-cancelled'],
    GONE: ['reservation-gone'],
  } satisfies Record<ReservationOutcome, readonly string[]>,
  queueToken: {
    USED: ['queue-token-used', 'queue-token-used-after-extension'],
    EXPIRED: ['queue-token-expired', 'queue-token-expired-after-own-turn', 'queue-token-expired-after-second-turn'],
    LEFT: ['queue-token-left-while-waiting', 'queue-token-left-while-active', 'queue-token-left-before-start'],
    GONE: ['queue-token-gone-while-waiting', 'queue-token-gone-while-active'],
  } satisfies Record<QueueTokenOutcome, readonly string[]>,
  payment: {
    PAID: ['payment-paid', 'payment-paid-told-late', 'payment-paid-asked-twice'],
    insufficient_balance: ['payment-refused-insufficient-balance'],
    hold_expired: ['payment-refused-hold-expired'],
    queue_token_ended: ['payment-refused-queue-token-ended'],
    reservation_not_payable: ['payment-refused-reservation-not-payable'],
  },
  sweep: {
    report: ['sweep-sound', 'sweep-violated'],
  },
} as const satisfies Record<string, Record<string, readonly string[]>>;
