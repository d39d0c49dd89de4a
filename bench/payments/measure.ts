import { setTimeout as delay } from 'node:timers/promises';
import type { Bench } from '../bench';
import { startChild, type Child } from '../child';
import { prepareFloorOrders } from '../floor/payments';
import { CONNECTIONS } from '../load/load';
import { cpuMsOfOne, readCpuMs } from '../processes';
import { becomeQuiet } from '../quiet';
import { median, percentile } from '../statistics';
import { prepareOrders, preparePlainOrders, type Orders } from './orders';

/** Complete payments: three workflows closed for each. */
export interface PaymentsMeasured {
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
  floorPerSecond: number;
  ratio: number;
  ratios: number[];
  /** Processor time of one payment, in ms, by process. */
  cpuMs: Record<string, number>;
  floorCpuMs: Record<string, number>;
  /** Until the replies: the system, its floor, and the bare transaction that needs no workflow. */
  answered: { perSecond: number; floorPerSecond: number; plainPerSecond: number; ratio: number };
}

/** A payment while nothing else happens, until its reply. */
export interface UnloadedMeasured {
  p50Ms: number;
  p99Ms: number;
  floorP50Ms: number;
}

const ROUNDS = 3;
/** Payments in a round of one second; the system completes a few dozen a second. */
const PER_SECOND = 50;
const UNLOADED_PAYMENTS = 20;
const UNLOADED_ROUNDS = 4;
/** Long enough for a payment's workflows to close before the next one. */
const UNLOADED_PAUSE_MS = 250;
const CLOSE_POLL_MS = 50;
const CLOSE_MAX_MS = 60_000;

interface Batch {
  perSecond: number;
  answeredPerSecond: number;
  latenciesMs: number[];
  cpuMs: Record<string, number>;
}

/** Starts the worker for the workflows with empty activities, runs `work`, and stops it. */
export async function withFloorWorker<Result>(
  bench: Bench,
  work: (worker: Pick<Child, 'pid'>) => Promise<Result>,
): Promise<Result> {
  const worker: Child = await startChild('floor/worker.ts');
  try {
    await worker.call<void>({ temporalAddress: bench.system.temporalAddress });
    return await work(worker);
  } finally {
    await worker.stop();
  }
}

/** Throughput over completion, in rounds of floor and system. */
export async function measurePayments(bench: Bench, floorWorker: Pick<Child, 'pid'>): Promise<PaymentsMeasured> {
  const count = Math.ceil(PER_SECOND * bench.seconds);
  const { temporal } = bench.system.pids;
  // The client of the empty workflows is this process.
  const floorPids = { client: process.pid, worker: floorWorker.pid, temporal };
  const floors: Batch[] = [];
  const batches: Batch[] = [];
  const plain: number[] = [];
  // The first batch of each finds cold code.
  await complete(bench, await prepareFloorOrders(bench.temporal, CONNECTIONS), floorPids);
  await complete(bench, await prepareOrders(bench, CONNECTIONS), bench.system.pids);
  while (batches.length < ROUNDS) {
    floors.push(await complete(bench, await prepareFloorOrders(bench.temporal, count), floorPids));
    batches.push(await complete(bench, await prepareOrders(bench, count), bench.system.pids));
    plain.push(await answer(bench, await preparePlainOrders(bench, count)));
  }
  const latenciesMs = batches.flatMap((batch) => batch.latenciesMs).sort((a, b) => a - b);
  const against = (rate: 'perSecond' | 'answeredPerSecond') =>
    batches.map((batch, index) => batch[rate] / (floors[index] as Batch)[rate]);
  const ratios = against('perSecond');
  return {
    perSecond: median(batches.map((batch) => batch.perSecond)),
    p50Ms: percentile(latenciesMs, 0.5),
    p99Ms: percentile(latenciesMs, 0.99),
    floorPerSecond: median(floors.map((batch) => batch.perSecond)),
    ratio: median(ratios),
    ratios,
    cpuMs: medians(batches),
    floorCpuMs: medians(floors),
    answered: {
      perSecond: median(batches.map((batch) => batch.answeredPerSecond)),
      floorPerSecond: median(floors.map((batch) => batch.answeredPerSecond)),
      plainPerSecond: median(plain),
      ratio: median(against('answeredPerSecond')),
    },
  };
}

function medians(batches: readonly Batch[]): Record<string, number> {
  const names = Object.keys(batches[0]?.cpuMs ?? {});
  return Object.fromEntries(names.map((name) => [name, median(batches.map(({ cpuMs }) => cpuMs[name] as number))]));
}

/** Pays all orders, whose workflows are not waited for. */
async function answer(bench: Bench, orders: Orders): Promise<number> {
  await becomeQuiet(bench);
  const startMs = performance.now();
  await orders.pay(CONNECTIONS, 0);
  return orders.count / ((performance.now() - startMs) / 1_000);
}

/** Pays all orders and waits until the three workflows of each have closed. */
async function complete(bench: Bench, orders: Orders, pids: Record<string, number>): Promise<Batch> {
  await becomeQuiet(bench);
  const completed = `${orders.closedQuery} AND ExecutionStatus = 'Completed'`;
  const goal = (await countWorkflows(bench, completed)) + 3 * orders.count;
  const cpuBefore = readCpuMs(pids);
  const startMs = performance.now();
  const latenciesMs = await orders.pay(CONNECTIONS, 0);
  const answeredPerSecond = orders.count / ((performance.now() - startMs) / 1_000);
  while ((await countWorkflows(bench, completed)) < goal) {
    if (performance.now() - startMs > CLOSE_MAX_MS) throw new Error(`workflows do not close: ${completed}`);
    await delay(CLOSE_POLL_MS);
  }
  const perSecond = orders.count / ((performance.now() - startMs) / 1_000);
  return { perSecond, answeredPerSecond, latenciesMs, cpuMs: cpuMsOfOne(cpuBefore, readCpuMs(pids), orders.count) };
}

async function countWorkflows({ temporal }: Bench, query: string): Promise<number> {
  return (await temporal.workflow.count(query)).count;
}

/** One payment at a time, nothing else, in turn with empty workflows; the first of `rounds` is not counted. */
export async function measureUnloaded(bench: Bench, rounds = UNLOADED_ROUNDS): Promise<UnloadedMeasured> {
  const floorMs: number[] = [];
  const latenciesMs: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    floorMs.push(...(await payAlone(bench, await prepareFloorOrders(bench.temporal, UNLOADED_PAYMENTS))));
    latenciesMs.push(...(await payAlone(bench, await prepareOrders(bench, UNLOADED_PAYMENTS))));
  }
  // It finds cold code.
  const [warmFloorMs, warmMs] = [floorMs, latenciesMs].map((ms) => ms.slice(UNLOADED_PAYMENTS).sort((a, b) => a - b));
  return {
    p50Ms: percentile(warmMs as number[], 0.5),
    p99Ms: percentile(warmMs as number[], 0.99),
    floorP50Ms: percentile(warmFloorMs as number[], 0.5),
  };
}

async function payAlone(bench: Bench, orders: Orders): Promise<number[]> {
  await becomeQuiet(bench);
  return orders.pay(1, UNLOADED_PAUSE_MS);
}
