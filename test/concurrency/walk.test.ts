import { admitNext } from '../../src/db/admission';
import type { Database } from '../../src/db/connect';
import { claimUntold, markTold } from '../../src/db/dispatch';
import { KeyTaken } from '../../src/db/idempotency';
import { leaveQueue } from '../../src/db/queue';
import { cancelReservation } from '../../src/db/reservation';
import { endToken, expireHolds, expireTokens, releaseHold } from '../../src/db/release';
import { selectOne } from '../../src/db/sql';
import { transact } from '../../src/db/transaction';
import { Refusal } from '../../src/errors';
import { brokenInvariants, useDatabase } from '../support/database';
import {
  charge,
  countOf,
  hold,
  inParallel,
  issueAll,
  key,
  makeHoldOverdue,
  makeQueue,
  makeSale,
  makeTokenOverdue,
  makeUsers,
  pay,
  printedSeed,
  randomFrom,
  type Sale,
  type TestQueue,
} from '../support/fixtures';

const STEPS = 500;
const LANES = 10;

const database = useDatabase();
const { db } = database;
const pools = [db, database.pool()];

interface World {
  queue: TestQueue;
  sale: Sale;
  userIds: number[];
  charged: number;
  tried: Set<string>;
}

type Random = () => number;
const pick = <Item>(items: readonly Item[], random: Random) => items[Math.floor(random() * items.length)] as Item;

/** A user and whatever they have; 0 where they have none. */
async function findSomebody(pool: Database, { queue, userIds }: World, random: Random) {
  const userId = pick(userIds, random);
  const token = await selectOne<{ id: number }>(
    pool,
    'SELECT id FROM waiting_token WHERE user_id = ? ORDER BY id DESC LIMIT 1',
    [userId],
  );
  const reservation = await selectOne<{ id: number }>(
    pool,
    'SELECT id FROM reservation WHERE user_id = ? ORDER BY id DESC LIMIT 1 OFFSET ?',
    [userId, random() < 0.9 ? 0 : 1],
  );
  return { userId, queueId: queue.id, tokenId: token?.id ?? 0, reservationId: reservation?.id ?? 0 };
}
type Somebody = Awaited<ReturnType<typeof findSomebody>>;

/** What leads on is done more often than what ends, so that the walk gets somewhere. */
const OFTEN = ['issue', 'issue', 'hold', 'hold', 'pay', 'pay', 'pay', 'charge', 'charge'];

const ACTIONS: Record<string, (pool: Database, world: World, somebody: Somebody, random: Random) => Promise<unknown>> =
  {
    issue: (pool, { queue }, { userId }) => issueAll(pool, [{ userId, queue: queue.name }]),
    'issue again': (pool, { queue }, { userId }) =>
      issueAll(
        pool,
        [userId, userId].map((id) => ({ userId: id, queue: queue.name })),
      ),
    admit: (pool, { queue }) => admitNext(pool, queue.id),
    hold: (pool, { sale }, somebody, random) => hold(pool, somebody, sale, [pick(sale.seatIds, random)]),
    'hold two': (pool, { sale }, somebody, random) => {
      const first = Math.floor(random() * (sale.seatIds.length - 1));
      return hold(pool, somebody, sale, sale.seatIds.slice(first, first + 2));
    },
    pay: (pool, _, somebody) => pay(pool, somebody, somebody.reservationId),
    'pay with a used key': (pool, _, somebody) =>
      pay(pool, somebody, somebody.reservationId, key(somebody.userId, 'one key')),
    cancel: (pool, _, { userId, reservationId }) => cancelReservation(pool, userId, reservationId),
    charge: async (pool, world, { userId }) => {
      await charge(pool, userId, 700);
      world.charged += 700;
    },
    'hold runs out': async (pool, _, { reservationId }, random) => {
      await transact(db, (trx) => makeHoldOverdue(trx, reservationId));
      if (random() < 0.5) await releaseHold(pool, reservationId);
    },
    'token runs out': async (pool, _, { tokenId }, random) => {
      const live = await countOf(
        pool,
        'reservation',
        `waiting_token_id = ? AND status = 'HELD' AND expires_at > NOW(3)`,
        [tokenId],
      );
      if (live === 0) await makeTokenOverdue(pool, tokenId);
      if (random() < 0.5) await endToken(pool, tokenId);
    },
    leave: (pool, _, { tokenId }) => leaveQueue(pool, tokenId),
    sweep: async (pool) => {
      await expireHolds(pool);
      await expireTokens(pool);
    },
    dispatch: async (pool) => {
      await markTold(pool, 'waiting-token', await claimUntold(pool, 'waiting-token', 5));
      await markTold(pool, 'hold', await claimUntold(pool, 'hold', 5));
    },
  };

async function step(world: World, index: number, random: Random): Promise<void> {
  const pool = pools[index % pools.length] ?? db;
  const name = pick([...Object.keys(ACTIONS), ...OFTEN], random);
  const somebody = await findSomebody(pool, world, random);
  world.tried.add(name);
  try {
    await ACTIONS[name]?.(pool, world, somebody, random);
  } catch (error) {
    if (!(error instanceof Refusal) && !(error instanceof KeyTaken)) throw error;
  }
  if (index % 50 === 0) expect(await brokenInvariants(pool)).toEqual([]);
}

test('a random walk of everything at once: only refusals, and every invariant holds', async () => {
  const random = randomFrom(printedSeed());
  const queue = await makeQueue(db, { maxActive: 12 });
  const sale = await makeSale(db, { seats: 100, price: 300, queue: queue.name });
  const world: World = { queue, sale, userIds: await makeUsers(db, 20), charged: 0, tried: new Set() };

  const results = await inParallel(Array.from({ length: STEPS }), LANES, (_, index) => step(world, index, random));

  for (const result of results) if (result.status === 'rejected') throw result.reason;
  expect([...world.tried].sort()).toEqual(Object.keys(ACTIONS).sort());
  expect(await brokenInvariants(db)).toEqual([]);
  const money = await selectOne<{ balances: number; prices: number }>(
    db,
    'SELECT (SELECT CAST(SUM(balance) AS DOUBLE) FROM asset) AS balances, (SELECT CAST(COALESCE(SUM(price), 0) AS DOUBLE) FROM payment) AS prices',
  );
  expect((money?.balances ?? 0) + (money?.prices ?? 0)).toBe(world.charged);
  expect(await countOf(db, 'reservation', `status = 'PAID'`)).toBe(await countOf(db, 'payment'));
  expect(await countOf(db, 'payment')).toBeGreaterThan(0);
});
