import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Result } from '../../chaos/report';

const root = path.join(__dirname, '../..');
const MINUTES = 0.4;
/** Faults, the start before them and the settling after them; a busy machine takes its time. */
const RUN_MS_MAX = 300_000;

test(
  'a short campaign: nothing is lost, doubled or left undecided',
  async () => {
    const args = ['scripts/chaos.mjs', '--minutes', String(MINUTES)];
    const run = await promisify(execFile)(process.execPath, args, { cwd: root, maxBuffer: 1e8 }).catch(
      (error: Error & { stdout: string; stderr: string }) => error,
    );
    if (run instanceof Error) throw new Error(`${run.message}\n${run.stdout}\n${run.stderr}`);
    const result = JSON.parse(run.stdout.trim().split('\n').at(-1)!) as Result;
    process.stdout.write(`seed ${result.seed}: ${result.faults} faults, ${JSON.stringify(result.acknowledged)}\n`);
    expect(result).toMatchObject({ passed: true, lost: 0, doubled: 0, undecided: 0, wrong: 0 });
    // It has really harmed a system at work.
    expect(result.faults).toBeGreaterThan(50);
    expect(Object.keys(result.faultsByKind).filter((kind) => kind.endsWith(': kill')).length).toBeGreaterThan(0);
    expect(result.acknowledged.holds).toBeGreaterThan(0);
    expect(result.acknowledged.charges).toBeGreaterThan(0);
  },
  RUN_MS_MAX,
);
