import type { Bench } from './bench';
import { CONNECTIONS } from './load/load';
import type { RunResult } from './load/plan';
import { requestText } from './load/request';
import { becomeQuiet, countBacklog, type Behind } from './quiet';
import { cpuMsOfOne, readCpuMs } from './processes';
import { mean, median, percentile } from './statistics';

/** One thing that fans do, measured as requests a second against bare Express. */
export interface Scenario {
  key: string;
  name: string;
  /** The least share of bare Express that is good enough; `undefined` where the number is for information. */
  goal?: number;
  /** Whom the requests are for, if not the API under test. */
  at?: 'floor';
  /** Within how many seconds for each second of a round the workflow starts that it leaves behind should be made. */
  caughtUpGoal?: number;
  /** The right replies. */
  expected: number[];
  /** Makes everything the requests need. Not timed. */
  prepare(bench: Bench): Promise<Work>;
}

export interface Work {
  requests: string[];
  /** Whether the requests may be sent again and again. */
  cycle: boolean;
  /** Checks and tidies up after a round; `replies` by status and code, of this round with its warm-up. Not timed. */
  afterRound?(replies: Record<string, number>): Promise<void>;
}

export interface Measured {
  key: string;
  name: string;
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
  /** Of each round, the share of the floor measured before and after it; and the median of these. */
  ratio: number;
  ratios: number[];
  floorPerSecond: number;
  goal: number | undefined;
  /** Workflow starts left behind by each round, and how long it took to catch up with those that were not taken back. */
  behind: Behind[];
  caughtUpGoal: number | undefined;
  /** How many cores each process kept busy, in each round, and how many requests were answered a second. */
  cores: Record<string, number>[];
  rates: number[];
  /** Throughput × mean latency over connections: 1 by Little's law, or something was not counted. */
  little: number;
  generatorLoad: number;
  tally: Record<string, number>;
}

const ROUNDS = 3;
/** The first thousand requests run code that is not compiled yet. */
const WARM_UP_MS = 2_000;
const FLOOR_WARM_UP_MS = 300;
const FLOOR_MS = 1_000;
const FLOOR_POOL = 'floor';

/** How many requests a scenario needs that sends each of them once, if no more than `perSecondMax` are answered. */
export function supply(bench: Bench, perSecondMax: number): number {
  return Math.ceil(ROUNDS * (bench.seconds + WARM_UP_MS / 1_000) * perSecondMax);
}

/** Measures in rounds, with bare Express before, between and after them, so that both meet the same machine. */
export async function measure(bench: Bench, scenario: Scenario): Promise<Measured> {
  const { key, name, expected, goal } = scenario;
  const { requests, cycle, afterRound } = await scenario.prepare(bench);
  await bench.load.load(key, requests);
  await becomeQuiet(bench);
  const atFloor = scenario.at === 'floor';
  const pids = { ...bench.system.pids, ...(atFloor ? { express: bench.floorPid } : {}) };
  const floors = [await measureFloor(bench)];
  const rounds: RunResult[] = [];
  const cores: Record<string, number>[] = [];
  const behind: Behind[] = [];
  while (rounds.length < ROUNDS) {
    const timing = { warmUpMs: WARM_UP_MS, measureMs: bench.seconds * 1_000, pauseMs: 0 };
    const round = {
      target: atFloor ? bench.floor : bench.api,
      pool: key,
      connections: CONNECTIONS,
      expected,
      cycle,
      capture: false,
      ...timing,
    };
    const before = readCpuMs(pids);
    const result = await bench.load.run(round);
    cores.push(cpuMsOfOne(before, readCpuMs(pids), timing.warmUpMs + timing.measureMs));
    rounds.push(result);
    const starts = await countBacklog(bench.db);
    await afterRound?.(result.tally);
    behind.push({ starts, seconds: (await becomeQuiet(bench)).seconds });
    floors.push(await measureFloor(bench));
  }
  const ratios = rounds.map((round, index) => rate(round) / mean(floors.slice(index, index + 2)));
  return {
    key,
    name,
    goal,
    caughtUpGoal: scenario.caughtUpGoal && scenario.caughtUpGoal * (bench.seconds + WARM_UP_MS / 1_000),
    behind,
    ratios,
    ratio: median(ratios),
    floorPerSecond: median(floors),
    cores,
    rates: rounds.map(rate),
    ...summarize(rounds),
  };
}

/** What bare Express answers a second, now. */
export async function measureFloor({ load, floor }: Bench): Promise<number> {
  await load.load(FLOOR_POOL, [requestText({ method: 'GET', path: '/' })]);
  const timing = { warmUpMs: FLOOR_WARM_UP_MS, measureMs: FLOOR_MS, pauseMs: 0 };
  const plan = { target: floor, pool: FLOOR_POOL, connections: CONNECTIONS, expected: [200] };
  return rate(await load.run({ ...plan, ...timing, cycle: true, capture: false }));
}

function summarize(rounds: RunResult[]) {
  const latenciesMs = rounds.flatMap((round) => [...round.latenciesMs]).sort((a, b) => a - b);
  const littles = rounds.map((round) => (rate(round) * mean([...round.latenciesMs])) / 1_000 / CONNECTIONS);
  return {
    perSecond: median(rounds.map(rate)),
    p50Ms: percentile(latenciesMs, 0.5),
    p99Ms: percentile(latenciesMs, 0.99),
    little: littles.reduce((worst, little) => (Math.abs(little - 1) > Math.abs(worst - 1) ? little : worst), 1),
    generatorLoad: Math.max(...rounds.map((round) => round.generatorLoad)),
    tally: addUp(rounds.map((round) => round.tally)),
  };
}

function rate({ replies, seconds }: RunResult): number {
  return replies / seconds;
}

function addUp(tallies: Record<string, number>[]): Record<string, number> {
  const sum: Record<string, number> = {};
  for (const [outcome, count] of tallies.flatMap((tally) => Object.entries(tally))) {
    sum[outcome] = (sum[outcome] ?? 0) + count;
  }
  return sum;
}
