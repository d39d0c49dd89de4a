/** `npm run bench -- storm`: thousands of holds run out in the same moment. */
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { QUEUE_DEFAULT } from '../../src/contracts/queue';
import { openBench, type Bench } from '../bench';
import { readCircumstances } from '../circumstances';
import { holdRequests } from '../halls';
import { measureUnloaded, withFloorWorker } from '../payments/measure';
import { readMemory } from '../processes';
import { becomeQuiet, countBacklog } from '../quiet';
import { markdownTable, writePage } from '../results';
import { percentile } from '../statistics';
import { readSystem } from '../system';
import { checkTruth } from '../truth';
import { plantFloor, plantHolds, resaleRequests } from './holds';
import { watchClosing, watchResale, watchRows } from './watch';

const PAGE = { name: 'storm', title: 'Storm', command: 'npm run bench -- storm' };
/** Starts a second that are to be expected at the least; how many holds are without a workflow all the same is told. */
const STARTS_PER_SECOND = 25;
const FLOOR_STARTS_PER_SECOND = 25;
/** From the last start to the storm: the measurements before it. */
const BEFORE_MS = 150_000;
const FLOOR_SHARE = 0.2;
/** Holds of others, before and while it storms. */
const OTHERS = 'holds of others';
const OTHERS_CONNECTIONS = 2;
const OTHERS_PAUSE_MS = 80;
const OTHERS_SECONDS = 20;
const RESOLD = 50;
const PAYMENT_ROUNDS = 2;

const { values } = parseArgs({ options: { holds: { type: 'string', default: '10000' } } });

async function main(): Promise<void> {
  const bench = await openBench(readSystem(), OTHERS_SECONDS);
  try {
    const circumstances = await readCircumstances(bench);
    const lines = await withFloorWorker(bench, () => measureStorm(bench, Number(values.holds)));
    console.log(writePage(PAGE, circumstances, [markdownTable(['', ''], lines)]));
    console.log(`${await checkTruth(bench)} invariants hold`);
  } finally {
    await bench.close();
  }
}

async function measureStorm(bench: Bench, count: number): Promise<[string, string][]> {
  const floorCount = Math.ceil(FLOOR_SHARE * count);
  const floorDeadlineMs = Date.now() + (floorCount / FLOOR_STARTS_PER_SECOND) * 1_000;
  const floorQuery = await plantFloor(bench.temporal, floorCount, floorDeadlineMs);
  if (Date.now() > floorDeadlineMs) throw new Error('empty workflows were still being started at their deadline');
  await delay(floorDeadlineMs - Date.now());
  const floor = await watchClosing(bench, floorQuery, floorCount, floorDeadlineMs);
  console.log(`empty workflows closed: ${floor.toFixed(1)}/s`);

  await loadOthers(bench);
  await becomeQuiet(bench);
  const paymentBefore = await measureUnloaded(bench, PAYMENT_ROUNDS);
  const deadlineMs = Date.now() + (count / STARTS_PER_SECOND) * 1_000 + BEFORE_MS;
  const storm = await plantHolds(bench, count, deadlineMs);
  const resale = await resaleRequests(bench, { ...storm, seatIds: storm.seatIds.slice(0, RESOLD) });
  await delay(deadlineMs - BEFORE_MS - Date.now());
  const memory = readMemory(bench.system.pids.worker);
  const payment = await measureUnloaded(bench, PAYMENT_ROUNDS);
  const before = await runOthers(bench);
  if (Date.now() > deadlineMs) throw new Error('the storm came before what is measured before it had ended');
  const left = await countBacklog(bench.db);
  await delay(deadlineMs - Date.now());
  const [during, resold, rowsMs, perSecond] = await Promise.all([
    runOthers(bench),
    watchResale(bench, resale, deadlineMs),
    watchRows(bench, storm.scheduleId, deadlineMs),
    watchClosing(bench, storm.query, count, deadlineMs),
  ]);
  return [
    ['holds that ended together', `${count}, ${left} of them without a workflow before`],
    [
      `${RESOLD} of the seats, held by others`,
      `${resold[0].toFixed(0)} ms after the deadline the first, ${resold[1].toFixed(0)} ms the last`,
    ],
    ['every row EXPIRED', `${(rowsMs / 1_000).toFixed(1)} s after the deadline (goal: 10 s)`],
    [
      'workflows closed',
      `${perSecond.toFixed(1)}/s, empty ones ${floor.toFixed(1)}/s: ${(perSecond / floor).toFixed(2)} (goal: 0.80)`,
    ],
    [
      'holds of others',
      `${describe(before)} before, ${describe(during)} while it stormed: ${(during.p99Ms / before.p99Ms).toFixed(1)} times at p99 (goal: 3)`,
    ],
    [
      'a payment alone',
      `p50 ${paymentBefore.p50Ms.toFixed(1)} ms before, ${payment.p50Ms.toFixed(1)} ms with all of them open`,
    ],
    ['memory of the worker with all of them open', `${memory.nowMb.toFixed(0)} MB`],
  ];
}

async function loadOthers(bench: Bench): Promise<void> {
  const count = (2 * OTHERS_SECONDS * 1_000 * OTHERS_CONNECTIONS) / OTHERS_PAUSE_MS;
  const hall = await bench.halls.open('Others', QUEUE_DEFAULT, 2 * count);
  await bench.load.load(OTHERS, holdRequests('others', hall, hall.seatIds, await bench.fans.crowd()));
}

interface Latencies {
  p50Ms: number;
  p99Ms: number;
}

async function runOthers(bench: Bench): Promise<Latencies> {
  const timing = { warmUpMs: 0, measureMs: OTHERS_SECONDS * 1_000, pauseMs: OTHERS_PAUSE_MS };
  const plan = { target: bench.api, pool: OTHERS, connections: OTHERS_CONNECTIONS, expected: [201] };
  const { latenciesMs } = await bench.load.run({ ...plan, ...timing, cycle: false, capture: false });
  const ascending = [...latenciesMs].sort((a, b) => a - b);
  return { p50Ms: percentile(ascending, 0.5), p99Ms: percentile(ascending, 0.99) };
}

function describe({ p50Ms, p99Ms }: Latencies): string {
  return `p50 ${p50Ms.toFixed(1)}, p99 ${p99Ms.toFixed(1)} ms`;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
