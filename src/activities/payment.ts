import { activityInfo } from '@temporalio/activity';
import { admitNext } from '../db/admission';
import { settlePayment } from '../db/payment';
import { Refusal } from '../errors';
import { tellAdmitted, tellEnded, tellSettled } from '../temporal/notify';
import type { PaymentInput, PaymentResult } from '../workflows/messages';
import type { ActivityDeps } from './deps';
import { createRush, type Rush } from './rush';

export type PaymentActivities = ReturnType<typeof createPaymentActivities>;

export function createPaymentActivities({ db, client }: ActivityDeps, rush: Rush = createRush()) {
  return {
    /** Debits and sells in one transaction. A refusal is a result, not a failure; a repeated call gives the same payment. */
    async settlePayment(input: PaymentInput): Promise<PaymentResult> {
      rush.paying();
      const key = {
        userId: input.userId,
        hash: Buffer.from(input.keyHash, 'hex'),
        fingerprint: Buffer.from(input.fingerprint, 'hex'),
      };
      try {
        const { payment, underThisKey, tokenUsed } = await settlePayment(db, { ...input, key });
        const { id: paymentId, paidAt } = payment;
        return { outcome: 'PAID', paymentId, paidAt, keyHash: underThisKey ? input.keyHash : null, tokenUsed };
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        return { outcome: 'REFUSED', code: error.code, detail: error.detail };
      }
    },

    /**
     * Admits whoever gets the place of a used token, and tells the workflows of the reservation and the token. Nobody
     * waits for that, so it lets other payments pass first.
     */
    async announcePayment(input: PaymentInput, tokenUsed: boolean): Promise<void> {
      const admitted = tokenUsed ? await admitNext(db, input.queueId) : [];
      await rush.over(Date.now() - activityInfo().scheduledTimestampMs);
      await Promise.all([
        tellSettled(client, db, input.reservationId),
        tokenUsed ? tellEnded(client, db, input.tokenId) : undefined,
        tellAdmitted(client, db, admitted),
      ]);
    },
  };
}
