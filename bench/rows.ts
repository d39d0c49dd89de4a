import type { Memory } from './processes';
import type { PaymentsMeasured, UnloadedMeasured } from './payments/measure';
import type { Row } from './report';
import type { Measured } from './rounds';
import { median } from './statistics';

/** Little's law may be off by this much: requests under way when counting begins and ends. */
const LITTLE_TOLERANCE = 0.1;
/** Above this share of a core the generator, not the system, may have set the pace. */
const GENERATOR_LOAD_MAX = 0.9;
const PAYMENTS_RATIO_MIN = 0.6;
const UNLOADED_P50_MAX_MS = 100;

export function scenarioRow(measured: Measured): Row {
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
  return [...doubts(measured), describeTally(measured.tally), floor, describeCores(measured.cores)].join('; ');
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

export function paymentsRow(measured: PaymentsMeasured): Row {
  const { perSecond, ratio, p50Ms, p99Ms, ...details } = measured;
  return {
    key: 'payments',
    scenario: 'Complete payments, three workflows each',
    perSecond,
    ratio,
    p50Ms,
    p99Ms,
    goal: `≥ ${PAYMENTS_RATIO_MIN.toFixed(2)} of empty workflows`,
    met: ratio >= PAYMENTS_RATIO_MIN,
    note: `until all workflows closed; p50 and p99 until the reply; empty workflows ${details.floorPerSecond.toFixed(1)}/s`,
    details,
  };
}

export function unloadedRow({ p50Ms, p99Ms, floorP50Ms }: UnloadedMeasured): Row {
  return {
    key: 'payment-alone',
    scenario: 'One payment at a time, nothing else',
    perSecond: null,
    ratio: null,
    p50Ms,
    p99Ms,
    goal: `p50 < ${UNLOADED_P50_MAX_MS} ms`,
    met: p50Ms < UNLOADED_P50_MAX_MS,
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
