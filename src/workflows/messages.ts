import { defineSignal, defineUpdate } from '@temporalio/workflow';
import type { ErrorCode } from '../errors';

/** What a queueToken workflow is started with: the row as it was when whoever starts it read it. */
export interface QueueTokenInput {
  tokenId: number;
  queueId: number;
  queue: string;
  ticketNo: number;
  /** Set once the token is ACTIVE. */
  expiresAtMs: number | null;
  /** While WAITING: how long until its estimated turn. */
  turnInMs: number;
}

export interface ReservationInput {
  reservationId: number;
  expiresAtMs: number;
}

export interface PaymentInput {
  reservationId: number;
  userId: number;
  tokenId: number;
  queueId: number;
  /** SHA-256 in hex: the key itself never enters a history. */
  keyHash: string;
  fingerprint: string;
}

/** Without the balance: what a fan owns is nobody's business who may read histories. */
export type PaymentResult =
  | {
      outcome: 'PAID';
      paymentId: number;
      paidAt: string;
      /** The idempotency key this payment was made under; null when it was made under an earlier run's. */
      keyHash: string | null;
      tokenUsed: boolean;
    }
  | { outcome: 'REFUSED'; code: ErrorCode; detail: string };

/** To a queueToken: it is ACTIVE now. */
export const admittedSignal = defineSignal<[{ expiresAtMs: number }]>('admitted');
/** To a queueToken: its row has ended. */
export const endedSignal = defineSignal('ended');
/** To a reservation: its row is PAID or CANCELLED. */
export const settledSignal = defineSignal('settled');
/** To a payment: answers as soon as the debit is committed or refused. */
export const payUpdate = defineUpdate<PaymentResult>('pay');
