import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { root } from '../support/system';

/** Where the processes under test look for what is to be watched, and leave what they saw: see test/support/trail.cjs. */
export class Trails {
  private readonly dir = mkdtempSync(path.join(tmpdir(), 'frontrow-trails-'));

  /** The environment of a process that is to be watched. */
  readonly env = {
    TRAIL_DIR: this.dir,
    NODE_OPTIONS: `--require "${path.join(root, 'test/support/trail.cjs')}"`,
  };

  /** From now on the trail of this name is written down; its process dies at `point`, if one is named. */
  watch(name: string, point = ''): void {
    for (const kind of ['trail', 'killed'] as const) rmSync(this.file(name, kind), { force: true });
    writeFileSync(this.file(name, 'watch'), point);
  }

  /** The crossings seen, in their order. */
  read(name: string): string[] {
    const file = this.file(name, 'trail');
    return existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
  }

  /** When the process killed itself, in ms; `undefined` if it never came to that point. */
  killedAtMs(name: string): number | undefined {
    const file = this.file(name, 'killed');
    return existsSync(file) ? Number(readFileSync(file, 'utf8')) : undefined;
  }

  remove(): void {
    rmSync(this.dir, { recursive: true, force: true });
  }

  private file(name: string, kind: 'watch' | 'trail' | 'killed'): string {
    return path.join(this.dir, `${name}.${kind}`);
  }
}

/**
 * The points of a trail that are worth a kill: between the reply of one statement and the sending of the next nothing has
 * happened, so the second stands for both; after a commit and after a call to Temporal stays, to be seen.
 */
export function distinct(trail: readonly string[]): string[] {
  return trail.filter(
    (point, index) =>
      point.startsWith('before') || !trail[index + 1]?.startsWith('before') || /^after (COMMIT|Temporal)/.test(point),
  );
}

/**
 * The stages of a trail: a new one begins where the outside has changed, so all points of a stage are alike to it. A
 * transaction is one stage, because a dead process leaves nothing of it.
 */
export function stages(trail: readonly string[]): string[][] {
  const found: string[][] = [[]];
  let inTransaction = false;
  for (const point of distinct(trail)) {
    if (point.startsWith('after COMMIT')) inTransaction = false;
    const changed = inTransaction ? /^before BEGIN/ : /^(before BEGIN|after (?!SELECT|request|COMMIT$))/;
    if (changed.test(point) && found.at(-1)?.length) found.push([]);
    if (/^(before|after) BEGIN/.test(point)) inTransaction = true;
    found.at(-1)?.push(point);
  }
  return found;
}

/** Which points are killed at: one of each stage, drawn by `random`; KILL_POINTS=all: all; 2/8: every eighth, from the second. */
export function chosen(trail: readonly string[], random: () => number): string[] {
  const asked = process.env['KILL_POINTS'];
  if (asked === 'all') return distinct(trail);
  const [first, each] = (asked ?? '').split('/').map(Number);
  if (first && each) return distinct(trail).filter((_, index) => index % each === first - 1);
  return stages(trail).map((stage) => stage[Math.floor(random() * stage.length)] as string);
}

/** Who lets the next fan in, a request, a worker or the snapshot of any API, is decided anew each time. */
export const ATTEMPTS_MAX = 4;

/** Records a trail until it has all that it must have; fails with the last one. */
export async function complete(name: string, must: string[], record: () => Promise<string[]>): Promise<string[]> {
  for (let attempt = 1; ; attempt += 1) {
    const trail = await record();
    const missing = must.filter((crossing) => !trail.some((point) => point.startsWith(crossing)));
    if (missing.length === 0) return trail;
    if (attempt === ATTEMPTS_MAX) expect({ name, missing, trail }).toEqual({ name, missing: [], trail });
  }
}
