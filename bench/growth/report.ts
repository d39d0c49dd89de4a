import type { Circumstances } from '../circumstances';
import { drawLines } from '../plot';
import { markdownTable, writePage, writeResult } from '../results';

/** What one kind of call costs at one size. */
export interface Point {
  series: string;
  /** How many wait, or how many seats the hall has. */
  size: number;
  perSecond: number;
  /** Of bare Express. */
  ratio: number;
  p50Ms: number;
  p99Ms: number;
  /** Processor time of a call. */
  apiMs: number;
  databaseMs: number;
  /** Resident memory of the API afterwards; it has been through the sizes before. */
  apiMb: number;
}

const HEADINGS = ['call', 'size', 'req/s', 'ratio', 'p50 ms', 'p99 ms', 'API ms', 'database ms', 'API MB'];

/** Shows the points and writes them to `results/growth.md`, with the drawing beside it. */
export function report(circumstances: Circumstances, points: Point[]): void {
  const text = writePage({ name: 'growth', title: 'Growth', command: 'npm run bench -- growth' }, circumstances, [
    markdownTable(HEADINGS, points.map(toCells)),
    '![The share of bare Express by size](growth.svg)',
  ]);
  console.log(text);
  const lines = [...new Set(points.map(({ series }) => series))].map((name) => ({
    name,
    points: points.filter(({ series }) => series === name).map(({ size, ratio }) => [size, ratio] as const),
  }));
  writeResult('growth.svg', drawLines({ x: 'waiting, or seats', y: 'share of bare Express', lines }));
}

function toCells({ series, size, perSecond, ratio, ...rest }: Point): string[] {
  const times = [rest.p50Ms, rest.p99Ms].map((ms) => ms.toFixed(1));
  const costs = [rest.apiMs, rest.databaseMs].map((ms) => ms.toFixed(3));
  return [
    series,
    size.toLocaleString('en'),
    perSecond.toFixed(0),
    ratio.toFixed(3),
    ...times,
    ...costs,
    rest.apiMb.toFixed(0),
  ];
}
