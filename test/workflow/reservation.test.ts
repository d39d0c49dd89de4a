import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { WorkflowStartOptions } from '@temporalio/client';
import type { Release } from '../../src/db/release';
import { settledSignal } from '../../src/workflows/messages';
import type { reservation } from '../../src/workflows/reservation';
import { RESERVATION_STATUS } from '../../src/workflows/search-attributes';
import { gate, historyOf, loadBundle, scripted, startTimeSkipping, until, withWorker } from '../support/temporal';
import type { Bundle, Place } from '../support/temporal';

const HOLD_MS = 300_000;
/** A timer may shift by a second, and the time a busy machine needs passes on the server's clock as well. */
const SLACK_MS = 15_000;
const tooEarly = (remainingMs: number): Release => ({ outcome: 'TOO_EARLY', remainingMs });

let env: TestWorkflowEnvironment;
let bundle: Bundle;

beforeAll(async () => {
  [env, bundle] = await Promise.all([startTimeSkipping(), loadBundle()]);
});
afterAll(() => env.teardown());

const options = async (place: Place, holdMs = HOLD_MS): Promise<WorkflowStartOptions<typeof reservation>> => ({
  taskQueue: place.taskQueue,
  workflowId: place.id('reservation'),
  args: [{ reservationId: 7, expiresAtMs: (await env.currentTimeMs()) + holdMs }],
  typedSearchAttributes: [{ key: RESERVATION_STATUS, value: 'HELD' }],
});

const startHold = async (place: Place, holdMs?: number) =>
  env.client.workflow.start<typeof reservation>('reservation', await options(place, holdMs));

function expectLife(lifeMs: number, expectedMs: number) {
  expect(lifeMs).toBeGreaterThan(expectedMs - 2_000);
  expect(lifeMs).toBeLessThan(expectedMs + SLACK_MS);
}

test('a hold of five minutes expires through its timer after five minutes, exactly once', async () => {
  const releaseHold = scripted<Release>({ outcome: 'EXPIRED' });
  await withWorker(env, bundle, { releaseHold }, async (place) => {
    const handle = await startHold(place);
    expect(await handle.result()).toBe('EXPIRED');
    const history = await historyOf(handle);
    expectLife(history.lifeMs, HOLD_MS);
    expect(history.count('TIMER_FIRED')).toBe(1);
    expect(releaseHold.calls).toEqual([[7]]);
  });
});

test('an operator finds a reservation under the state it ended in', async () => {
  const releaseHold = scripted<Release>({ outcome: 'EXPIRED' });
  await withWorker(env, bundle, { releaseHold }, async (place) => {
    const handle = await startHold(place);
    const before = await handle.describe();
    expect(before.typedSearchAttributes.get(RESERVATION_STATUS)).toBe('HELD');
    await handle.result();
    const after = await handle.describe();
    expect(after.typedSearchAttributes.get(RESERVATION_STATUS)).toBe('EXPIRED');
  });
});

test.each(['PAID', 'CANCELLED'] as const)(
  'a reservation that is told of its row being %s ends at once',
  async (outcome) => {
    const releaseHold = scripted<Release>({ outcome });
    await withWorker(env, bundle, { releaseHold }, async (place) => {
      const handle = await startHold(place);
      await until(handle, (history) => history.count('TIMER_STARTED') === 1);
      await handle.signal(settledSignal);
      expect(await handle.result()).toBe(outcome);
      const history = await historyOf(handle);
      expect(history.lifeMs).toBeLessThan(SLACK_MS);
      expect([history.count('TIMER_CANCELED'), history.count('TIMER_FIRED')]).toEqual([1, 0]);
    });
  },
);

test('a signal that comes with the start is not lost', async () => {
  const releaseHold = scripted<Release>({ outcome: 'PAID' });
  await withWorker(env, bundle, { releaseHold }, async (place) => {
    const handle = await env.client.workflow.signalWithStart<typeof reservation, []>('reservation', {
      ...(await options(place)),
      signal: settledSignal,
      signalArgs: [],
    });
    expect(await handle.result()).toBe('PAID');
    expect((await historyOf(handle)).lifeMs).toBeLessThan(SLACK_MS);
  });
});

