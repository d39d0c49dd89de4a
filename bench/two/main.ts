/** `npm run bench -- two`: two systems that share nothing, and one alone, with the same work. */
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { openBench, type Bench } from '../bench';
import { readCircumstances } from '../circumstances';
import { readSystems } from '../system';
import { checkApart, checkStranger } from './apart';
import { report } from './report';
import { joinAndHold, readAll, type Shared } from './work';

const { values } = parseArgs({
  options: { count: { type: 'string', default: '1000' }, rounds: { type: 'string', default: '3' } },
});
/** One sweep. */
const IDLE_SECONDS = 60;

async function main(): Promise<void> {
  const benches: Bench[] = [];
  try {
    for (const system of readSystems()) benches.push(await openBench(system, 0));
    const [first, second] = benches as [Bench, Bench];
    const { 'timed seconds a round': _none, ...circumstances } = await readCircumstances(first);
    const [count, rounds] = [2 * Math.ceil(Number(values.count) / 2), Number(values.rounds)];
    // It finds cold code.
    await joinAndHold(benches, count);
    const idle = await readIdle([first]);
    const [alone, together]: [Record<string, Shared>[], Record<string, Shared>[]] = [[], []];
    for (let round = 0; round < rounds; round += 1) {
      alone.push(await joinAndHold([first], count));
      together.push(await joinAndHold(benches, count));
    }
    const shares = [rounds * count, 0].map((extra) => extra + ((1 + rounds) * count) / 2);
    const apart = [];
    for (const [index, bench] of benches.entries()) {
      const done = shares[index] as number;
      apart.push(await checkApart(bench, { joins: done, holds: done }));
    }
    await checkStranger(first, second);
    await checkStranger(second, first);
    report(benches, { ...circumstances, rounds: `${rounds} of ${count}` }, { alone, together, idle, apart });
  } finally {
    await Promise.all(benches.map((bench) => bench.close()));
  }
}

/** Cores that a system keeps busy which nobody asks for anything, by process. */
async function readIdle(benches: Bench[]): Promise<Record<string, number>> {
  const before = readAll(benches);
  await delay(IDLE_SECONDS * 1_000);
  const used = Object.entries(readAll(benches)).map(([name, ms]) => [
    name,
    (ms - (before[name] ?? 0)) / (IDLE_SECONDS * 1_000),
  ]);
  return Object.fromEntries(used);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
