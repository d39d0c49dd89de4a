/** `npm run bench -- growth`: what a call costs as the line and the halls grow. */
import { parseArgs } from 'node:util';
import { openBench, type Bench } from '../bench';
import { readCircumstances } from '../circumstances';
import { readMemory } from '../processes';
import { measure, type Scenario } from '../rounds';
import { seatList } from '../scenarios/concert';
import { median } from '../statistics';
import { readSystem } from '../system';
import { checkTruth } from '../truth';
import { openLine } from './line';
import { report, type Point } from './report';

const WAITING = [1_000, 10_000, 100_000, 1_000_000];
const SEATS = [50, 1_000, 8_000, 50_000];
const QUEUE = 'growth';

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '2' } } });

async function main(): Promise<void> {
  const bench = await openBench(readSystem(), Number(values.seconds));
  try {
    const circumstances = await readCircumstances(bench);
    const points: Point[] = [];
    const add = async (series: string, size: number, scenario: Scenario): Promise<void> => {
      const point = await measurePoint(bench, series, size, scenario);
      points.push(point);
      console.log(`${scenario.name}: ${point.perSecond.toFixed(0)}/s, ratio ${point.ratio.toFixed(3)}`);
    };
    for (const seats of SEATS) await add('seat list, compressed', seats, seatList(`seats-${seats}`, seats));
    const line = await openLine(bench, QUEUE);
    for (const waiting of WAITING) {
      await line.grow(waiting);
      await add('position poll', waiting, line.poll(waiting));
      await add('token issue', waiting, line.issue(waiting));
    }
    report(circumstances, points);
    console.log(`${await checkTruth(bench)} invariants hold`);
  } finally {
    await bench.close();
  }
}

async function measurePoint(bench: Bench, series: string, size: number, scenario: Scenario): Promise<Point> {
  const { perSecond, ratio, p50Ms, p99Ms, cores, rates } = await measure(bench, scenario);
  const msPerCall = (name: string) =>
    median(cores.map((round, index) => ((round[name] ?? 0) * 1_000) / (rates[index] as number)));
  return {
    series,
    size,
    perSecond,
    ratio,
    p50Ms,
    p99Ms,
    apiMs: msPerCall('api'),
    databaseMs: msPerCall('database'),
    apiMb: readMemory(bench.system.pids.api).nowMb,
  };
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
