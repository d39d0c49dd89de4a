import { parseArgs } from 'node:util';
import { openBench, type Bench } from './bench';
import { readCircumstances } from './circumstances';
import { readMemory } from './processes';
import { measurePayments, measureUnloaded, withFloorWorker } from './payments/measure';
import { becomeQuiet } from './quiet';
import type { Row } from './report';
import { toTable, writeResults } from './report';
import { measure, type Scenario } from './rounds';
import { memoryRow, paymentsRows, scenarioRows, unloadedRow } from './rows';
import { charges, chargesOfOne } from './scenarios/asset';
import { seats, seatsOfHall, seatsUnchanged } from './scenarios/concert';
import { issue, issueLeast, poll } from './scenarios/queue';
import { mix } from './scenarios/mix';
import { holds, refusals, refusalsHot } from './scenarios/reservation';
import { readSystem } from './system';
import { checkTruth } from './truth';

/** Those that leave most behind come last. */
const SCENARIOS: Scenario[] = [
  poll,
  issue,
  issueLeast,
  seats,
  seatsOfHall,
  seatsUnchanged,
  refusals,
  refusalsHot,
  charges,
  chargesOfOne,
  mix,
  holds,
];
const PAYMENTS = ['payment-alone', 'payments'];
const SECONDS_DEFAULT = '3';
const API_MB_MAX = 300;
const WORKER_MB_MAX = 600;

interface Options {
  seconds: number;
  /** Whether this one was asked for. */
  wants(key: string): boolean;
  all: boolean;
}

function readOptions(): Options {
  const { values } = parseArgs({
    options: { seconds: { type: 'string', default: SECONDS_DEFAULT }, only: { type: 'string' } },
  });
  const seconds = Number(values.seconds);
  if (!(seconds > 0)) throw new Error('--seconds must be a positive number');
  const only = values.only?.split(',');
  const keys = [...SCENARIOS.map((scenario) => scenario.key), ...PAYMENTS];
  const unknown = only?.filter((key) => !keys.includes(key)) ?? [];
  if (unknown.length > 0) throw new Error(`--only knows ${keys.join(', ')}; not ${unknown.join(', ')}`);
  return { seconds, all: !only, wants: (key) => !only || only.includes(key) };
}

async function main(): Promise<void> {
  const options = readOptions();
  const bench = await openBench(readSystem(), options.seconds);
  try {
    const circumstances = await readCircumstances(bench);
    const rows = await measureAll(bench, options);
    console.log(`\n${toTable(rows)}\n`);
    if (options.all) await writeResults(rows, circumstances);
  } finally {
    await bench.close();
  }
}

async function measureAll(bench: Bench, options: Options): Promise<Row[]> {
  const rows: Row[] = [];
  const add = (row: Row): void => {
    rows.push(row);
    console.log(toTable([row]).split('\n')[1]);
  };
  // First of all, while the system is empty: what is asked is how long one payment takes alone.
  if (PAYMENTS.some(options.wants))
    await withFloorWorker(bench, async (worker) => {
      if (options.wants('payment-alone')) add(unloadedRow(await measureUnloaded(bench)));
      if (options.wants('payments')) paymentsRows(await measurePayments(bench, worker)).forEach(add);
    });
  for (const scenario of SCENARIOS) {
    if (options.wants(scenario.key)) scenarioRows(await measure(bench, scenario)).forEach(add);
  }
  await becomeQuiet(bench);
  const { api, worker } = bench.system.pids;
  add(memoryRow('memory-api', 'Memory of the API, afterwards', readMemory(api), API_MB_MAX));
  add(memoryRow('memory-worker', 'Memory of the worker, afterwards', readMemory(worker), WORKER_MB_MAX));
  console.log(`${await checkTruth(bench)} invariants hold`);
  return rows;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
