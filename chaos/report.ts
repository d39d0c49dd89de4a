import type { Journal } from './journal';
import type { Model } from './model/model';
import type { Fault } from './model/violations';

export interface Result {
  seed: string;
  minutes: number;
  /** Something of every kind was acknowledged, no process ended by itself, and nothing is wrong. */
  passed: boolean;
  faults: number;
  faultsByKind: Record<string, number>;
  endedByThemselves: Record<string, number>;
  requests: number;
  replies: Record<string, number>;
  acknowledged: { holds: number; charges: number; payments: number; tokens: number };
  lost: number;
  doubled: number;
  undecided: number;
  wrong: number;
  recoveryMs: Record<string, { count: number; p50: number; p99: number }>;
  quietMs: number;
  violations: string[];
}

/** A broken system breaks everywhere: the first ones tell what it was. */
const VIOLATIONS_SHOWN = 20;

export function makeResult(
  { seed, minutes, quietMs }: { seed: string; minutes: number; quietMs: number },
  journal: Journal,
  model: Model,
): Result {
  const count = (fault: Fault) => model.violations.filter((violation) => violation.fault === fault).length;
  const done = (kind: string) => model.effects.ofState('done').filter((effect) => effect.kind === kind).length;
  const acknowledged = {
    holds: done('hold'),
    charges: done('charge'),
    payments: model.payments.size,
    tokens: model.line.tokens.size,
  };
  // Nothing is wrong where nothing happened; that would prove nothing.
  const worked = Object.values(acknowledged).every((count) => count > 0);
  const recoveries = { ...journal.recoveriesMs, all: Object.values(journal.recoveriesMs).flat() };
  return {
    seed,
    minutes,
    passed: worked && model.violations.length === 0 && Object.keys(journal.deaths).length === 0,
    faults: Object.values(journal.faults).reduce((sum, each) => sum + each, 0),
    faultsByKind: journal.faults,
    endedByThemselves: journal.deaths,
    requests: journal.requests,
    replies: journal.replies,
    acknowledged,
    lost: count('lost'),
    doubled: count('doubled'),
    undecided: count('undecided'),
    wrong: count('wrong'),
    recoveryMs: Object.fromEntries(Object.entries(recoveries).map(([kind, values]) => [kind, summarise(values)])),
    quietMs: Math.round(quietMs),
    violations: model.violations.slice(0, VIOLATIONS_SHOWN).map(({ fault, sentence }) => `${fault}: ${sentence}`),
  };
}

function summarise(values: number[]): { count: number; p50: number; p99: number } {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => Math.round(sorted[Math.ceil(share * sorted.length) - 1] ?? 0);
  return { count: values.length, p50: at(0.5), p99: at(0.99) };
}

/** For people; the last line is the whole result as JSON. */
export function print(result: Result): void {
  const list = (counts: Record<string, number>) =>
    Object.entries(counts)
      .toSorted(([, a], [, b]) => b - a)
      .map(([name, count]) => `  ${String(count).padStart(7)}  ${name}`)
      .join('\n');
  console.log(`\n${result.faults} faults injected\n${list(result.faultsByKind)}`);
  if (Object.keys(result.endedByThemselves).length > 0) {
    console.log(`processes that ended by themselves\n${list(result.endedByThemselves)}`);
  }
  console.log(`${result.requests} requests\n${list(result.replies)}`);
  const { lost, doubled, undecided, wrong, acknowledged, recoveryMs } = result;
  console.log(`acknowledged and checked\n${list(acknowledged)}`);
  for (const [kind, { count, p50, p99 }] of Object.entries(recoveryMs)) {
    console.log(`recovery from ${kind}: p50 ${p50} ms, p99 ${p99} ms (${count})`);
  }
  console.log(`quiet ${result.quietMs} ms after the last fault`);
  console.log(`lost ${lost}, doubled ${doubled}, undecided ${undecided}, wrong ${wrong}`);
  for (const violation of result.violations) console.log(`  ${violation}`);
  console.log(JSON.stringify(result));
}
