import type { WorkflowStartOptions } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { Turn } from '../../src/activities/queue';
import type { TokenEnding } from '../../src/db/release';
import { admittedSignal, endedSignal } from '../../src/workflows/messages';
import type { queueToken } from '../../src/workflows/queue-token';
import {
  gate,
  historyOf,
  loadBundle,
  scripted,
  startTimeSkipping,
  until,
  unused,
  withWorker,
} from '../support/temporal';
import type { Bundle, Place } from '../support/temporal';

const TURN_MS = 900_000;
const ACTIVE_MS = 600_000;
/** A timer may shift by a second, and the time a busy machine needs passes on the server's clock as well. */
const SLACK_MS = 15_000;
const waiting = (turnInMs: number): Turn => ({ status: 'WAITING', expiresAtMs: null, turnInMs });
const ended = (status: Turn['status']): Turn => ({ status, expiresAtMs: null, turnInMs: 0 });
const tooEarly = (remainingMs: number): TokenEnding => ({ outcome: 'TOO_EARLY', remainingMs });

let env: TestWorkflowEnvironment;
let bundle: Bundle;

beforeAll(async () => {
  [env, bundle] = await Promise.all([startTimeSkipping(), loadBundle()]);
});
afterAll(() => env.teardown());

function options(
  place: Place,
  expiresAtMs: number | null,
  turnInMs = TURN_MS,
): WorkflowStartOptions<typeof queueToken> {
  const { taskQueue } = place;
  const input = { tokenId: 11, queueId: 3, queue: 'main', ticketNo: 42, expiresAtMs, turnInMs };
  return { taskQueue, workflowId: place.id('queue-token'), args: [input] };
}

const startWaiting = (place: Place, turnInMs?: number) =>
  env.client.workflow.start<typeof queueToken>('queueToken', options(place, null, turnInMs));

const startActive = async (place: Place, activeMs = ACTIVE_MS) =>
  env.client.workflow.start<typeof queueToken>('queueToken', options(place, (await env.currentTimeMs()) + activeMs, 0));

const admission = async (activeMs = ACTIVE_MS) => ({ expiresAtMs: (await env.currentTimeMs()) + activeMs });

function expectLife(lifeMs: number, expectedMs: number) {
  expect(lifeMs).toBeGreaterThan(expectedMs - 2_000);
  expect(lifeMs).toBeLessThan(expectedMs + SLACK_MS);
}

describe('while it waits', () => {
  test('an admitted token is active from the signal on and ends by its own timer', async () => {
    const activities = { takeTurn: unused(), endToken: scripted<TokenEnding>({ outcome: 'EXPIRED' }) };
    await withWorker(env, bundle, activities, async (place) => {
      const handle = await startWaiting(place);
      await until(handle, (history) => history.count('TIMER_STARTED') === 1);
      await handle.signal(admittedSignal, await admission());
      expect(await handle.result()).toBe('EXPIRED');
      const history = await historyOf(handle);
      expectLife(history.lifeMs, ACTIVE_MS);
      expect([history.count('TIMER_CANCELED'), history.count('TIMER_FIRED')]).toEqual([1, 1]);
      expect(activities.takeTurn.calls).toEqual([]);
      expect(activities.endToken.calls).toEqual([[11, 3]]);
    });
  });

  test('an admission that comes with the start is not lost', async () => {
    const activities = { takeTurn: unused(), endToken: scripted<TokenEnding>({ outcome: 'EXPIRED' }) };
    await withWorker(env, bundle, activities, async (place) => {
      const handle = await env.client.workflow.signalWithStart('queueToken', {
        ...options(place, null),
        signal: admittedSignal,
        signalArgs: [await admission()],
      });
      expect(await handle.result()).toBe('EXPIRED');
      expectLife((await historyOf(handle)).lifeMs, ACTIVE_MS);
      expect(activities.takeTurn.calls).toEqual([]);
    });
  });

  test('a token whose estimated turn was too early sleeps again for the time it is told', async () => {
    const takeTurn = scripted<Turn>(waiting(60_000), ended('LEFT'));
    await withWorker(env, bundle, { takeTurn, endToken: unused() }, async (place) => {
      const handle = await startWaiting(place);
      expect(await handle.result()).toBe('LEFT');
      const history = await historyOf(handle);
      expectLife(history.lifeMs, TURN_MS + 60_000);
      expect(history.count('TIMER_FIRED')).toBe(2);
      expect(takeTurn.calls).toEqual([
        [11, 3],
        [11, 3],
      ]);
    });
  });

  test('a token admitted by its own turn ends when its row says', async () => {
    const turn = async (): Promise<Turn> => ({ status: 'ACTIVE', turnInMs: 0, ...(await admission()) });
    const activities = { takeTurn: scripted<Turn>(turn), endToken: scripted<TokenEnding>({ outcome: 'EXPIRED' }) };
    await withWorker(env, bundle, activities, async (place) => {
      const handle = await startWaiting(place);
      expect(await handle.result()).toBe('EXPIRED');
      expectLife((await historyOf(handle)).lifeMs, TURN_MS + ACTIVE_MS);
    });
  });

  test.each(['LEFT', 'GONE'] as const)(
    'a token told that its row has ended while waiting ends at once as %s',
    async (status) => {
      const activities = { takeTurn: scripted<Turn>(ended(status)), endToken: unused() };
      await withWorker(env, bundle, activities, async (place) => {
        const handle = await startWaiting(place);
        await until(handle, (history) => history.count('TIMER_STARTED') === 1);
        await handle.signal(endedSignal);
        expect(await handle.result()).toBe(status);
        expect((await historyOf(handle)).lifeMs).toBeLessThan(SLACK_MS);
        expect(activities.endToken.calls).toEqual([]);
      });
    },
  );

  test('a token that had left before its workflow was started ends without a timer', async () => {
    const activities = { takeTurn: scripted<Turn>(ended('LEFT')), endToken: unused() };
    await withWorker(env, bundle, activities, async (place) => {
      const handle = await env.client.workflow.signalWithStart('queueToken', {
        ...options(place, null, 0),
        signal: endedSignal,
        signalArgs: [],
      });
      expect(await handle.result()).toBe('LEFT');
      const history = await historyOf(handle);
      expect([history.count('TIMER_STARTED'), history.count('MARKER_RECORDED')]).toEqual([0, 1]);
    });
  });

  test('a signal whose row still waits makes nothing spin, and the turn still comes', async () => {
    const takeTurn = scripted<Turn>(waiting(TURN_MS), ended('LEFT'));
    await withWorker(env, bundle, { takeTurn, endToken: unused() }, async (place) => {
      const handle = await startWaiting(place);
      await handle.signal(endedSignal);
      await until(handle, (history) => history.after('MARKER_RECORDED').includes('TIMER_STARTED'));
      expect(takeTurn.calls).toHaveLength(1);
      expect(await handle.result()).toBe('LEFT');
      expectLife((await historyOf(handle)).lifeMs, TURN_MS);
      expect(takeTurn.calls).toHaveLength(2);
    });
  });

  test('an admission that comes while the turn is being taken is kept, though the answer was WAITING', async () => {
    const taking = gate();
    const takeTurn = scripted<Turn>(() => taking.opened.then(() => waiting(TURN_MS)));
    const activities = { takeTurn, endToken: scripted<TokenEnding>({ outcome: 'EXPIRED' }) };
    await withWorker(env, bundle, activities, async (place) => {
      const handle = await env.client.workflow.start<typeof queueToken>('queueToken', {
        ...options(place, null, 0),
        workflowTaskTimeout: '1 second', // a local activity longer than this gets its workflow's new events meanwhile
      });
      await until(handle, (history) => history.workflowTasks >= 1);
      await handle.signal(admittedSignal, await admission());
      await until(handle, (history) =>
        history.after('WORKFLOW_EXECUTION_SIGNALED').includes('WORKFLOW_TASK_COMPLETED'),
      );
      taking.open();
      expect(await handle.result()).toBe('EXPIRED');
      expectLife((await historyOf(handle)).lifeMs, ACTIVE_MS);
      expect(takeTurn.calls).toHaveLength(1);
    });
  });
});

