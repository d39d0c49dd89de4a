import { lockQueue, saveQueue } from '../../src/db/admission';
import { write } from '../../src/db/sql';
import { transact } from '../../src/db/transaction';
import { readCpuTime } from '../../src/temporal/idle-share';
import type { Bench } from '../bench';
import type { Child } from '../child';
import type { Target } from '../load/plan';
import { readCpuMs, readMemory, type Memory } from '../processes';
import { becomeQuiet } from '../quiet';
import { INSIDE } from './inside';
import type { OpenLoopPlan, OpenLoopResult } from './plan';

export interface Phase {
  name: string;
  /** Those of one round belong together: one after the other, they met the same machine. */
  round: number;
  inside: OpenLoopResult;
  /** `undefined` in a phase without a rush. */
  crowd: OpenLoopResult | undefined;
  /** How many cores each process kept busy; `others` are programs that have nothing to do with this. */
  cores: Record<string, number>;
  memory: Memory;
}

export interface PhasePlan {
  bench: Bench;
  inside: Child;
  crowd: Child;
  queue: string;
  name: string;
  round: number;
  seconds: number;
  /** The rush, where there is one. */
  perSecond?: number;
  target?: Target;
}

/** Those inside go about their business for that long, and a crowd comes, or does not. */
export async function measurePhase(plan: PhasePlan): Promise<Phase> {
  const { bench, inside, crowd, name, round, seconds, perSecond, target } = plan;
  await becomeQuiet(bench);
  const pids = { ...bench.system.pids, inside: inside.pid, crowd: crowd.pid, bench: process.pid };
  const before = { ...readCpuMs(pids), all: readMachineMs() };
  const startMs = performance.now();
  const run = (sender: Child, what: OpenLoopPlan) => sender.call<OpenLoopResult>({ run: what });
  const [insideResult, crowdResult] = await Promise.all([
    run(inside, { target: bench.api, streams: [...INSIDE], seconds }),
    target && perSecond ? run(crowd, { target, streams: [{ name: 'join', perSecond }], seconds }) : undefined,
  ]);
  const elapsedMs = performance.now() - startMs;
  const after = { ...readCpuMs(pids), all: readMachineMs() };
  const memory = readMemory(bench.system.pids.api);
  await sendWaitingHome(bench, plan.queue);
  return { name, round, inside: insideResult, crowd: crowdResult, cores: coresUsed(before, after, elapsedMs), memory };
}

type CpuMs = Record<string, number> & { all: number };

function coresUsed(before: CpuMs, after: CpuMs, elapsedMs: number): Record<string, number> {
  const used = Object.entries(after).map(([name, ms]) => [name, (ms - (before[name] ?? 0)) / elapsedMs] as const);
  const { all, ...own } = Object.fromEntries(used) as CpuMs;
  const others = all - Object.values(own).reduce((sum, cores) => sum + cores, 0);
  return { ...own, others: Math.max(0, others) };
}

/** The time that all cores together were busy, in ms. */
function readMachineMs(): number {
  const { total, idle } = readCpuTime();
  return total - idle;
}

/** As if they had not come: starting a workflow for each of them would take longer than the bench. */
async function sendWaitingHome({ db }: Bench, name: string): Promise<void> {
  await transact(db, async (trx) => {
    const queue = await lockQueue(trx, { name });
    if (!queue) throw new Error(`there is no queue ${name}`);
    await write(trx, `DELETE FROM waiting_token WHERE queue_id = ? AND status = 'WAITING'`, [queue.id]);
    await saveQueue(trx, { ...queue, waiting_count: 0, served_ticket_no: queue.next_ticket_no - 1 });
  });
}
