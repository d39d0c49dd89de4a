import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { Turn } from '../../src/activities/queue';
import type { Release, TokenEnding } from '../../src/db/release';
import { admittedSignal, settledSignal } from '../../src/workflows/messages';
import { bundleOf, gate, historyOf, scripted, startTimeSkipping, until, withWorker } from '../support/temporal';
import type { Bundle, Place } from '../support/temporal';
import { paid, payments } from './payments';

const HOLD_MS = 300_000;
/** More than a signal needs to be seen, less than any deadline here. */
const AT_ONCE_MS = 60_000;
const tooEarly = (remainingMs: number): Release => ({ outcome: 'TOO_EARLY', remainingMs });

let env: TestWorkflowEnvironment;
let bundle: Bundle;

beforeAll(async () => {
  [env, bundle] = await Promise.all([startTimeSkipping(), bundleOf('test/workflow/variants.ts')]);
});
afterAll(() => env.teardown());

async function hold(place: Place, holdMs = HOLD_MS) {
  const input = { reservationId: 7, expiresAtMs: (await env.currentTimeMs()) + holdMs };
  return { taskQueue: place.taskQueue, workflowId: place.id('reservation'), args: [input] };
}

test('with its handler set after the first wait, a paid reservation sleeps on to its deadline', async () => {
  await withWorker(env, bundle, { releaseHold: scripted<Release>({ outcome: 'PAID' }) }, async (place) => {
    const handle = await env.client.workflow.signalWithStart('reservationHandlerLate', {
      ...(await hold(place)),
      signal: settledSignal,
      signalArgs: [],
    });
    await handle.result();
    expect((await historyOf(handle)).lifeMs).toBeGreaterThan(AT_ONCE_MS);
  });
});

test('without the look at the row after the timer, a paid reservation counts as expired', async () => {
  const releaseHold = scripted<Release>({ outcome: 'PAID' });
  await withWorker(env, bundle, { releaseHold }, async (place) => {
    const handle = await env.client.workflow.start('reservationWithoutRecheck', await hold(place));
    expect(await handle.result()).toBe('EXPIRED');
    expect(releaseHold.calls).toEqual([]);
  });
});

test('with the signal never forgotten, a row that is not settled makes the workflow spin', async () => {
  const looks = Array.from({ length: 20 }, () => tooEarly(HOLD_MS));
  const releaseHold = scripted<Release>(...looks, { outcome: 'EXPIRED' });
  await withWorker(env, bundle, { releaseHold }, async (place) => {
    const handle = await env.client.workflow.start('reservationResetNever', await hold(place));
    await handle.signal(settledSignal);
    await handle.result();
    expect(releaseHold.calls).toHaveLength(looks.length + 1);
    expect((await historyOf(handle)).lifeMs).toBeLessThan(AT_ONCE_MS);
  });
});

test('with the signal forgotten after the row was read, one that came meanwhile is lost until the deadline', async () => {
  const reading = gate();
  const read = () => reading.opened.then(() => tooEarly(HOLD_MS));
  await withWorker(env, bundle, { releaseHold: scripted<Release>(read, { outcome: 'PAID' }) }, async (place) => {
    const options = { ...(await hold(place, -1)), workflowTaskTimeout: '1 second' as const };
    const handle = await env.client.workflow.start('reservationResetAfter', options);
    await until(handle, (history) => history.workflowTasks >= 1);
    await handle.signal(settledSignal);
    await until(handle, (history) => history.after('WORKFLOW_EXECUTION_SIGNALED').includes('WORKFLOW_TASK_COMPLETED'));
    reading.open();
    expect(await handle.result()).toBe('PAID');
    expect((await historyOf(handle)).lifeMs).toBeGreaterThan(AT_ONCE_MS);
  });
});

test('with the answer of its turn overwriting the admission, an active token goes on waiting', async () => {
  const taking = gate();
  const waiting: Turn = { status: 'WAITING', expiresAtMs: null, turnInMs: HOLD_MS };
  const takeTurn = scripted<Turn>(() => taking.opened.then(() => waiting), { ...waiting, status: 'GONE' });
  await withWorker(env, bundle, { takeTurn, endToken: scripted<TokenEnding>({ outcome: 'USED' }) }, async (place) => {
    const input = { tokenId: 11, queueId: 3, queue: 'main', ticketNo: 42, expiresAtMs: null, turnInMs: 0 };
    const handle = await env.client.workflow.start('queueTokenOverwriting', {
      taskQueue: place.taskQueue,
      workflowId: place.id('queue-token'),
      args: [input],
      workflowTaskTimeout: '1 second',
    });
    await until(handle, (history) => history.workflowTasks >= 1);
    await handle.signal(admittedSignal, { expiresAtMs: (await env.currentTimeMs()) + 1_000 });
    await until(handle, (history) => history.after('WORKFLOW_EXECUTION_SIGNALED').includes('WORKFLOW_TASK_COMPLETED'));
    taking.open();
    await handle.result();
    expect(takeTurn.calls).toHaveLength(2);
    expect((await historyOf(handle)).lifeMs).toBeGreaterThan(AT_ONCE_MS);
  });
});

test('without the look at the row after the timer, a token extended by a hold ends before its hold', async () => {
  const endToken = scripted<TokenEnding>({ outcome: 'TOO_EARLY', remainingMs: HOLD_MS });
  await withWorker(env, bundle, { endToken }, async (place) => {
    const expiresAtMs = (await env.currentTimeMs()) + 1_000;
    const handle = await env.client.workflow.start('queueTokenWithoutRecheck', {
      taskQueue: place.taskQueue,
      workflowId: place.id('queue-token'),
      args: [{ tokenId: 11, queueId: 3, queue: 'main', ticketNo: 42, expiresAtMs, turnInMs: 0 }],
    });
    expect(await handle.result()).toBe('EXPIRED');
    expect(endToken.calls).toEqual([]);
  });
});

test('with the answer given at the end, a fan waits for everybody else to be told', async () => {
  const [called, telling] = [gate(), gate()];
  const announcePayment = async () => {
    called.open();
    await telling.opened;
  };
  await withWorker(env, bundle, { settlePayment: scripted(paid), announcePayment }, async (place) => {
    const payment = payments(env, place, 'paymentAnsweringLate');
    const answer = payment.pay('11-0');
    await called.opened;
    expect((await historyOf(payment.handle)).count('WORKFLOW_EXECUTION_UPDATE_COMPLETED')).toBe(0);
    telling.open();
    expect(await answer).toEqual(paid);
  });
});

test('with its handler set after the first await, a payment is made and its fan gets an error', async () => {
  const settlePayment = scripted(paid);
  await withWorker(env, bundle, { settlePayment }, async (place) => {
    const payment = payments(env, place, 'paymentHandlerLate');
    await expect(payment.pay('11-0')).rejects.toThrow();
    expect(settlePayment.calls.length).toBeGreaterThan(0);
  });
});
