import { operationsFor } from '../../src/api/operations/all';
import { newFan, newSale } from '../support/fan';
import { startTestSystem, type ApiProcess, type TestSystem } from '../support/system';
import { expectInvariants } from '../support/database';
import { printedSeed, randomFrom } from '../support/fixtures';
import { killAt, record, type Killed } from './kill';
import { expectReached, printTable } from './table';
import { ATTEMPTS_MAX, chosen, complete, Trails } from './trails';
import { sent, writesOf, type Place, type Write } from './writes';

/** One for each core. */
const VICTIMS = 2;
const MINUTE_MS = 60_000;

const trails = new Trails();
let system: TestSystem;
let place: Place;
let victims: ApiProcess[];
let recorded: { write: Write; trail: string[] }[];

beforeAll(async () => {
  // The control leaves damage behind; before it, the invariants are checked.
  system = await startTestSystem('kill_api', { checked: false });
  const admin = await newFan(system, 'admin');
  const sale = await newSale(admin, { seats: 500 });
  let next = 0;
  place = { system, admin, sale, seat: () => sale.seatIds[next++] as number };
  victims = await Promise.all(Array.from({ length: VICTIMS }, () => system.addApi(trails.env)));
});
afterAll(async () => {
  await system.stop();
  trails.remove();
});

test(
  'the list of points of every write has its commits, its calls to Temporal and its reply',
  async () => {
    recorded = [];
    for (const write of writesOf(place)) {
      const trail = await complete(write.name, write.must, () => record(trails, victims[0] as ApiProcess, write));
      recorded.push({ write, trail });
    }
    const writes = operationsFor('dev').filter(({ method }) => method !== 'get');
    expect([...sent].sort()).toEqual(writes.map(({ operationId }) => operationId).sort());
  },
  MINUTE_MS,
);

test(
  'killed at any point of any write, an API leaves nothing half done, and the repeated request is answered as the first',
  async () => {
    const random = randomFrom(printedSeed());
    const jobs = recorded.flatMap(({ write, trail }) => chosen(trail, random).map((point) => ({ write, point })));
    const rests: Promise<Killed>[] = [];
    const lane = async (victim: ApiProcess): Promise<void> => {
      for (let job = jobs.shift(); job; job = jobs.shift()) {
        let killed = await killAt(trails, victim, system, job.write, job.point);
        for (let attempt = 1; !killed.reached && attempt < ATTEMPTS_MAX; attempt += 1) {
          killed = await killAt(trails, victim, system, job.write, job.point);
        }
        rests.push(killed.atRest);
      }
    };
    await Promise.all(victims.map(lane));
    const killed = await Promise.all(rests);
    printTable(killed);
    expectReached(killed);
    await expectInvariants(system.db);
  },
  15 * MINUTE_MS,
);

test('control: with replies stored only after their effects, a kill between the two doubles the effect, and is seen', async () => {
  const victim = await system.addApi({ ...trails.env, TRAIL_SABOTAGE: 'outcome-after-commit' });
  const charge = writesOf(place).find(({ name }) => name === 'charge') as Write;
  const trail = await record(trails, victim, charge);
  const point = trail.find((crossing) => crossing.startsWith('after COMMIT of asset_entry')) as string;
  expect(trail.indexOf('before INSERT idempotency_key')).toBeGreaterThan(trail.indexOf(point));
  await expect(killAt(trails, victim, system, charge, point)).rejects.toThrow('the effect is there 2 times');
});
