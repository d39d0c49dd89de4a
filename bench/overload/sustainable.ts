import type { Bench } from '../bench';
import { CONNECTIONS } from '../load/load';
import { becomeQuiet } from '../quiet';
import { issue } from '../scenarios/queue';

const WARM_UP_MS = 2_000;
const MEASURE_MS = 4_000;

/** Joins a second that are served when they come as fast as they are answered, and nothing else is asked for. */
export async function measureSustainable(bench: Bench): Promise<number> {
  const { requests, afterRound } = await issue.prepare(bench);
  await bench.load.load(issue.key, requests);
  await becomeQuiet(bench);
  const { replies, seconds, tally } = await bench.load.run({
    target: bench.api,
    pool: issue.key,
    connections: CONNECTIONS,
    expected: issue.expected,
    warmUpMs: WARM_UP_MS,
    measureMs: MEASURE_MS,
    cycle: false,
    capture: false,
    pauseMs: 0,
  });
  await afterRound?.(tally);
  return replies / seconds;
}
