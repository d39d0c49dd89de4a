import { setImmediate } from 'node:timers/promises';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { SweepReport } from '../../src/activities/sweep';
import type { sweep } from '../../src/workflows/sweep';
import { historyOf, loadBundle, scripted, startTimeSkipping, withWorker } from '../support/temporal';
import type { Bundle, Place } from '../support/temporal';

const repaired: SweepReport['repaired'] = { holds: 2, tokens: 1, admitted: 1, keys: 0, departures: 0 };
const sound = { I1: 0, I2: 0 };

let env: TestWorkflowEnvironment;
let bundle: Bundle;

beforeAll(async () => {
  [env, bundle] = await Promise.all([startTimeSkipping(), loadBundle()]);
});
afterAll(() => env.teardown());

const start = (place: Place) =>
  env.client.workflow.start<typeof sweep>('sweep', { taskQueue: place.taskQueue, workflowId: place.id('sweep') });

/** What the Web UI shows of a workflow. */
const details = (handle: Awaited<ReturnType<typeof start>>) => handle.query<string>('__temporal_workflow_metadata');

test('a sweep reports what it repaired and what it checked', async () => {
  const activities = { repair: scripted(repaired), checkInvariants: scripted(sound) };
  await withWorker(env, bundle, activities, async (place) => {
    const handle = await start(place);
    expect(await handle.result()).toEqual({ repaired, violations: sound });
    expect(await details(handle)).toMatchObject({ currentDetails: 'All invariants hold' });
  });
});

test('a violated invariant is in the report and in what an operator sees', async () => {
  const activities = { repair: scripted(repaired), checkInvariants: scripted({ I1: 0, I4: 3 }) };
  await withWorker(env, bundle, activities, async (place) => {
    const handle = await start(place);
    expect((await handle.result()).violations).toEqual({ I1: 0, I4: 3 });
    expect(await details(handle)).toMatchObject({ currentDetails: '**Violated:** I4' });
  });
});

test('the invariants are checked after the repair, not beside it', async () => {
  const order: string[] = [];
  const activities = {
    repair: async () => {
      order.push('repair begins');
      await setImmediate();
      order.push('repair ends');
      return repaired;
    },
    checkInvariants: async () => {
      order.push('check');
      return sound;
    },
  };
  await withWorker(env, bundle, activities, async (place) => {
    const handle = await start(place);
    await handle.result();
    expect(order).toEqual(['repair begins', 'repair ends', 'check']);
  });
});

test('a repair that cannot be made fails the sweep before the next minute brings another', async () => {
  const activities = { repair: scripted<never>(new Error('the database is away')), checkInvariants: scripted(sound) };
  await withWorker(env, bundle, activities, async (place) => {
    const handle = await start(place);
    await expect(handle.result()).rejects.toThrow('Workflow execution failed');
    expect((await historyOf(handle)).lifeMs).toBeLessThan(60_000);
    expect(activities.repair.calls.length).toBeGreaterThan(1);
    expect(activities.checkInvariants.calls).toEqual([]);
  });
});
