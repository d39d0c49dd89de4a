import { WithStartWorkflowOperation } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { ErrorCode } from '../../src/errors';
import { payUpdate, type PaymentInput, type PaymentResult } from '../../src/workflows/messages';
import type { Place } from '../support/temporal';

const input: PaymentInput = {
  reservationId: 7,
  userId: 5,
  tokenId: 11,
  queueId: 3,
  keyHash: 'a'.repeat(64),
  fingerprint: 'b'.repeat(64),
};

export const paid: PaymentResult = {
  outcome: 'PAID',
  paymentId: 1,
  paidAt: '2026-01-01T00:00:00.000Z',
  keyHash: input.keyHash,
  tokenUsed: true,
};

export const refused = (code: ErrorCode): PaymentResult => ({
  outcome: 'REFUSED',
  code,
  detail: 'Not today.',
});

/** Pays as the API does: by Update-with-Start, under one workflow id. */
export function payments(env: TestWorkflowEnvironment, place: Place, workflow = 'payment') {
  const workflowId = place.id('payment');
  return {
    input,
    handle: env.client.workflow.getHandle<(input: PaymentInput) => Promise<PaymentResult>>(workflowId),
    pay(updateId: string): Promise<PaymentResult> {
      const startWorkflowOperation = new WithStartWorkflowOperation(workflow, {
        workflowId,
        workflowIdReusePolicy: 'ALLOW_DUPLICATE',
        workflowIdConflictPolicy: 'USE_EXISTING',
        taskQueue: place.taskQueue,
        args: [input],
      });
      return env.client.workflow.executeUpdateWithStart(payUpdate, { updateId, startWorkflowOperation });
    },
  };
}
