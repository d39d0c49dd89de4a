import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { defaultPayloadConverter } from '@temporalio/common';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils';
import { DeterminismViolationError } from '@temporalio/workflow';
import { Worker, type ReplayHistoriesIterable, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { TRACE_HEADER } from '../../src/workflows/trace';
import { bundleOf, loadBundle, quietRuntime, readHistory, type Bundle } from '../support/temporal';
import { ENDINGS } from './endings';
import { SCENARIOS } from './scenarios';

const DIRECTORY = path.join(__dirname, 'histories');

const files = readdirSync(DIRECTORY).map((file) => path.basename(file, '.json'));
const textOf = (name: string) => readFileSync(path.join(DIRECTORY, `${name}.json`), 'utf8');
const load = (name: string) => historyFromJSON(JSON.parse(textOf(name)));

/** Every recording with the workflow and the ending that it stands for. */
const recordings = Object.entries(ENDINGS).flatMap(([workflow, endings]) =>
  Object.entries(endings as Record<string, readonly string[]>).flatMap(([ending, names]) =>
    names.map((name) => ({ workflow, ending, name })),
  ),
);

beforeAll(quietRuntime);

/** Replays these recordings, and gives what went wrong in each. */
async function replay(
  bundle: Bundle,
  names: readonly string[],
  read: typeof load = load,
): Promise<Record<string, Error | undefined>> {
  const histories: ReplayHistoriesIterable = (async function* () {
    for (const name of names) yield { workflowId: name, history: read(name) };
  })();
  const errors: Record<string, Error | undefined> = {};
  const workflowBundle = bundle as WorkflowBundleWithSourceMap;
  for await (const { workflowId, error } of Worker.runReplayHistories({ workflowBundle }, histories)) {
    errors[workflowId] = error;
  }
  return errors;
}

test('every way a workflow can end has a recording, and every recording is replayed', () => {
  expect(recordings.map(({ name }) => name).toSorted()).toEqual(files.toSorted());
  expect(Object.keys(SCENARIOS).toSorted()).toEqual(files.toSorted());
});

test.each(recordings)('$name is of $workflow and ended with $ending', ({ workflow, ending, name }) => {
  const { events } = load(name);
  const decode = (data: Uint8Array | null | undefined) => JSON.parse(Buffer.from(data ?? []).toString()) as unknown;
  const last = events?.at(-1)?.workflowExecutionCompletedEventAttributes?.result?.payloads?.[0];
  expect(events?.[0]?.workflowExecutionStartedEventAttributes?.workflowType?.name).toBe(workflow);
  expect(endingOf(decode(last?.data))).toBe(ending);
});

function endingOf(result: unknown): string {
  if (typeof result === 'string') return result;
  const { outcome, code } = result as { outcome?: string; code?: string };
  return outcome === undefined ? 'report' : (code ?? outcome);
}

test('each recording took the way of its name', () => {
  const counts = (name: string) => {
    const { count } = readHistory(load(name));
    return { signals: count('WORKFLOW_EXECUTION_SIGNALED'), fired: count('TIMER_FIRED') };
  };
  expect(counts('reservation-paid-by-signal')).toEqual({ signals: 1, fired: 0 });
  expect(counts('reservation-paid-without-signal')).toEqual({ signals: 0, fired: 1 });
  expect(counts('reservation-expired-after-too-early')).toEqual({ signals: 0, fired: 2 });
  expect(counts('reservation-expired-after-outage').fired).toBeGreaterThan(1);
  expect(counts('queue-token-used-after-extension')).toEqual({ signals: 1, fired: 1 });
  expect(counts('queue-token-expired-after-second-turn')).toEqual({ signals: 0, fired: 3 });
  expect(counts('queue-token-left-while-waiting')).toEqual({ signals: 1, fired: 0 });
});

test('the workflows as they are now take every recorded way without a difference', async () => {
  const errors = await replay(await loadBundle(), files);
  expect(errors).toEqual(Object.fromEntries(files.map((name) => [name, undefined])));
});

test('nor does it make a difference to what a workflow does that its starter traces it', async () => {
  const carrier = { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` };
  const traced = (name: string) => {
    const history = load(name);
    const started = history.events?.[0]?.workflowExecutionStartedEventAttributes;
    if (!started) throw new Error(`${name} does not begin with a start`);
    started.header = { fields: { [TRACE_HEADER]: defaultPayloadConverter.toPayload(carrier) } };
    return history;
  };
  const bundle = await loadBundle();
  expect(bundle.code).toContain(TRACE_HEADER);
  expect(await replay(bundle, files, traced)).toEqual(Object.fromEntries(files.map((name) => [name, undefined])));
});

test('a workflow that does other things, or lacks its last step only, fails the replay of its recordings', async () => {
  const errors = await replay(await bundleOf('test/replay/changed.ts'), files);
  for (const { name } of recordings) {
    expect([name, errors[name]]).toEqual([name, expect.any(DeterminismViolationError)]);
  }
});

test('no recording names a machine, a file or a token', () => {
  for (const name of files) {
    const text = textOf(name);
    expect([
      name,
      text.match(/"identity":"(?!recorder")[^"]*"|stackTrace|\/home\/|\/work\/|node_modules|\d+@/g),
    ]).toEqual([name, null]);
  }
});
