/**
 * Records the histories that `replay.test.ts` replays, each from a real workflow on a real dev server. To be run after a
 * change of a workflow that old histories need not survive, or for a new scenario, with their names as arguments:
 *
 *     npx tsx test/replay/record.ts [name ...]
 *
 * A history of a version that has been deployed is only replaced when no run of that version is open any more.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { bundleOf, connectDevServer, withWorker, type Bundle } from '../support/temporal';
import { SCENARIOS, type Scenario } from './scenarios';

const DIRECTORY = path.join(__dirname, 'histories');
/** Scenarios at the same time: most of them only wait for a timer. */
const AT_ONCE = 4;
/** Who did what is nobody's business: neither machine nor process are named in a history. */
const RECORDER = 'recorder';

interface DevServer {
  address: string;
  stop(): Promise<void>;
}

async function startDevServer(dataDir: string): Promise<DevServer> {
  const script = path.join(__dirname, '../../scripts/parts/temporal.mjs');
  const { startTemporal } = (await import(script)) as {
    startTemporal(options: { dataDir: string; log: () => void; signal: AbortSignal }): Promise<DevServer>;
  };
  return startTemporal({ dataDir, log: () => {}, signal: new AbortController().signal });
}

async function record(env: TestWorkflowEnvironment, bundle: Bundle, name: string, { activities, live }: Scenario) {
  const identity = { identity: RECORDER, buildId: RECORDER };
  const json = await withWorker(
    env,
    bundle,
    activities,
    async (place) => {
      await live(env, { taskQueue: place.taskQueue, id: () => name });
      return historyToJSON(await env.client.workflow.getHandle(name).fetchHistory());
    },
    identity,
  );
  writeFileSync(path.join(DIRECTORY, `${name}.json`), tidy(json));
}

/** One event a line, without what a replay does not need: names made up anew each time, and paths of this machine. */
function tidy(json: string): string {
  const { events } = JSON.parse(json) as { events: unknown[] };
  const lines = events.map((event) =>
    JSON.stringify(event, (key, value) => (key === 'stackTrace' ? undefined : (value as unknown)))
      .replaceAll(/"recorder-[^"]*"/g, '"recorder-sticky"')
      .replaceAll(/"test-[0-9a-f-]{36}"/g, '"recorded"'),
  );
  return `{"events":[\n${lines.join(',\n')}\n]}\n`;
}

async function main(chosen: string[]): Promise<void> {
  const names = chosen.length > 0 ? chosen : Object.keys(SCENARIOS);
  const dataDir = mkdtempSync(path.join(tmpdir(), 'frontrow-record-'));
  const server = await startDevServer(dataDir);
  try {
    process.env['TEMPORAL_ADDRESS'] = server.address;
    const [env, bundle] = await Promise.all([connectDevServer(RECORDER), bundleOf('src/workflows/index.ts')]);
    mkdirSync(DIRECTORY, { recursive: true });
    const left = names.entries();
    const lane = async () => {
      for (const [, name] of left) {
        const scenario = SCENARIOS[name];
        if (!scenario) throw new Error(`There is no scenario ${name}.`);
        await record(env, bundle, name, scenario);
        process.stdout.write(`${name}\n`);
      }
    };
    try {
      await Promise.all(Array.from({ length: AT_ONCE }, lane));
    } finally {
      await env.teardown();
    }
  } finally {
    await server.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

void main(process.argv.slice(2));
