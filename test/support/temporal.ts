import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { WorkflowNotFoundError } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import {
  bundleWorkflowCode,
  DefaultLogger,
  makeTelemetryFilterString,
  Runtime,
  Worker,
  type WorkerOptions,
  type WorkflowBundleWithSourceMap,
} from '@temporalio/worker';
import { registerSearchAttributes } from '../../src/temporal/setup';
import { SEARCH_ATTRIBUTES } from '../../src/workflows/search-attributes';
import { freePort } from './system';

const root = path.join(__dirname, '../..');
/** How often a test that waits for an event in a history, or for a server, looks again. */
const POLL_MS = 25;

export type Bundle = Pick<WorkflowBundleWithSourceMap, 'code'>;
type History = temporal.api.history.v1.IHistory;
type Event = temporal.api.history.v1.IHistoryEvent;
type Handle = { fetchHistory(): Promise<History> };

/** Scripted failures are part of the tests: the SDK's warnings about them are not news. To be called before all else. */
export function quietRuntime(): void {
  const filter = makeTelemetryFilterString({ core: 'ERROR', other: 'ERROR' });
  Runtime.install({
    logger: new DefaultLogger('ERROR'),
    telemetryOptions: { logging: { filter, forward: {} } },
  });
}

/**
 * A server whose clock jumps ahead while a test waits for a result; one per test file. Started here and not by the SDK,
 * which gives it five seconds: too few on a busy machine.
 */
export async function startTimeSkipping(): Promise<TestWorkflowEnvironment> {
  quietRuntime();
  const program = process.env.TIME_SKIPPING_SERVER;
  if (!program) throw new Error('TIME_SKIPPING_SERVER is not set: run the tests with `npm test -- <folder>`');
  const port = await freePort();
  const server = spawn(program, [String(port)], { stdio: 'ignore' });
  process.once('exit', () => server.kill());
  while (!(await accepts(port))) {
    if (server.exitCode !== null) throw new Error(`${program} ended with code ${server.exitCode}`);
    await sleep(POLL_MS);
  }
  // Private, because for the SDK only servers of its own can skip time.
  const env = await TestWorkflowEnvironment['create']({
    server: { type: 'existing' },
    address: `127.0.0.1:${port}`,
    supportsTimeSkipping: true,
  });
  // This server cannot list them, which `registerSearchAttributes` would ask it to.
  const searchAttributes = Object.fromEntries(
    SEARCH_ATTRIBUTES.map(({ name, type }) => [name, type === 'INT' ? 3 : 2]),
  );
  await env.connection.operatorService.addSearchAttributes({ namespace: 'default', searchAttributes });
  const teardown = async () => {
    await TestWorkflowEnvironment.prototype.teardown.call(env);
    if (server.kill()) await once(server, 'exit');
  };
  return Object.assign(env, { teardown });
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  const accepted = await once(socket, 'connect').then(
    () => true,
    () => false,
  );
  socket.destroy();
  return accepted;
}

/** The real server of the test run. `identity` is what histories name as its client. */
export async function connectDevServer(identity?: string): Promise<TestWorkflowEnvironment> {
  quietRuntime();
  const address = process.env.TEMPORAL_ADDRESS;
  if (!address) throw new Error('TEMPORAL_ADDRESS is not set: run the tests with `npm test -- <folder>`');
  const env = await TestWorkflowEnvironment.createFromExistingServer({
    address,
    ...(identity ? { client: { identity } } : {}),
  });
  await registerSearchAttributes(env.client, 'default');
  return env;
}

/** The workflows as they are deployed: the bundle of the build, or where there is none one made from the sources. */
export async function loadBundle(): Promise<Bundle> {
  const built = path.join(root, 'dist/workflow-bundle.js');
  return existsSync(built) ? { code: readFileSync(built, 'utf8') } : bundleOf('src/workflows/index.ts');
}

