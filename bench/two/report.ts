import type { Bench } from '../bench';
import type { Circumstances } from '../circumstances';
import { markdownTable, writePage } from '../results';
import { median } from '../statistics';
import type { Apart } from './apart';
import type { Shared } from './work';

const PAGE = { name: 'two', title: 'Two systems', command: 'npm run bench -- two' };
const PROCESSES = ['api', 'database', 'temporal', 'worker'];

/** By kind of work, in each round: all of it in one system, and half of it in each of two. */
export interface TwoMeasured {
  alone: Record<string, Shared>[];
  together: Record<string, Shared>[];
  /** Cores that one of them keeps busy while nothing is asked of it. */
  idle: Record<string, number>;
  apart: Apart[];
}

/** Shows what was measured and writes `results/two.md`. */
export function report(benches: Bench[], circumstances: Circumstances, measured: TwoMeasured): void {
  const { alone, together, idle } = measured;
  const rows = ['join', 'hold'].flatMap((work) => [
    toCells(work, 'one', alone, 1, idle),
    toCells(work, 'two', together, 2, idle),
  ]);
  const ms = PROCESSES.map((name) => `${name} ms`);
  const headings = ['work', 'systems', 'answered/s', 'with workflow/s', ...ms, 'sum', 'less what idling takes'];
  const addresses = benches.map(({ system }, index) => describe(system, measured.apart[index]));
  const text = writePage(PAGE, circumstances, [
    'The same work, all of it in one system and, in turn, half of it in each of two at once. Processor time is that of one request until its workflow has done its first step, of all processes that worked; medians of the rounds.',
    markdownTable(headings, rows),
    `Idle, one of them keeps ${sum(idle).toFixed(2)} of a core busy.`,
    addresses.map((line) => `- ${line}`).join('\n'),
  ]);
  console.log(text);
}

function toCells(
  work: string,
  systems: string,
  rounds: Record<string, Shared>[],
  count: number,
  idle: Record<string, number>,
): string[] {
  const of = (value: (shared: Shared) => number): number => median(rounds.map((round) => value(round[work] as Shared)));
  return [
    work,
    systems,
    of(({ perSecond }) => perSecond).toFixed(0),
    of(({ toldPerSecond }) => toldPerSecond).toFixed(1),
    ...PROCESSES.map((name) => of(({ cpuMs }) => cpuMs[name] ?? 0).toFixed(2)),
    of(({ cpuMs }) => sum(cpuMs)).toFixed(2),
    of(({ cpuMs, secondsOfOne }) => sum(cpuMs) - count * 1_000 * sum(idle) * secondsOfOne).toFixed(2),
  ];
}

function describe({ databaseUrl, temporalAddress, url }: Bench['system'], apart: Apart | undefined): string {
  const { joins, holds, invariants } = apart as Apart;
  const { host } = new URL(databaseUrl);
  return `API ${url}, database ${host}, Temporal ${temporalAddress}: tickets 1 to ${joins} without a gap, ${holds} holds, a workflow for each of both and no other, ${invariants} invariants hold, sessions of the other refused`;
}

function sum(byName: Record<string, number>): number {
  return Object.values(byName).reduce((total, one) => total + one, 0);
}
