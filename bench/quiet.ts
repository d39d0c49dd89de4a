import { setTimeout as delay } from 'node:timers/promises';
import { readBacklog } from '../src/db/dispatch';
import type { Database } from '../src/db/connect';
import type { Bench } from './bench';
import { readCpuMs } from './processes';

const POLL_MS = 250;
/** Workflows that take longer than this to close will not. */
const DRAIN_MAX_MS = 600_000;
/** A rush of thousands of holds is started at some dozens a second: what takes longer than this is stuck. */
const BACKLOG_MAX_MS = 300_000;
/** After this it is as quiet as it gets, for instance because of a sweep over many rows. */
const QUIET_MAX_MS = 15_000;
/** Together the processes of an idle system take about a tenth of a core for polling. */
const QUIET_CORES = 0.2;

/** Workflow starts that were left behind, and how long it took until the last of them. */
export interface Behind {
  starts: number;
  seconds: number;
}

/**
 * Waits until every live row has its workflow and the system has stopped working on what was asked of it, so that one
 * measurement does not pay for the one before. Gives what there was to catch up with.
 */
export async function becomeQuiet({ db, system }: Pick<Bench, 'db' | 'system'>): Promise<Behind> {
  const behind = await drainBacklog(db);
  const untilMs = performance.now() + QUIET_MAX_MS;
  for (let before = total(readCpuMs(system.pids)); performance.now() < untilMs;) {
    await delay(POLL_MS);
    const now = total(readCpuMs(system.pids));
    if ((now - before) / POLL_MS < QUIET_CORES) break;
    before = now;
  }
  return behind;
}

function total(cpuMs: Record<string, number>): number {
  return Object.values(cpuMs).reduce((sum, ms) => sum + ms, 0);
}

async function drainBacklog(db: Database): Promise<Behind> {
  const startMs = performance.now();
  const starts = await countBacklog(db);
  for (let left = starts; left > 0; left = await countBacklog(db)) {
    const tookMs = performance.now() - startMs;
    if (tookMs > BACKLOG_MAX_MS)
      throw new Error(`${left} of ${starts} workflows are still not started after ${tookMs} ms`);
    await delay(POLL_MS);
  }
  return { starts, seconds: (performance.now() - startMs) / 1_000 };
}

/** Live rows without a workflow. */
export async function countBacklog(db: Database): Promise<number> {
  return (await readBacklog(db)).reduce((sum, { count }) => sum + count, 0);
}

/** Of lives under way or behind: rows without a workflow, and workflows that are open. */
export async function countUnfinished({ db, temporal }: Pick<Bench, 'db' | 'temporal'>): Promise<number> {
  const open = `WorkflowType IN ('queueToken', 'reservation', 'payment') AND ExecutionStatus = 'Running'`;
  return (await countBacklog(db)) + (await temporal.workflow.count(open)).count;
}

/** How long it takes until none is left, in ms. */
export async function drain(countLeft: () => Promise<number>): Promise<number> {
  const fromMs = performance.now();
  for (let left = await countLeft(); left > 0; left = await countLeft()) {
    if (performance.now() - fromMs > DRAIN_MAX_MS) throw new Error(`${left} are still left after ${DRAIN_MAX_MS} ms`);
    await delay(POLL_MS);
  }
  return performance.now() - fromMs;
}