/** Bundles another workflow file, such as the variants of control tests. */
export async function bundleOf(file: string): Promise<Bundle> {
  return bundleWorkflowCode({ workflowsPath: path.join(root, file), logger: new DefaultLogger('ERROR') });
}

/** A task queue of a test's own, and workflow ids that nobody else has. */
export interface Place {
  taskQueue: string;
  id(workflow: string): string;
}

/**
 * Runs a worker for these activities in a new place while `work` runs, and shuts it down. Workflows still open then are
 * terminated: one left behind by a failed test would wait for a worker, and keep the time of all others from being skipped.
 */
export async function withWorker<T>(
  env: TestWorkflowEnvironment,
  workflowBundle: Bundle,
  activities: object,
  work: (place: Place) => Promise<T>,
  options: Partial<WorkerOptions> = {},
): Promise<T> {
  const ids: string[] = [];
  const id = (workflow: string) => ids[ids.push(`${workflow}-${randomUUID()}`) - 1] as string;
  const place = { taskQueue: `test-${randomUUID()}`, id };
  const worker = await Worker.create({
    connection: env.nativeConnection,
    namespace: env.namespace ?? 'default',
    taskQueue: place.taskQueue,
    workflowBundle: workflowBundle as WorkflowBundleWithSourceMap,
    activities,
    workflowThreadPoolSize: 1, // a test runs a few workflows; a second thread only takes longer to start
    ...options,
  });
  return worker.runUntil(async () => {
    try {
      return await work(place);
    } finally {
      await Promise.all(ids.map((open) => terminate(env, open)));
    }
  });
}

async function terminate(env: TestWorkflowEnvironment, workflowId: string): Promise<void> {
  try {
    await env.client.workflow.getHandle(workflowId).terminate();
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
}

/** An activity that gives these answers one after the other, the last one from then on. An `Error` is thrown. */
export function scripted<T>(...answers: (T | Error | (() => T | Promise<T>))[]) {
  const calls: unknown[][] = [];
  const activity = async (...args: unknown[]): Promise<T> => {
    const answer = answers[Math.min(calls.push(args), answers.length) - 1];
    if (answer instanceof Error) throw answer;
    return typeof answer === 'function' ? (answer as () => T | Promise<T>)() : (answer as T);
  };
  return Object.assign(activity, { calls });
}

/** An activity that must not be called; `calls` stays empty. */
export const unused = () => scripted<never>(new Error('not in the script'));

/** Opens once, for activities that must not end before the test has done something. */
export function gate() {
  let open!: () => void;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { open, opened };
}

export const eventName = (event: Event) =>
  (temporal.api.enums.v1.EventType[event.eventType ?? 0] ?? '').replace('EVENT_TYPE_', '');

export const timeOf = (event: Event | undefined) =>
  Number(event?.eventTime?.seconds ?? 0) * 1_000 + Math.floor((event?.eventTime?.nanos ?? 0) / 1e6);

/** What a history says, in the terms that tests ask for. */
export function readHistory({ events }: History) {
  const all = events ?? [];
  const names = all.map(eventName);
  const lifeMs = timeOf(all.at(-1)) - timeOf(all[0]);
  const count = (name: string) => names.filter((other) => other === name).length;
  /** What followed the last event of this name; nothing if there is none. */
  const after = (name: string) => (names.includes(name) ? names.slice(names.lastIndexOf(name) + 1) : []);
  return { names, count, after, events: names.length, workflowTasks: count('WORKFLOW_TASK_COMPLETED'), lifeMs };
}

export type ReadHistory = ReturnType<typeof readHistory>;

export const historyOf = async (handle: Handle) => readHistory(await handle.fetchHistory());

/** Waits until a workflow's history says so: for an event, not for time. The test's own time-out is the limit. */
export async function until(handle: Handle, says: (history: ReadHistory) => boolean): Promise<ReadHistory> {
  for (;;) {
    const history = await historyOf(handle);
    if (says(history)) return history;
    await sleep(POLL_MS);
  }
}
