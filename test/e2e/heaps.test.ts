import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { root, startTestSystem } from '../support/system';

/** As V8 counts: two halves, and as much again for objects too large for them. */
const HALVES = 3;
const YOUNG_MB = 4;

const dir = mkdtempSync(path.join(tmpdir(), 'frontrow-e2e-'));
const preload = path.join(root, 'test/support/heaps.cjs');
afterAll(() => rmSync(dir, { recursive: true }));

/** What each thread that this process has made may take for young objects, in MB. */
function youngOf(pid: number): number[] {
  const files = readdirSync(dir).filter((file) => file.startsWith(`${pid}-`));
  return files.map((file) => JSON.parse(readFileSync(path.join(dir, file), 'utf8')) as number);
}

test(`each thread of a worker, where its workflows run, takes ${YOUNG_MB} MB for young objects and no more`, async () => {
  const env = { NODE_OPTIONS: `--require ${preload}`, HEAPS_DIR: dir };
  const system = await startTestSystem('heaps', { env });
  const pid = system.workers[0]!.pid;
  await system.stop();
  const young = youngOf(pid);
  expect(young.length).toBeGreaterThan(0);
  expect(young).toEqual(young.map(() => HALVES * YOUNG_MB));
});

test('control: a thread of a process as Node starts it takes more', async () => {
  const thread = new Worker(preload, { env: { ...process.env, HEAPS_DIR: dir } });
  await once(thread, 'exit');
  expect(youngOf(process.pid)[0]).toBeGreaterThan(HALVES * YOUNG_MB);
});
