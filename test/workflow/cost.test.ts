import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { WorkflowHandle } from '@temporalio/client';
import type { Turn } from '../../src/activities/queue';
import type { Release, TokenEnding } from '../../src/db/release';
import { admittedSignal, endedSignal, settledSignal } from '../../src/workflows/messages';
import { connectDevServer, historyOf, loadBundle, scripted, until, unused, withWorker } from '../support/temporal';
import type { Bundle, Place } from '../support/temporal';
import { paid, payments, refused } from './payments';

/** Long enough to be signalled before, short enough to wait for: this server's time cannot be skipped. */
const LONG_MS = 60_000;
const SHORT_MS = 1_000;

/**
 * What one life costs on the real server, where throughput is bounded by workflow tasks and storage by events. A change
 * that makes one of these numbers grow must be worth it.
 */
let env: TestWorkflowEnvironment;
let bundle: Bundle;

beforeAll(async () => {
  [env, bundle] = await Promise.all([connectDevServer(), loadBundle()]);
});
afterAll(() => env.teardown());

async function costOf(handle: Pick<WorkflowHandle, 'result' | 'fetchHistory'>) {
  await handle.result();
  const { events, workflowTasks } = await historyOf(handle);
  return { events, workflowTasks };
}

const untilTimers = (handle: WorkflowHandle, count: number) =>
  until(handle, (history) => history.count('TIMER_STARTED') === count);

const startHold = (place: Place, holdMs: number) =>
  env.client.workflow.start('reservation', {
    taskQueue: place.taskQueue,
    workflowId: place.id('reservation'),
    args: [{ reservationId: 7, expiresAtMs: Date.now() + holdMs }],
  });

const startToken = (place: Place, expiresAtMs: number | null) =>
  env.client.workflow.start('queueToken', {
    taskQueue: place.taskQueue,
    workflowId: place.id('queue-token'),
    args: [{ tokenId: 11, queueId: 3, queue: 'main', ticketNo: 42, expiresAtMs, turnInMs: LONG_MS }],
  });

// Of these events, 3 per workflow task are its own, 2 the start and the end, 1 each local activity's marker.

test('a hold that is paid costs 2 workflow tasks: its start, and the signal', async () => {
  await withWorker(env, bundle, { releaseHold: scripted<Release>({ outcome: 'PAID' }) }, async (place) => {
    const handle = await startHold(place, LONG_MS);
    await untilTimers(handle, 1);
    await handle.signal(settledSignal);
    // Besides: timer started and cancelled, signal, search attribute.
    expect(await costOf(handle)).toEqual({ events: 13, workflowTasks: 2 });
  });
});

test('a hold that expires costs 2 workflow tasks: its start, and the timer', async () => {
  await withWorker(env, bundle, { releaseHold: scripted<Release>({ outcome: 'EXPIRED' }) }, async (place) => {
    // Besides: timer started and fired, search attribute.
    expect(await costOf(await startHold(place, SHORT_MS))).toEqual({ events: 12, workflowTasks: 2 });
  });
});

test('a token that waits, is admitted and pays costs 3 workflow tasks', async () => {
  const activities = { takeTurn: unused(), endToken: scripted<TokenEnding>({ outcome: 'USED' }) };
  await withWorker(env, bundle, activities, async (place) => {
    const handle = await startToken(place, null);
    await untilTimers(handle, 1);
    await handle.signal(admittedSignal, { expiresAtMs: Date.now() + LONG_MS });
    await untilTimers(handle, 2);
    await handle.signal(endedSignal);
    // Besides: two timers started and cancelled, two signals.
    expect(await costOf(handle)).toEqual({ events: 18, workflowTasks: 3 });
  });
});

test('a token that is active from its issue and pays costs 2 workflow tasks', async () => {
  const activities = { takeTurn: unused(), endToken: scripted<TokenEnding>({ outcome: 'USED' }) };
  await withWorker(env, bundle, activities, async (place) => {
    const handle = await startToken(place, Date.now() + LONG_MS);
    await untilTimers(handle, 1);
    await handle.signal(endedSignal);
    // Besides: timer started and cancelled, signal.
    expect(await costOf(handle)).toEqual({ events: 12, workflowTasks: 2 });
  });
});

test('a token that leaves while it waits costs 2 workflow tasks', async () => {
  const takeTurn = scripted<Turn>({ status: 'LEFT', expiresAtMs: null, turnInMs: 0 });
  await withWorker(env, bundle, { takeTurn, endToken: unused() }, async (place) => {
    const handle = await startToken(place, null);
    await untilTimers(handle, 1);
    await handle.signal(endedSignal);
    expect(await costOf(handle)).toEqual({ events: 12, workflowTasks: 2 });
  });
});

test('a payment costs 2 workflow tasks, of which the fan waits for the first only', async () => {
  const activities = { settlePayment: scripted(paid), announcePayment: scripted<void>(undefined) };
  await withWorker(env, bundle, activities, async (place) => {
    const payment = payments(env, place);
    await payment.pay('11-0');
    // Besides: update accepted and completed, search attribute, 3 of the activity.
    expect(await costOf(payment.handle)).toEqual({ events: 15, workflowTasks: 2 });
  });
});

test('a refused payment costs 1 workflow task', async () => {
  const activities = { settlePayment: scripted(refused('insufficient_balance')), announcePayment: unused() };
  await withWorker(env, bundle, activities, async (place) => {
    const payment = payments(env, place);
    await payment.pay('11-0');
    // Besides: update accepted and completed, search attribute.
    expect(await costOf(payment.handle)).toEqual({ events: 9, workflowTasks: 1 });
  });
});
