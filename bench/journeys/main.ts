/** `npm run bench -- journeys`: whole fan journeys for minutes, beside the least that their workflows can cost. */
import { parseArgs } from 'node:util';
import { openBench, type Bench } from '../bench';
import { readCircumstances } from '../circumstances';
import { startFloorLife } from '../floor/payments';
import { openConnection } from '../load/connection';
import { withFloorWorker } from '../payments/measure';
import { cpuMsOfOne, describeCosts, readCpuMs } from '../processes';
import { becomeQuiet, countUnfinished, drain } from '../quiet';
import { markdownTable, writePage } from '../results';
import { mean, percentile } from '../statistics';
import { readSystem } from '../system';
import { checkTruth } from '../truth';
import { JOURNEYS_QUEUE, STEPS, travel, type Step } from './journey';

const PAGE = { name: 'journeys', title: 'Journeys', command: 'npm run bench -- journeys' };
/** Fans under way at a time: enough to keep both cores busy. */
const TRAVELLERS = 16;
/** More than this machine ever completed. */
const PER_SECOND_MAX = 60;
const FLOOR_SHARE = 0.2;

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '300' } } });

async function main(): Promise<void> {
  const seconds = Number(values.seconds);
  const bench = await openBench(readSystem(), seconds);
  try {
    const circumstances = await readCircumstances(bench);
    const lines = await withFloorWorker(bench, (worker) => measureJourneys(bench, seconds, worker.pid));
    console.log(writePage(PAGE, circumstances, [markdownTable(['', ''], lines)]));
    console.log(`${await checkTruth(bench)} invariants hold`);
  } finally {
    await bench.close();
  }
}

async function measureJourneys(bench: Bench, seconds: number, floorWorkerPid: number): Promise<[string, string][]> {
  // The client of the empty workflows is this process.
  const floorPids = { client: process.pid, worker: floorWorkerPid, temporal: bench.system.pids.temporal };
  const floors = [await measureFloor(bench, (seconds * FLOOR_SHARE) / 2, floorPids)];
  const count = Math.ceil(PER_SECOND_MAX * seconds);
  const hall = await bench.halls.open('Journeys', JOURNEYS_QUEUE, 2 * count);
  const fans = await bench.fans.make(count);
  await bench.fans.charge(fans);
  await becomeQuiet(bench);
  const latenciesMs: Record<Step, number[]> = { token: [], seats: [], hold: [], payment: [] };
  const unfinished: number[] = [];
  const cpuBefore = readCpuMs(bench.system.pids);
  const look = () => void countUnfinished(bench).then((left) => unfinished.push(left));
  const looking = setInterval(look, (seconds * 1_000) / 10);
  const { done, startedMs, endedMs } = await travelAll(bench, seconds, async (at, connection) => {
    const ms = await travel(connection, fans[at] as (typeof fans)[number], hall, at);
    for (const step of STEPS) latenciesMs[step].push(ms[step]);
  }).finally(() => clearInterval(looking));
  const left = await countUnfinished(bench);
  const drainMs = await drain(() => countUnfinished(bench));
  const cpuMs = cpuMsOfOne(cpuBefore, readCpuMs(bench.system.pids), done);
  floors.push(await measureFloor(bench, (seconds * FLOOR_SHARE) / 2, floorPids));
  const floor = mean(floors.map((one) => one.perSecond));
  const perSecond = (done * 1_000) / (endedMs - startedMs + drainMs);
  return [
    [
      'journeys answered',
      `${((done * 1_000) / (endedMs - startedMs)).toFixed(1)}/s for ${seconds} s, ${TRAVELLERS} fans at a time`,
    ],
    ['workflows to be started or to be closed, at each tenth', unfinished.join(', ')],
    [
      'with everything caught up',
      `${perSecond.toFixed(1)}/s; ${left} left at the end, none after ${(drainMs / 1_000).toFixed(1)} s`,
    ],
    ['their empty workflows', `${floors.map((one) => one.perSecond.toFixed(1)).join('/s before, ')}/s after`],
    ['processor time of a journey', describeCosts(cpuMs)],
    ['of its empty workflows', floors.map((one) => describeCosts(one.cpuMs)).join(' before, ') + ' after'],
    ['share of the floor', `${(perSecond / floor).toFixed(2)} (goal: 0.85)`],
    ...STEPS.map((step): [string, string] => {
      const ascending = latenciesMs[step].sort((a, b) => a - b);
      const times = [0.5, 0.99].map((share) => percentile(ascending, share).toFixed(1));
      return [step, `p50 ${times[0]}, p99 ${times[1]} ms`];
    }),
  ];
}

interface Floor {
  perSecond: number;
  cpuMs: Record<string, number>;
}

/** Three empty workflows for each journey, started and completed. */
async function measureFloor(bench: Bench, seconds: number, pids: Record<string, number>): Promise<Floor> {
  const cpuBefore = readCpuMs(pids);
  const { done, endedMs, startedMs } = await travelAll(bench, seconds, () => startFloorLife(bench.temporal));
  const open = `WorkflowType IN ('floorToken', 'floorReservation', 'floorPayment') AND ExecutionStatus = 'Running'`;
  const drainMs = await drain(async () => (await bench.temporal.workflow.count(open)).count);
  return {
    perSecond: (done * 1_000) / (endedMs - startedMs + drainMs),
    cpuMs: cpuMsOfOne(cpuBefore, readCpuMs(pids), done),
  };
}

interface Travelled {
  done: number;
  startedMs: number;
  /** When the last of them had come through. */
  endedMs: number;
}

/** Sends travellers, one after another on each of the connections, for so long. */
async function travelAll(
  bench: Bench,
  seconds: number,
  go: (at: number, connection: Awaited<ReturnType<typeof openConnection>>) => Promise<unknown>,
): Promise<Travelled> {
  const startedMs = performance.now();
  let done = 0;
  let next = 0;
  const lane = async (): Promise<void> => {
    const connection = await openConnection(bench.api);
    while (performance.now() < startedMs + seconds * 1_000) {
      await go(next++, connection);
      done += 1;
    }
    connection.close();
  };
  await Promise.all(Array.from({ length: TRAVELLERS }, lane));
  return { done, startedMs, endedMs: performance.now() };
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
