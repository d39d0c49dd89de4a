import { holdSeats } from '../../src/db/hold';
import { findOutcomes, KeyTaken, saveOutcomes } from '../../src/db/idempotency';
import { deleteOldKeys } from '../../src/db/sweep';
import { transact } from '../../src/db/transaction';
import { brokenInvariants, contents, useDatabase } from '../support/database';
import {
  balanceOf,
  charge,
  countOf,
  granted,
  hold,
  holdOf,
  key,
  makeBuyer,
  makeSale,
  makeUser,
  refusalOf,
  sha256,
  TERMS,
} from '../support/fixtures';

const database = useDatabase();
const { db } = database;
/** Its primary key of idempotency keys is gone. */
const unguarded = useDatabase({ checked: false });

const findOutcome = async (userId: number, name: string) => {
  const [found] = await findOutcomes(db, [{ userId, hash: sha256(name) }]);
  return found && { fingerprint: found.fingerprint, status: found.status, body: found.body };
};

describe('saveOutcomes', () => {
  test('the outcome is found under the key of its user, as it was answered', async () => {
    const userId = await makeUser(db);
    const view = await charge(db, userId, 5, key(userId, 'mine', 'five'));

    expect(await findOutcome(userId, 'mine')).toEqual({
      fingerprint: sha256('five'),
      status: 201,
      body: view,
    });
    expect(await findOutcome(userId, 'other')).toBeUndefined();
    expect(await findOutcome(await makeUser(db), 'mine')).toBeUndefined();
  });

  test('an effect that is rolled back leaves no key', async () => {
    const userId = await makeUser(db);

    const work = transact(db, async (trx) => {
      await saveOutcomes(trx, [{ key: key(userId, 'mine'), status: 201, body: {} }]);
      throw new Error('after the outcome');
    });

    await expect(work).rejects.toThrow('after the outcome');
    expect(await findOutcome(userId, 'mine')).toBeUndefined();
  });

  test('a refusal stores nothing: the same key may be tried again', async () => {
    const sale = await makeSale(db, { seats: 2 });
    const [one, two] = [await makeBuyer(db), await makeBuyer(db)];
    const [a, b] = sale.seatIds as [number, number];
    await hold(db, one, sale, [a]);
    const withKey = key(two.userId, 'mine');
    const holdUnderKey = async (seatId: number) =>
      granted((await holdSeats(db, TERMS, [{ ...holdOf(two, sale, [seatId]), key: withKey }]))[0]);

    expect((await refusalOf(holdUnderKey(a))).code).toBe('seat_taken');
    expect(await findOutcome(two.userId, 'mine')).toBeUndefined();

    const held = await holdUnderKey(b);
    expect((await findOutcome(two.userId, 'mine'))?.body).toEqual(held);
  });

  test('a key that is taken takes its effect back, whatever the request', async () => {
    const userId = await makeUser(db);
    await charge(db, userId, 5, key(userId, 'once', 'five'));
    const before = await contents(db);

    for (const request of ['five', 'six']) {
      const again = charge(db, userId, 6, key(userId, 'once', request));
      await expect(again).rejects.toBeInstanceOf(KeyTaken);
    }

    expect(await contents(db)).toEqual(before);
  });

  test('of ten charges with one key, over two pools, one has an effect (I10)', async () => {
    const userId = await makeUser(db);
    const pools = [db, database.pool()];

    const results = await Promise.allSettled(
      Array.from({ length: 10 }, (_, index) => charge(pools[index % 2] ?? db, userId, 5, key(userId, 'same'))),
    );

    const failures = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
    expect(failures).toHaveLength(9);
    expect(failures.every((failure) => failure instanceof KeyTaken)).toBe(true);
    expect(await balanceOf(db, userId)).toBe(5);
  });

  test('control: without the primary key, one key has two effects', async () => {
    await unguarded.db.raw('ALTER TABLE idempotency_key ADD KEY of_user (user_id), DROP PRIMARY KEY');
    const userId = await makeUser(unguarded.db);

    for (let time = 0; time < 2; time += 1) {
      await charge(unguarded.db, userId, 5, key(userId, 'same'));
    }

    expect(await balanceOf(unguarded.db, userId)).toBe(10);
    expect(await brokenInvariants(unguarded.db)).toEqual(['I10_one_effect']);
  });

  test('an error that is no duplicate is thrown as it is', async () => {
    const work = transact(db, (trx) => saveOutcomes(trx, [{ key: key(999_999), status: 201, body: {} }]));

    await expect(work).rejects.toMatchObject({ errno: 1452 });
  });
});

describe('deleteOldKeys', () => {
  test('deletes keys after a day and none before', async () => {
    const userId = await makeUser(db);
    const outcomes = ['old', 'young'].map((name) => ({ key: key(userId, name), status: 201, body: {} }));
    await transact(db, (trx) => saveOutcomes(trx, outcomes));
    const age = (name: string, minutes: number) =>
      db.raw('UPDATE idempotency_key SET created_at = NOW(3) - INTERVAL ? MINUTE WHERE user_id = ? AND key_hash = ?', [
        minutes,
        userId,
        sha256(name),
      ]);
    await age('old', 24 * 60 + 1);
    await age('young', 24 * 60 - 1);

    expect(await deleteOldKeys(db)).toBe(1);

    expect(await countOf(db, 'idempotency_key', 'user_id = ?', [userId])).toBe(1);
    expect(await findOutcome(userId, 'young')).toBeDefined();
  });
});