test('a signal whose row is not settled makes nothing spin, and the timer still fires', async () => {
  const releaseHold = scripted<Release>(tooEarly(HOLD_MS - 1_000), { outcome: 'EXPIRED' });
  await withWorker(env, bundle, { releaseHold }, async (place) => {
    const handle = await startHold(place);
    await handle.signal(settledSignal);
    await until(handle, (history) => history.after('MARKER_RECORDED').includes('TIMER_STARTED'));
    expect(releaseHold.calls).toHaveLength(1);
    expect(await handle.result()).toBe('EXPIRED');
    const history = await historyOf(handle);
    expectLife(history.lifeMs, HOLD_MS);
    expect(history.count('TIMER_FIRED')).toBe(1);
    expect(releaseHold.calls).toHaveLength(2);
  });
});

test('a signal that comes while the row is being read leads to another look', async () => {
  const reading = gate();
  const releaseHold = scripted<Release>(
    () => reading.opened.then(() => tooEarly(HOLD_MS)), // read before the payment's commit
    { outcome: 'PAID' },
  );
  await withWorker(env, bundle, { releaseHold }, async (place) => {
    const handle = await env.client.workflow.start<typeof reservation>('reservation', {
      ...(await options(place, -1)),
      workflowTaskTimeout: '1 second', // a local activity longer than this gets its workflow's new events meanwhile
    });
    await until(handle, (history) => history.workflowTasks >= 1);
    await handle.signal(settledSignal);
    await until(handle, (history) => history.after('WORKFLOW_EXECUTION_SIGNALED').includes('WORKFLOW_TASK_COMPLETED'));
    reading.open();
    expect(await handle.result()).toBe('PAID');
    expect((await historyOf(handle)).lifeMs).toBeLessThan(SLACK_MS);
    expect(releaseHold.calls).toHaveLength(2);
  });
});

test('a timer that is early by the clock of the database waits for what is left', async () => {
  const releaseHold = scripted<Release>(tooEarly(40_000), { outcome: 'EXPIRED' });
  await withWorker(env, bundle, { releaseHold }, async (place) => {
    const handle = await startHold(place);
    expect(await handle.result()).toBe('EXPIRED');
    const history = await historyOf(handle);
    expectLife(history.lifeMs, HOLD_MS + 40_000);
    expect(history.count('TIMER_FIRED')).toBe(2);
    expect(releaseHold.calls).toHaveLength(2);
  });
});

test.each(['PAID', 'CANCELLED', 'GONE'] as const)(
  'a row that is %s at the deadline is believed, though no signal came',
  async (outcome) => {
    const releaseHold = scripted<Release>({ outcome });
    await withWorker(env, bundle, { releaseHold }, async (place) => {
      const handle = await startHold(place);
      expect(await handle.result()).toBe(outcome);
      const history = await historyOf(handle);
      expect([history.count('TIMER_FIRED'), history.count('WORKFLOW_EXECUTION_SIGNALED')]).toEqual([1, 0]);
    });
  },
);

test('a hold that was overdue when its workflow started is released at once, without a timer', async () => {
  const releaseHold = scripted<Release>({ outcome: 'EXPIRED' });
  await withWorker(env, bundle, { releaseHold }, async (place) => {
    const handle = await startHold(place, -1_000);
    expect(await handle.result()).toBe('EXPIRED');
    expect((await historyOf(handle)).count('TIMER_STARTED')).toBe(0);
  });
});

test('a database that is away for a while delays the end of a hold and fails nothing', async () => {
  // Seven tries in the first 6.3 s; the pause after them is longer than `localRetryThreshold`: a timer instead of a task.
  const away = Array.from({ length: 9 }, () => new Error('the database is away'));
  const releaseHold = scripted<Release>(...away, { outcome: 'EXPIRED' });
  await withWorker(env, bundle, { releaseHold }, async (place) => {
    const handle = await startHold(place);
    expect(await handle.result()).toBe('EXPIRED');
    const history = await historyOf(handle);
    expect(releaseHold.calls).toHaveLength(away.length + 1);
    expect(history.count('TIMER_FIRED')).toBeGreaterThan(1);
    expect(history.count('WORKFLOW_TASK_FAILED')).toBe(0);
  });
});
