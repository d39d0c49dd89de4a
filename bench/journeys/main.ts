/** `npm run bench -- journeys`: whole fan journeys for minutes, beside the least that their workflows can cost. */
import { parseArgs } from 'node:util';
import { readBacklog } from '../../src/db/dispatch';
import { openBench, type Bench } from '../bench';
import { readCircumstances } from '../circumstances';
import { startFloorLife } from '../floor/payments';
import { openConnection } from '../load/connection';
import { withFloorWorker } from '../payments/measure';
import { becomeQuiet } from '../quiet';
import { markdownTable, writePage } from '../results';
import { percentile } from '../statistics';
import { readSystem } from '../system';
import { checkTruth } from '../truth';
import { JOURNEYS_QUEUE, STEPS, travel, type Step } from './journey';

const PAGE = { name: 'journeys', title: 'Journeys', command: 'npm run bench -- journeys' };
/** Fans under way at a time: enough to keep both cores busy. */
const TRAVELLERS = 16;
/** More than this machine ever completed. */
const PER_SECOND_MAX = 60;
const BALANCE = 1_000_000;
const FLOOR_SHARE = 0.2;

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '300' } } });

async function main(): Promise<void> {
  const seconds = Number(values.seconds);
  const bench = await openBench(readSystem(), seconds);
  try {
    const circumstances = await readCircumstances(bench);
    const lines = await withFloorWorker(bench, () => measureJourneys(bench, seconds));
    console.log(writePage(PAGE, circumstances, [markdownTable(['', ''], lines)]));
    console.log(`${await checkTruth(bench)} invariants hold`);
  } finally {
    await bench.close();
  }
}

async function measureJourneys(bench: Bench, seconds: number): Promise<[string, string][]> {
  const floors = [await measureFloor(bench, (seconds * FLOOR_SHARE) / 2)];
  const count = Math.ceil(PER_SECOND_MAX * seconds);
  const hall = await bench.halls.open('Journeys', JOURNEYS_QUEUE, 2 * count);
  const fans = await bench.fans.make(count);
  await bench.fans.charge(fans, BALANCE);
  await becomeQuiet(bench);
  const latenciesMs: Record<Step, number[]> = { token: [], seats: [], hold: [], payment: [] };
  const backlogs: number[] = [];
  const looking = setInterval(
    () => void countBacklog(bench).then((left) => backlogs.push(left)),
    (seconds * 1_000) / 10,
  );
  const done = await travelAll(bench, seconds, async (at, connection) => {
    const ms = await travel(connection, fans[at] as (typeof fans)[number], hall, at);
    for (const step of STEPS) latenciesMs[step].push(ms[step]);
  });
  clearInterval(looking);
  const left = await countBacklog(bench);
  const drainedFromMs = performance.now();
  await becomeQuiet(bench);
  const drainSeconds = (performance.now() - drainedFromMs) / 1_000;
  floors.push(await measureFloor(bench, (seconds * FLOOR_SHARE) / 2));
  const floor = (floors[0] as number) / 2 + (floors[1] as number) / 2;
  const perSecond = done / (seconds + (left > 0 ? drainSeconds : 0));
  return [
    ['journeys answered', `${(done / seconds).toFixed(1)}/s for ${seconds} s, ${TRAVELLERS} fans at a time`],
    ['without a workflow at each tenth', backlogs.join(', ')],
    [
      'with everything caught up',
      `${perSecond.toFixed(1)}/s; ${left} left at the end, quiet after ${drainSeconds.toFixed(1)} s`,
    ],
    ['their empty workflows', `${floors.map((rate) => rate.toFixed(1)).join('/s before, ')}/s after`],
    ['share of the floor', `${(perSecond / floor).toFixed(2)} (goal: 0.85)`],
    ...STEPS.map((step): [string, string] => {
      const ascending = latenciesMs[step].sort((a, b) => a - b);
      const times = [0.5, 0.99].map((share) => percentile(ascending, share).toFixed(1));
      return [step, `p50 ${times[0]}, p99 ${times[1]} ms`];
    }),
  ];
}

/** Three empty workflows for each journey, started and completed. */
async function measureFloor(bench: Bench, seconds: number): Promise<number> {
  const done = await travelAll(bench, seconds, () => startFloorLife(bench.temporal));
  return done / seconds;
}

/** Sends travellers, one after another on each of the connections, for so long. Gives how many came through. */
async function travelAll(
  bench: Bench,
  seconds: number,
  go: (at: number, connection: Awaited<ReturnType<typeof openConnection>>) => Promise<unknown>,
): Promise<number> {
  const untilMs = performance.now() + seconds * 1_000;
  let next = 0;
  let done = 0;
  const lane = async (): Promise<void> => {
    const connection = await openConnection(bench.api);
    while (performance.now() < untilMs) {
      await go(next++, connection);
      if (performance.now() < untilMs) done += 1;
    }
    connection.close();
  };
  await Promise.all(Array.from({ length: TRAVELLERS }, lane));
  return done;
}

async function countBacklog({ db }: Bench): Promise<number> {
  return (await readBacklog(db)).reduce((sum, { count }) => sum + count, 0);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
