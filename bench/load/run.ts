import { setTimeout as delay } from 'node:timers/promises';
import { openConnection, type Connection, type Reply } from './connection';
import type { RunPlan, RunResult } from './plan';

const WRONG_EXAMPLES_MAX = 5;
const EXAMPLE_LENGTH = 300;
const PROBLEM_CODE = /"code":"(\w+)"/;

/** The requests of one name, and the next one to send. */
export interface Pool {
  requests: Buffer[];
  next: number;
}

interface Progress {
  plan: RunPlan;
  pool: Pool;
  /** Counted are replies that arrive from `fromMs` until `untilMs`. */
  fromMs: number;
  untilMs: number;
  latenciesMs: number[];
  /** By status: a few numbers, counted once per reply. */
  tally: Map<string, number>;
  wrong: number;
  wrongExamples: string[];
  bodies: string[];
}

/** Keeps `plan.connections` requests under way until the time or the pool is over: a closed loop. */
export async function runPlan(plan: RunPlan, pool: Pool): Promise<RunResult> {
  const connections = await Promise.all(Array.from({ length: plan.connections }, () => openConnection(plan.target)));
  const cpuBefore = process.cpuUsage();
  const startMs = performance.now();
  const fromMs = startMs + plan.warmUpMs;
  const untilMs = plan.measureMs === null ? Infinity : fromMs + plan.measureMs;
  const none = { latenciesMs: [], tally: new Map(), wrong: 0, wrongExamples: [], bodies: [] };
  const progress: Progress = { plan, pool, fromMs, untilMs, ...none };
  try {
    await Promise.all(connections.map((connection) => keepAsking(connection, progress)));
  } finally {
    for (const connection of connections) connection.close();
  }
  const cpu = process.cpuUsage(cpuBefore);
  const elapsedMs = performance.now() - startMs;
  return {
    replies: progress.latenciesMs.length,
    seconds: (Math.min(progress.untilMs, performance.now()) - fromMs) / 1_000,
    latenciesMs: Float64Array.from(progress.latenciesMs),
    tally: Object.fromEntries(progress.tally),
    wrong: progress.wrong,
    wrongExamples: progress.wrongExamples,
    generatorLoad: (cpu.user + cpu.system) / 1_000 / elapsedMs,
    bodies: progress.bodies,
  };
}

async function keepAsking(connection: Connection, progress: Progress): Promise<void> {
  const { plan, pool } = progress;
  for (let sentMs = performance.now(); sentMs < progress.untilMs; sentMs = performance.now()) {
    if (plan.cycle) pool.next %= pool.requests.length;
    const index = pool.next;
    const request = pool.requests[index];
    if (!request) {
      // From here on fewer connections than planned are busy: what follows is no measurement.
      if (plan.measureMs !== null) progress.untilMs = Math.min(progress.untilMs, sentMs);
      return;
    }
    pool.next += 1;
    const reply = await connection.exchange(request);
    note(progress, reply, index, sentMs);
    if (plan.pauseMs > 0) await delay(plan.pauseMs);
  }
}

function note(progress: Progress, { status, body }: Reply, index: number, sentMs: number): void {
  const { plan, tally } = progress;
  const nowMs = performance.now();
  if (nowMs >= progress.fromMs && nowMs <= progress.untilMs) progress.latenciesMs.push(nowMs - sentMs);
  const outcome = status < 400 ? String(status) : `${status} ${PROBLEM_CODE.exec(body.toString())?.[1] ?? ''}`.trim();
  tally.set(outcome, (tally.get(outcome) ?? 0) + 1);
  if (plan.capture) progress.bodies[index] = body.toString();
  if (plan.expected.includes(status)) return;
  progress.wrong += 1;
  if (progress.wrongExamples.length === WRONG_EXAMPLES_MAX) return;
  const request = progress.pool.requests[index]?.toString().split('\r\n', 1)[0];
  progress.wrongExamples.push(`${request}: ${status} ${body.toString().slice(0, EXAMPLE_LENGTH)}`);
}
