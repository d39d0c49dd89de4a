/** `npm run bench -- overload`: what those inside notice while many times more join than can be served. */
import { parseArgs } from 'node:util';
import { openBench } from '../bench';
import { startChild, type Child } from '../child';
import { readCircumstances } from '../circumstances';
import { readSystem } from '../system';
import { checkTruth } from '../truth';
import { prepareInside } from './inside';
import { measurePhase, type Phase } from './phases';
import { report } from './report';
import { measureSustainable } from './sustainable';

const QUEUE = 'overload';
/** Beyond all that the bench makes; nobody of them is known to the database. */
const FIRST_USER_ID = 10_000_000;
/** So many users are made for the measurement of what is sustainable. */
const ISSUE_SECONDS = 1;

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '4' },
    /** Of each phase. */
    seconds: { type: 'string', default: '8' },
    /** Joins in each rush, if not those of `seconds`. */
    requests: { type: 'string' },
    /** From how many users they come; whoever is refused asks again as its turn comes round. */
    users: { type: 'string', default: '100000' },
    /** Joins a second; measured, times three, unless given. */
    rate: { type: 'string' },
  },
});

async function main(): Promise<void> {
  const [rounds, seconds] = [Number(values.rounds), Number(values.seconds)];
  const bench = await openBench(readSystem(), ISSUE_SECONDS);
  const [crowd, inside] = await Promise.all([startChild('overload/sender.ts'), startChild('overload/sender.ts')]);
  try {
    const { 'timed seconds a round': _none, ...circumstances } = await readCircumstances(bench);
    const sustainable = values.rate ? Number(values.rate) / 3 : await measureSustainable(bench);
    const perSecond = Math.round(3 * sustainable);
    const rushSeconds = values.requests ? Number(values.requests) / perSecond : seconds;
    const fans = await prepareInside(bench, inside, QUEUE, rounds * (2 * seconds + rushSeconds) + 1);
    // Whoever pays makes room for one of the crowd.
    await bench.halls.setQueue(QUEUE, { maxActive: fans });
    await signCrowd(crowd, bench.system.tokenSecret);
    // A real crowd has processors of its own.
    await crowd.call<void>({ yieldTo: 'system' });

    const phases: Phase[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const shared = { bench, inside, crowd, queue: QUEUE, round };
      phases.push(await measurePhase({ ...shared, name: 'normal', seconds }));
      const rush = { name: 'control', seconds, perSecond, target: bench.floor };
      phases.push(await measurePhase({ ...shared, ...rush }));
      phases.push(await measurePhase({ ...shared, ...rush, name: 'rush', seconds: rushSeconds, target: bench.api }));
    }
    await report({ circumstances, sustainable, perSecond, phases });
    console.log(`${await checkTruth(bench)} invariants hold`);
  } finally {
    await Promise.all([bench.close(), crowd.stop(), inside.stop()]);
  }
}

async function signCrowd(crowd: Child, secret: string): Promise<void> {
  await crowd.call<void>({
    sign: { stream: 'join', secret, firstUserId: FIRST_USER_ID, users: Number(values.users), queue: QUEUE },
  });
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
