import { setTimeout as sleep } from 'node:timers/promises';
import { newFan, newSale } from '../support/fan';
import { startTestSystem, type Member, type TestSystem } from '../support/system';
import { expectInvariants } from '../support/database';
import { printedSeed, randomFrom } from '../support/fixtures';
import { quiet, settled, type Killed } from './kill';
import { livesOf, type Life, type Lived } from './lives';
import { expectReached, printTable } from './table';
import { ATTEMPTS_MAX, chosen, complete, Trails } from './trails';

const MINUTE_MS = 60_000;
/** A worker comes to its work at once; it was not killed by then, or never. */
const REACHED_MS = 8_000;
/** From the last kill: a killed worker's tasks move on after 10 s, its activities after 20 s; the rest is for a busy machine. */
const SETTLED_MS = 120_000;

const trails = new Trails();
let system: TestSystem;
let worker: Member;
let lives: Life[];
let recorded: { life: Life; trail: string[] }[];

beforeAll(async () => {
  system = await startTestSystem('kill_worker', { env: trails.env });
  worker = system.workers[0] as Member;
  const admin = await newFan(system, 'admin');
  const sale = await newSale(admin, { seats: 300 });
  let next = 0;
  const place = { system, admin, sale, seat: () => sale.seatIds[next++] as number };
  const all = livesOf(place, await system.addApi({ HOLD_SECONDS: '1' }));
  lives = process.env['KILL_POINTS'] === 'all' ? all : all.slice(0, 1);
});
afterAll(async () => {
  await system.stop();
  trails.remove();
});

async function withoutWorker(): Promise<void> {
  worker.kill();
  await worker.exited;
}

/** What a client was told of a life, and what is left of it. */
async function expectLivedOnce({ name }: Life, lived: Lived): Promise<void> {
  expect({ name, effects: await lived.effects() }).toEqual({ name, effects: 1 });
  if (lived.answered) expect([201, 200]).toContain((await lived.answered).status);
}

async function record(life: Life): Promise<string[]> {
  await withoutWorker();
  const lived = await life.begin();
  trails.watch(lived.trail);
  await worker.restart();
  await settled(life.name, lived);
  await expectLivedOnce(life, lived);
  return quiet(trails, lived.trail);
}

test(
  'the list of points of every life has its commits, its calls to Temporal and its completions',
  async () => {
    recorded = [];
    for (const life of lives) {
      const trail = await complete(life.name, life.must, () => record(life));
      recorded.push({ life, trail });
    }
  },
  MINUTE_MS,
);

/** The worker that takes up this life dies at `point`; `undefined` where it never came there. */
async function dieAt(life: Life, point: string): Promise<{ lived: Lived; killedMs: number } | undefined> {
  await withoutWorker();
  const lived = await life.begin();
  trails.watch(lived.trail, point);
  await worker.restart();
  const reached = await Promise.race([worker.exited.then(() => true), sleep(REACHED_MS, false, { ref: false })]);
  return reached ? { lived, killedMs: trails.killedAtMs(lived.trail) ?? 0 } : undefined;
}

test(
  'killed at any point of its work, a worker leaves it to the next one, which does it once',
  async () => {
    const random = randomFrom(printedSeed());
    const rests: Promise<Killed>[] = [];
    let deadlineMs = Number.POSITIVE_INFINITY;
    for (const { life, trail } of recorded) {
      for (const point of chosen(trail, random)) {
        let died: Awaited<ReturnType<typeof dieAt>>;
        for (let attempt = 1; !died && attempt <= ATTEMPTS_MAX; attempt += 1) died = await dieAt(life, point);
        rests.push(restOf(life, point, died, () => deadlineMs));
      }
    }
    await worker.restart();
    deadlineMs = Date.now() + SETTLED_MS;
    const killed = await Promise.all(rests);
    printTable(killed);
    expectReached(killed);
    await expectInvariants(system.db);
  },
  15 * MINUTE_MS,
);

/** While others are still to be killed, nobody may be there to go on: the deadline is known later. */
async function restOf(
  life: Life,
  point: string,
  died: Awaited<ReturnType<typeof dieAt>>,
  deadlineMs: () => number,
): Promise<Killed> {
  const of = { write: life.name, point, done: false, answeredMs: 0, settledMs: 0 };
  if (!died) return { ...of, reached: false };
  const { lived, killedMs } = died;
  const done = (await lived.effects()) > 0;
  const answering = lived.answered?.then(() => Date.now() - killedMs);
  await settled(`${life.name}, killed ${point}`, lived, deadlineMs);
  const settledMs = Date.now() - killedMs;
  await expectLivedOnce(life, lived);
  return { ...of, reached: true, done, answeredMs: (await answering) ?? 0, settledMs };
}
