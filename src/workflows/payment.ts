import {
  allHandlersFinished,
  condition,
  proxyActivities,
  proxyLocalActivities,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import type { PaymentActivities } from '../activities/payment';
import { payUpdate, type PaymentInput, type PaymentResult } from './messages';
import { ROW_CALL } from './row-call';
import { PAYMENT_OUTCOME } from './search-attributes';

const { settlePayment } = proxyLocalActivities<PaymentActivities>({
  ...ROW_CALL,
  summary: 'debit the balance, sell the seats',
});
const { announcePayment } = proxyActivities<PaymentActivities>({
  startToCloseTimeout: '20 seconds',
  retry: { initialInterval: '200 milliseconds', maximumInterval: '30 seconds' },
  summary: 'tell reservation and token, hand the place on',
});

/**
 * Pays one reservation. The update answers as soon as the database has decided; only then are the reservation and the
 * token told, so a slow signal never delays a fan. A refusal is a result: a failed run means a fault.
 */
export async function payment(input: PaymentInput): Promise<PaymentResult> {
  let result: PaymentResult | undefined;
  setHandler(payUpdate, async () => {
    await condition(() => result !== undefined);
    return result as PaymentResult;
  });

  result = await settlePayment(input);
  upsertSearchAttributes([{ key: PAYMENT_OUTCOME, value: result.outcome === 'PAID' ? 'PAID' : result.code }]);
  setCurrentDetails(result.outcome === 'PAID' ? `Paid at ${result.paidAt}` : `Refused: ${result.code}`);
  if (result.outcome === 'PAID') await announcePayment(input, result.tokenUsed);
  await condition(allHandlersFinished);
  return result;
}
