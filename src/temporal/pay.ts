import {
  isGrpcServiceError,
  ServiceError,
  WithStartWorkflowOperation,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
  type Client,
} from '@temporalio/client';
import type { ReservationView } from '../contracts/reservation';
import { Refusal } from '../errors';
import { payUpdate, type PaymentInput, type PaymentResult } from '../workflows/messages';
import { paymentStart } from './starts';

export interface PayRequest extends PaymentInput {
  /** The user's last ledger entry: once it is another one, a refused payment is worth a new try. */
  lastEntryId: number;
}

export type PayAnswer =
  { outcome: 'PAID'; paymentId: number; first: boolean } | Extract<PaymentResult, { outcome: 'REFUSED' }>;

/**
 * Pays a reservation in its workflow and answers as soon as the debit is committed. `first` is true for the request whose
 * key the payment was made under. Throws `unavailable` when Temporal gave no answer: then the payment may still be
 * made, and the same request with the same key will tell.
 */
export async function payReservation(client: Client, request: PayRequest, hold: ReservationView): Promise<PayAnswer> {
  const result = await execute(client, request, hold);
  if (result.outcome === 'REFUSED') return result;
  return { outcome: 'PAID', paymentId: result.paymentId, first: result.keyHash === request.keyHash };
}

async function execute(client: Client, request: PayRequest, hold: ReservationView): Promise<PaymentResult> {
  const { lastEntryId, ...input } = request;
  try {
    return await client.workflow.executeUpdateWithStart(payUpdate, {
      // The same for parallel callers, so that they share one run; another once a refusal's reason can be gone,
      // because the server goes on answering a closed run's update from its result.
      updateId: `${input.tokenId}-${lastEntryId}`,
      startWorkflowOperation: new WithStartWorkflowOperation('payment', paymentStart(input, hold)),
    });
  } catch (error) {
    if (!isUndecided(error)) throw error;
    throw undecided(error);
  }
}

/** Nobody knows yet whether the payment is made. */
export function undecided(cause?: unknown): Refusal {
  const detail = 'The payment could not be decided in time; repeat the request with the same key.';
  return new Refusal('unavailable', detail, {}, cause);
}

/** Temporal is away, or no worker answered in time, or the run was stopped by an operator: the row will tell. */
function isUndecided(error: unknown): boolean {
  return (
    error instanceof ServiceError ||
    error instanceof WorkflowUpdateRPCTimeoutOrCancelledError ||
    error instanceof WorkflowUpdateFailedError ||
    isGrpcServiceError(error)
  );
}
