import { describeCosts, type Memory } from './processes';
import type { PaymentsMeasured, UnloadedMeasured } from './payments/measure';
import type { Row } from './report';
import type { Measured } from './rounds';
import { median } from './statistics';

/** Little's law may be off by this much: requests under way when counting begins and ends. */
const LITTLE_TOLERANCE = 0.1;
/** Above this share of a core the generator, not the system, may have set the pace. */
const GENERATOR_LOAD_MAX = 0.9;
const PAYMENTS_RATIO_MIN = 0.9;
const UNLOADED_RATIO_MAX = 1.3;

/** A scenario; and where it leaves workflow starts behind that are to be caught up with, how long that took at the worst. */
export function scenarioRows(measured: Measured): Row[] {
  const { key, name, caughtUpGoal, behind } = measured;
  if (caughtUpGoal === undefined) return [ratesRow(measured)];
  const seconds = Math.max(...behind.map((round) => round.seconds));
  const caughtUp: Row = {
    key: `${key}-caught-up`,
    scenario: `${name}: their workflows started`,
    perSecond: median(behind.map((round) => round.starts / round.seconds)),
    ratio: null,
    p50Ms: null,
    p99Ms: null,
    goal: `≤ ${caughtUpGoal} s after each round`,
    met: seconds <= caughtUpGoal,
    note: behind.map((round) => `${round.starts} starts behind, gone after ${round.seconds.toFixed(0)} s`).join('; '),
    details: { behind },
  };
  return [ratesRow(measured), caughtUp];
}

function ratesRow(measured: Measured): Row {
  const { key, name, perSecond, ratio, p50Ms, p99Ms, goal, ...details } = measured;
  return {
    key,
    scenario: name,
    perSecond,
    ratio,
    p50Ms,
    p99Ms,
    goal: goal === undefined ? null : `≥ ${goal.toFixed(2)} of bare Express`,
    met: goal === undefined ? null : ratio >= goal,
    note: describe(measured),
    details,
  };
}

function describe(measured: Measured): string {
  const floor = `bare Express ${measured.floorPerSecond.toFixed(0)}/s`;
  const starts = median(measured.behind.map((round) => round.starts));
  const behind = starts > 0 ? [`${starts} live rows without a workflow at the end of a round`] : [];
  return [...doubts(measured), describeTally(measured.tally), floor, ...behind, describeCores(measured.cores)].join(
    '; ',
  );
}

function describeCores(rounds: Record<string, number>[]): string {
  const names = Object.keys(rounds[0] ?? {});
  const used = names.map((name) => `${name} ${median(rounds.map((cores) => cores[name] ?? 0)).toFixed(2)}`);
  return `cores: ${used.join(', ')}`;
}

/** Reasons not to believe the number. */
function doubts({ little, generatorLoad }: Measured): string[] {
  return [
    ...(Math.abs(little - 1) > LITTLE_TOLERANCE
      ? [`DOUBTFUL: Little's law is off by ${((little - 1) * 100).toFixed(0)} %`]
      : []),
    ...(generatorLoad > GENERATOR_LOAD_MAX
      ? [`DOUBTFUL: the generator took ${generatorLoad.toFixed(2)} of a core`]
      : []),
  ];
}

function describeTally(tally: Record<string, number>): string {
  return Object.entries(tally)
    .map(([outcome, count]) => `${count} × ${outcome}`)
    .join(', ');
}

export function paymentsRows(measured: PaymentsMeasured): Row[] {
  const { perSecond, ratio, p50Ms, p99Ms, answered, ...details } = measured;
  const goal = `≥ ${PAYMENTS_RATIO_MIN.toFixed(2)} of empty workflows`;
  return [
    {
      key: 'payments',
      scenario: 'Complete payments, three workflows each',
      perSecond,
      ratio,
      p50Ms: null,
      p99Ms: null,
      goal,
      met: ratio >= PAYMENTS_RATIO_MIN,
      note: `until all workflows closed; empty workflows ${details.floorPerSecond.toFixed(1)}/s; processor time of one: ${describeCosts(details.cpuMs)}; of an empty one: ${describeCosts(details.floorCpuMs)}`,
      details,
    },
    {
      key: 'payments-answered',
      scenario: 'Payments until their replies',
      perSecond: answered.perSecond,
      ratio: answered.ratio,
      p50Ms,
      p99Ms,
      goal,
      met: answered.ratio >= PAYMENTS_RATIO_MIN,
      note: `empty workflows ${answered.floorPerSecond.toFixed(1)}/s; the transaction alone behind Express, no workflow: ${answered.plainPerSecond.toFixed(0)}/s`,
      details: answered,
    },
  ];
}

export function unloadedRow({ p50Ms, p99Ms, floorP50Ms }: UnloadedMeasured): Row {
  const ratio = p50Ms / floorP50Ms;
  return {
    key: 'payment-alone',
    scenario: 'One payment at a time, nothing else',
    perSecond: null,
    ratio,
    p50Ms,
    p99Ms,
    goal: `p50 ≤ ${UNLOADED_RATIO_MAX} × empty workflows`,
    met: ratio <= UNLOADED_RATIO_MAX,
    note: `empty workflows p50 ${floorP50Ms.toFixed(1)} ms`,
    details: { floorP50Ms },
  };
}

export function memoryRow(key: string, scenario: string, { nowMb, peakMb }: Memory, maxMb: number): Row {
  return {
    key,
    scenario,
    perSecond: null,
    ratio: null,
    p50Ms: null,
    p99Ms: null,
    goal: `< ${maxMb} MB`,
    met: nowMb < maxMb,
    note: `${nowMb.toFixed(0)} MB; ${peakMb.toFixed(0)} MB at the most`,
    details: { nowMb, peakMb },
  };
}