describe('while it is active', () => {
  test.each(['USED', 'LEFT'] as const)('a token told of its end ends at once as %s', async (outcome) => {
    const activities = { takeTurn: unused(), endToken: scripted<TokenEnding>({ outcome }) };
    await withWorker(env, bundle, activities, async (place) => {
      const handle = await startActive(place);
      await until(handle, (history) => history.count('TIMER_STARTED') === 1);
      await handle.signal(endedSignal);
      expect(await handle.result()).toBe(outcome);
      expect((await historyOf(handle)).lifeMs).toBeLessThan(SLACK_MS);
      expect(activities.takeTurn.calls).toEqual([]);
    });
  });

  test('a token that a hold has extended lives on until the end of the hold', async () => {
    const endToken = scripted<TokenEnding>(tooEarly(300_000), { outcome: 'USED' });
    await withWorker(env, bundle, { takeTurn: unused(), endToken }, async (place) => {
      const handle = await startActive(place);
      expect(await handle.result()).toBe('USED');
      const history = await historyOf(handle);
      expectLife(history.lifeMs, ACTIVE_MS + 300_000);
      expect(history.count('TIMER_FIRED')).toBe(2);
      expect(endToken.calls).toHaveLength(2);
    });
  });

  test('a signal whose row is still active makes nothing spin, and the timer still fires', async () => {
    const endToken = scripted<TokenEnding>(tooEarly(ACTIVE_MS), { outcome: 'EXPIRED' });
    await withWorker(env, bundle, { takeTurn: unused(), endToken }, async (place) => {
      const handle = await startActive(place);
      await handle.signal(endedSignal);
      await until(handle, (history) => history.after('MARKER_RECORDED').includes('TIMER_STARTED'));
      expect(endToken.calls).toHaveLength(1);
      expect(await handle.result()).toBe('EXPIRED');
      expectLife((await historyOf(handle)).lifeMs, ACTIVE_MS);
      expect(endToken.calls).toHaveLength(2);
    });
  });

  test('a token whose time was over when its workflow started ends at once, without a timer', async () => {
    const activities = { takeTurn: unused(), endToken: scripted<TokenEnding>({ outcome: 'EXPIRED' }) };
    await withWorker(env, bundle, activities, async (place) => {
      const handle = await startActive(place, -1_000);
      expect(await handle.result()).toBe('EXPIRED');
      expect((await historyOf(handle)).count('TIMER_STARTED')).toBe(0);
    });
  });
});
