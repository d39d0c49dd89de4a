import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { Release } from '../../src/db/release';
import type { PaymentResult } from '../../src/workflows/messages';
import { PAYMENT_OUTCOME } from '../../src/workflows/search-attributes';
import { gate, historyOf, loadBundle, scripted, startTimeSkipping, unused, withWorker } from '../support/temporal';
import type { Bundle, Place } from '../support/temporal';
import { paid, payments, refused } from './payments';

const HOLD_MS = 300_000;

let env: TestWorkflowEnvironment;
let bundle: Bundle;

beforeAll(async () => {
  [env, bundle] = await Promise.all([startTimeSkipping(), loadBundle()]);
});
afterAll(() => env.teardown());

test('the fan has the answer before reservation and token have been told', async () => {
  const telling = gate();
  const announcePayment = scripted<void>(() => telling.opened);
  await withWorker(env, bundle, { settlePayment: scripted(paid), announcePayment }, async (place) => {
    const payment = payments(env, place);
    expect(await payment.pay('11-0')).toEqual(paid);
    const atTheAnswer = await historyOf(payment.handle);
    expect(atTheAnswer.count('ACTIVITY_TASK_COMPLETED')).toBe(0);
    telling.open();
    expect(await payment.handle.result()).toEqual(paid);
    expect(announcePayment.calls).toEqual([[payment.input, true]]);
  });
});

test.each(['insufficient_balance', 'hold_expired', 'queue_token_ended', 'reservation_not_payable'] as const)(
  'a payment refused with %s is a completed workflow with the refusal as its result, and tells nobody',
  async (code) => {
    const activities = { settlePayment: scripted(refused(code)), announcePayment: unused() };
    await withWorker(env, bundle, activities, async (place) => {
      const payment = payments(env, place);
      expect(await payment.pay('11-0')).toEqual(refused(code));
      expect(await payment.handle.result()).toEqual(refused(code));
      const { status, typedSearchAttributes } = await payment.handle.describe();
      expect([status.name, typedSearchAttributes.get(PAYMENT_OUTCOME)]).toEqual(['COMPLETED', code]);
      expect(activities.announcePayment.calls).toEqual([]);
    });
  },
);

test('fifty callers at once with one update id share one run, one debit and one answer', async () => {
  const settling = gate();
  const settlePayment = scripted<PaymentResult>(() => settling.opened.then(() => paid));
  await withWorker(env, bundle, { settlePayment, announcePayment: scripted<void>(undefined) }, async (place) => {
    const payment = payments(env, place);
    const answers = Array.from({ length: 50 }, () => payment.pay('11-0'));
    settling.open();
    expect(await Promise.all(answers)).toEqual(Array.from({ length: 50 }, () => paid));
    await payment.handle.result();
    expect(settlePayment.calls).toHaveLength(1); // every run settles, so there was one run
    expect((await historyOf(payment.handle)).count('WORKFLOW_EXECUTION_UPDATE_ACCEPTED')).toBe(1);
  });
});

test('a caller with an update of its own gets the same answer while the payment is being told', async () => {
  const telling = gate();
  const activities = { settlePayment: scripted(paid), announcePayment: scripted<void>(() => telling.opened) };
  await withWorker(env, bundle, activities, async (place) => {
    const payment = payments(env, place);
    await payment.pay('11-0');
    expect(await payment.pay('11-1')).toEqual(paid);
    telling.open();
    await payment.handle.result();
    expect(activities.settlePayment.calls).toHaveLength(1);
  });
});

test('telling is repeated until it succeeds, the debit is not', async () => {
  const failures = Array.from({ length: 4 }, () => new Error('the server is away'));
  const activities = { settlePayment: scripted(paid), announcePayment: scripted<void>(...failures, undefined) };
  await withWorker(env, bundle, activities, async (place) => {
    const payment = payments(env, place);
    expect(await payment.pay('11-0')).toEqual(paid);
    expect(await payment.handle.result()).toEqual(paid);
    expect(activities.announcePayment.calls).toHaveLength(5);
    expect(activities.settlePayment.calls).toHaveLength(1);
  });
});

test('a database that fails for a moment delays the answer and refuses nothing', async () => {
  const settlePayment = scripted<PaymentResult>(new Error('deadlock'), new Error('lock wait'), paid);
  await withWorker(env, bundle, { settlePayment, announcePayment: scripted<void>(undefined) }, async (place) => {
    const payment = payments(env, place);
    expect(await payment.pay('11-0')).toEqual(paid);
    expect(await payment.handle.result()).toEqual(paid);
    expect(settlePayment.calls).toHaveLength(3);
  });
});

test('after a refusal, a second run under a new update id may pay', async () => {
  const settlePayment = scripted<PaymentResult>(refused('insufficient_balance'), paid);
  await withWorker(env, bundle, { settlePayment, announcePayment: scripted<void>(undefined) }, async (place) => {
    const payment = payments(env, place);
    expect(await payment.pay('11-0')).toEqual(refused('insufficient_balance'));
    expect(await payment.handle.result()).toEqual(refused('insufficient_balance'));
    const firstRun = (await payment.handle.describe()).runId;
    expect(await payment.pay('11-1')).toEqual(paid);
    expect(await payment.handle.result()).toEqual(paid);
    expect((await payment.handle.describe()).runId).not.toBe(firstRun);
  });
});

describe('payment against expiry, one row deciding', () => {
  /** The reservation's row: whoever comes first while it is HELD decides. */
  function createRow(expiresAtMs: number) {
    let status: 'HELD' | 'PAID' | 'EXPIRED' = 'HELD';
    return {
      async settlePayment(): Promise<PaymentResult> {
        if (status === 'HELD' && (await env.currentTimeMs()) < expiresAtMs) status = 'PAID';
        return status === 'PAID' ? paid : refused('hold_expired');
      },
      async releaseHold(): Promise<Release> {
        const remainingMs = expiresAtMs - (await env.currentTimeMs());
        if (status === 'HELD' && remainingMs > 0) return { outcome: 'TOO_EARLY', remainingMs };
        if (status === 'HELD') status = 'EXPIRED';
        return { outcome: status };
      },
      // Nobody is told: only the row stands between the two.
      announcePayment: async () => {},
    };
  }

  async function holdUntil(place: Place, expiresAtMs: number) {
    const options = { taskQueue: place.taskQueue, workflowId: place.id('reservation') };
    return env.client.workflow.start('reservation', { ...options, args: [{ reservationId: 7, expiresAtMs }] });
  }

  test('a payment that commits first makes the reservation end as PAID at its deadline', async () => {
    const expiresAtMs = (await env.currentTimeMs()) + HOLD_MS;
    await withWorker(env, bundle, createRow(expiresAtMs), async (place) => {
      const hold = await holdUntil(place, expiresAtMs);
      expect(await payments(env, place).pay('11-0')).toEqual(paid);
      expect(await hold.result()).toBe('PAID');
      expect((await historyOf(hold)).count('TIMER_FIRED')).toBeGreaterThan(0);
    });
  });

  test('an expiry that commits first refuses the payment, and nothing is told', async () => {
    const expiresAtMs = (await env.currentTimeMs()) + HOLD_MS;
    await withWorker(env, bundle, createRow(expiresAtMs), async (place) => {
      const hold = await holdUntil(place, expiresAtMs);
      expect(await hold.result()).toBe('EXPIRED');
      const payment = payments(env, place);
      expect(await payment.pay('11-0')).toEqual(refused('hold_expired'));
      await payment.handle.result();
      expect((await historyOf(payment.handle)).count('ACTIVITY_TASK_SCHEDULED')).toBe(0);
    });
  });
});
