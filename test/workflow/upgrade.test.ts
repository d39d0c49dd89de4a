import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { DeterminismViolationError } from '@temporalio/workflow';
import { Worker, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import type { Release } from '../../src/db/release';
import { settledSignal } from '../../src/workflows/messages';
import {
  bundleOf,
  historyOf,
  loadBundle,
  scripted,
  startTimeSkipping,
  until,
  unused,
  withWorker,
} from '../support/temporal';
import type { Bundle, Place } from '../support/temporal';

const HOLD_MS = 300_000;

let env: TestWorkflowEnvironment;
let today: Bundle;
let next: Bundle;

beforeAll(async () => {
  env = await startTimeSkipping();
  today = await loadBundle();
  next = await bundleOf('test/workflow/next-version.ts');
});
afterAll(() => env.teardown());

/** A hold that waits for its deadline when the worker of today's version goes away. */
async function openHold(): Promise<{ handle: WorkflowHandle; taskQueue: string }> {
  const start = async ({ taskQueue }: Place) => {
    const input = { reservationId: 7, expiresAtMs: (await env.currentTimeMs()) + HOLD_MS };
    const options = { taskQueue, workflowId: `upgrade-${randomUUID()}`, args: [input] };
    const handle = await env.client.workflow.start('reservation', options);
    await until(handle, (history) => history.count('TIMER_STARTED') === 1);
    return { handle, taskQueue };
  };
  // Without a cache, the server does not wait for this worker to come back.
  return withWorker(env, today, { releaseHold: unused() }, start, { maxCachedWorkflows: 0 });
}

test('holds that were open during an upgrade are finished by the next version', async () => {
  for (const outcome of ['PAID', 'EXPIRED'] as const) {
    const { handle, taskQueue } = await openHold();
    const finish = async () => {
      if (outcome === 'PAID') await handle.signal(settledSignal);
      expect(await handle.result()).toBe(outcome);
    };
    await withWorker(env, next, { releaseHold: scripted<Release>({ outcome }) }, finish, { taskQueue });
  }
});

test('new ones take the new step', async () => {
  await withWorker(env, next, { releaseHold: scripted<Release>({ outcome: 'EXPIRED' }) }, async (place) => {
    const input = { reservationId: 7, expiresAtMs: (await env.currentTimeMs()) + HOLD_MS };
    const options = { taskQueue: place.taskQueue, workflowId: place.id('reservation'), args: [input] };
    const handle = await env.client.workflow.start('reservation', options);
    expect(await handle.result()).toBe('EXPIRED');
    expect((await historyOf(handle)).count('UPSERT_WORKFLOW_SEARCH_ATTRIBUTES')).toBeGreaterThan(0);
  });
});

test('control: without `patched`, the next version cannot take up an open hold', async () => {
  const { handle } = await openHold();
  const history = await handle.fetchHistory();
  await handle.terminate();
  const unpatched = await bundleOf('test/workflow/next-version-unpatched.ts');
  const replayOn = (bundle: Bundle) =>
    Worker.runReplayHistory({ workflowBundle: bundle as WorkflowBundleWithSourceMap }, history, 'an open hold');
  await expect(replayOn(unpatched)).rejects.toThrow(DeterminismViolationError);
  await replayOn(next);
});
