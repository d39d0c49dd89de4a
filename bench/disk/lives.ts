import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { openBench, type Bench } from '../bench';
import { startMember } from '../member';
import { CONNECTIONS } from '../load/load';
import { ordersOf, type Holds } from '../payments/orders';
import { becomeQuiet, countUnfinished, drain } from '../quiet';
import { readSqliteSize, type SqliteSize } from './sqlite';

/** Bytes in Temporal's file for one of each. */
export interface LivesMeasured {
  stored: [string, number][];
  /** Mean history of a closed workflow, by type. */
  histories: { type: string; bytes: number; events: number }[];
  /** The file with all of them, with all of them deleted, and with those who pay again. */
  file: { full: SqliteSize; emptied: SqliteSize; refilled: SqliteSize };
  deleted: number;
}

const PAID_QUEUE = 'disk-paid';
const LEFT_QUEUE = 'disk-left';
/** Long enough for all to join and hold before the first of them runs out of time. */
const LEFT_HOLD_SECONDS = 30;
const LEFT_ACTIVE_SECONDS = 60;
const IDLE_MINUTES = 2;
const DELETIONS_IN_FLIGHT = 8;
const CLOSED = `WorkflowType IN ('queueToken', 'reservation', 'payment') AND ExecutionStatus != 'Running'`;

/** Lives of `count` fans who pay, and of as many who let their time run out; then all of them deleted. */
export async function measureLives(bench: Bench, count: number): Promise<LivesMeasured> {
  const stored: [string, number][] = [];
  let before = await readFile(bench);
  const step = async (name: string, times: number, work: () => Promise<unknown>): Promise<void> => {
    await work();
    const after = await readFile(bench);
    stored.push([name, (usedBytes(after) - usedBytes(before)) / times]);
    console.log(`${name}: ${Math.round((stored.at(-1) as [string, number])[1])} bytes`);
    before = after;
  };
  await step('a minute without a fan', IDLE_MINUTES, () => delay(IDLE_MINUTES * 60_000));
  await pay(bench, count, step);
  await step('token and hold that ran out', count, () => letRunOut(bench, count));
  const full = before;
  const histories = await readHistories(bench);
  const deleted = await deleteClosed(bench);
  const emptied = await readFile(bench);
  await pay(bench, count, async (_name, _times, work) => void (await work()));
  return { stored, histories, file: { full, emptied, refilled: await readFile(bench) }, deleted };
}

type StepTaker = (name: string, times: number, work: () => Promise<unknown>) => Promise<void>;

async function pay(bench: Bench, count: number, step: StepTaker): Promise<void> {
  const { fans, halls } = bench;
  const hall = await halls.open('Paid', PAID_QUEUE, 2 * count);
  const lives: Partial<Holds> = {};
  await step('token, active', count, async () => {
    lives.buyers = await fans.inside(count, PAID_QUEUE);
    await fans.charge(lives.buyers);
  });
  const buyers = lives.buyers ?? [];
  await step('hold, live', count, async () => {
    lives.holds = await halls.hold(hall, hall.seatIds, buyers);
  });
  const holds = lives.holds ?? [];
  await step('payment, which closes all three', count, async () => {
    const orders = await ordersOf(bench, { scheduleId: hall.scheduleId, buyers, holds });
    await orders.pay(CONNECTIONS, 0);
    await drain(() => countUnfinished(bench));
  });
}

/** Through an API of the same system whose holds are short. */
async function letRunOut({ system }: Bench, count: number): Promise<void> {
  const settings = { ...system.settings, HOLD_SECONDS: String(LEFT_HOLD_SECONDS) };
  const member = await startMember({ ...system, settings }, 'api', 'api-2', system.sparePort);
  try {
    await joinAndHold(await openBench({ ...system, url: `http://localhost:${system.sparePort}` }, 0), count);
  } finally {
    await member.stop();
  }
}

/** Resolves, and closes the bench, when every token and hold has ended. */
async function joinAndHold(hasty: Bench, count: number): Promise<void> {
  try {
    const hall = await hasty.halls.open('Left', LEFT_QUEUE, 2 * count);
    await hasty.halls.setQueue(LEFT_QUEUE, { activeSeconds: LEFT_ACTIVE_SECONDS });
    await hasty.halls.hold(hall, hall.seatIds, await hasty.fans.inside(count, LEFT_QUEUE));
    await drain(() => countUnfinished(hasty));
  } finally {
    await hasty.close();
  }
}

async function readHistories({ temporal }: Bench): Promise<LivesMeasured['histories']> {
  const sums = new Map<string, { bytes: number; events: number; count: number }>();
  for await (const { type, historySize = 0, historyLength } of temporal.workflow.list({ query: CLOSED })) {
    const { bytes, events, count } = sums.get(type) ?? { bytes: 0, events: 0, count: 0 };
    sums.set(type, { bytes: bytes + historySize, events: events + historyLength, count: count + 1 });
  }
  return [...sums].map(([type, { bytes, events, count }]) => ({ type, bytes: bytes / count, events: events / count }));
}

/** One by one, as retention does it when their time is over. Gives how many there were. */
async function deleteClosed({ temporal }: Bench): Promise<number> {
  const left: { workflowId: string; runId: string }[] = [];
  for await (const { workflowId, runId } of temporal.workflow.list({ query: CLOSED })) left.push({ workflowId, runId });
  const count = left.length;
  const remove = async (): Promise<void> => {
    const { namespace } = temporal.options;
    for (let workflowExecution = left.pop(); workflowExecution; workflowExecution = left.pop()) {
      await temporal.workflowService.deleteWorkflowExecution({ namespace, workflowExecution });
    }
  };
  await Promise.all(Array.from({ length: DELETIONS_IN_FLIGHT }, remove));
  await drain(async () => (await temporal.workflow.count(CLOSED)).count);
  return count;
}

/** Once nothing is under way any more. */
async function readFile(bench: Bench): Promise<SqliteSize> {
  await becomeQuiet(bench);
  return readSqliteSize(path.join(bench.system.dataDir, 'temporal.db'));
}

function usedBytes({ bytes, freeBytes }: SqliteSize): number {
  return bytes - freeBytes;
}
