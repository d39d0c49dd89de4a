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
    const { stdout, stderr, code } = await promisify(execFile)(process.execPath, args, {
      cwd: root,
      maxBuffer: 1e8,
    }).then(
      (output) => ({ ...output, code: 0 }),
      (failure: { stdout: string; stderr: string; code: number }) => failure,
    );
    if (code !== 0) throw new Error(`exit code ${code}\n${stdout}\n${stderr}`);
    const result = JSON.parse(stdout.trim().split('\n').at(-1)!) as Result;
    process.stdout.write(`seed ${result.seed}: ${result.faults} faults, ${JSON.stringify(result.acknowledged)}\n`);
    expect(result).toMatchObject({ passed: true, lost: 0, doubled: 0, undecided: 0, wrong: 0 });
    // It has really harmed a system at work.
    expect(result.faults).toBeGreaterThan(50);
    expect(Object.keys(result.faultsByKind).filter((kind) => kind.endsWith(': kill')).length).toBeGreaterThan(0);
    expect(Object.values(result.acknowledged).filter((count) => count === 0)).toEqual([]);
  },
  RUN_MS_MAX,
);
