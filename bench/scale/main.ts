/** `npm run bench -- scale`: the same work by more processes of the system, on the same cores. */
import { openBench, type Bench } from '../bench';
import { readCircumstances } from '../circumstances';
import { CONNECTIONS, startLoad, type Load } from '../load/load';
import { startMember, type Member } from '../member';
import { measurePayments, withFloorWorker } from '../payments/measure';
import { drawLines } from '../plot';
import { becomeQuiet } from '../quiet';
import { markdownTable, writePage, writeResult } from '../results';
import { measureFloor } from '../rounds';
import { poll } from '../scenarios/queue';
import { mean, median } from '../statistics';
import { readSystem } from '../system';
import { checkTruth } from '../truth';

const PAGE = { name: 'scale', title: 'More processes', command: 'npm run bench -- scale' };
const WORKERS = [1, 2, 4];
const SECONDS = 3;
const ROUNDS = 3;
const POOL = 'polls';

/** Work a second against its floor in the same run. */
interface Point {
  processes: number;
  perSecond: number;
  ratio: number;
}

async function main(): Promise<void> {
  const bench = await openBench(readSystem(), SECONDS);
  const members: Member[] = [];
  try {
    const circumstances = await readCircumstances(bench);
    const series = {
      'payments, by workers': await measureWorkers(bench, members),
      'polls, by APIs': await measureApis(bench, members),
    };
    report(circumstances, series);
    console.log(`${await checkTruth(bench)} invariants hold`);
  } finally {
    await Promise.all(members.map((member) => member.stop()));
    await bench.close();
  }
}

/** Complete payments, all workflows closed. Their floor has one worker, however many there are here. */
async function measureWorkers(bench: Bench, members: Member[]): Promise<Point[]> {
  const points: Point[] = [];
  let processes = 1;
  for (const wanted of WORKERS) {
    for (; processes < wanted; processes += 1) {
      members.push(await startMember(bench.system, 'worker', `worker-${processes + 1}`));
    }
    const { perSecond, ratio } = await withFloorWorker(bench, (worker) => measurePayments(bench, worker));
    points.push({ processes, perSecond, ratio });
  }
  return points;
}

async function measureApis(bench: Bench, members: Member[]): Promise<Point[]> {
  const { requests } = await poll.prepare(bench);
  const loads = [bench.load, await startLoad()];
  try {
    for (const load of loads) await load.load(POOL, requests);
    const alone = await measurePolls(bench, loads.slice(0, 1), [bench.api.port]);
    const { sparePort } = bench.system;
    members.push(await startMember(bench.system, 'api', 'api-2', sparePort));
    return [alone, await measurePolls(bench, loads, [bench.api.port, sparePort])];
  } finally {
    await loads[1]?.stop();
  }
}

/** As many connections in all, whatever the number of processes; each has its generator. */
async function measurePolls(bench: Bench, loads: Load[], ports: number[]): Promise<Point> {
  const rates: number[] = [];
  const ratios: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    await becomeQuiet(bench);
    const before = await measureFloor(bench);
    const results = await Promise.all(
      loads.map((load, index) =>
        load.run({
          target: { ...bench.api, port: ports[index] as number },
          pool: POOL,
          connections: CONNECTIONS / loads.length,
          expected: [200],
          cycle: true,
          capture: false,
          warmUpMs: 1_000,
          measureMs: SECONDS * 1_000,
          pauseMs: 0,
        }),
      ),
    );
    const perSecond = results.reduce((sum, { replies, seconds }) => sum + replies / seconds, 0);
    rates.push(perSecond);
    ratios.push(perSecond / mean([before, await measureFloor(bench)]));
  }
  return { processes: loads.length, perSecond: median(rates), ratio: median(ratios) };
}

function report(circumstances: Record<string, string>, series: Record<string, Point[]>): void {
  const rows = Object.entries(series).flatMap(([name, points]) =>
    points.map(({ processes, perSecond, ratio }) => [
      name,
      String(processes),
      perSecond.toFixed(perSecond < 100 ? 1 : 0),
      ratio.toFixed(3),
    ]),
  );
  const table = markdownTable(['work', 'processes', 'a second', 'of its floor'], rows);
  console.log(writePage(PAGE, circumstances, [table, '![The share of the floor by processes](scale.svg)']));
  const lines = Object.entries(series).map(([name, points]) => ({
    name,
    points: points.map(({ processes, ratio }) => [processes, ratio] as const),
  }));
  writeResult('scale.svg', drawLines({ x: 'processes', y: 'share of the floor', lines }));
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
