/** `npm run bench -- disk`: what tokens, holds and payments take on disk, and what of it is given back. */
import { parseArgs } from 'node:util';
import { openBench } from '../bench';
import { readCircumstances } from '../circumstances';
import { readSystem } from '../system';
import { checkTruth } from '../truth';
import { measureLives } from './lives';
import { report } from './report';
import { measureRows } from './rows';

const { values } = parseArgs({
  options: { rows: { type: 'string', default: '100000' }, lives: { type: 'string', default: '300' } },
});

async function main(): Promise<void> {
  const bench = await openBench(readSystem(), 0);
  try {
    const { 'timed seconds a round': _none, ...circumstances } = await readCircumstances(bench);
    const [rows, lives] = [Number(values.rows), Number(values.lives)];
    const stored = await measureLives(bench, lives);
    const written = await measureRows(bench, rows);
    await report(bench, { ...circumstances, rows: `${rows} of each`, lives: `${lives} of each` }, written, stored);
    console.log(`${await checkTruth(bench)} invariants hold; ${written.invariants} where rows were measured`);
  } finally {
    await bench.close();
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
