import { transact } from '../../src/db/transaction';
import { write } from '../../src/db/sql';
import type { Transaction } from '../../src/db/connect';
import { rolledBack, useDatabase } from '../support/database';
import { balanceOf, makeUser } from '../support/fixtures';

const database = useDatabase({ checked: false });
const { db } = database;

const increment = (trx: Transaction, userId: number) =>
  write(trx, 'UPDATE asset SET balance = balance + 1 WHERE user_id = ?', [userId]);

/** As InnoDB would report it, from the server itself. */
const fail = (trx: Transaction, errno: number) =>
  trx.raw(`SIGNAL SQLSTATE '40001' SET MYSQL_ERRNO = ${errno}, MESSAGE_TEXT = 'lost a race'`);

/** Both must have arrived before either goes on. */
function meeting(people: number): () => Promise<void> {
  let arrived = 0;
  let open: () => void;
  const all = new Promise<void>((resolve) => (open = resolve));
  return async () => {
    arrived += 1;
    if (arrived >= people) open();
    await all;
  };
}

describe('transact', () => {
  test('commits and gives the result', async () => {
    const userId = await makeUser(db);

    const result = await transact(db, async (trx) => {
      await increment(trx, userId);
      return 'done';
    });

    expect(result).toBe('done');
    expect(await balanceOf(db, userId)).toBe(1);
  });

  test('an error rolls back and is thrown once', async () => {
    const userId = await makeUser(db);
    let attempts = 0;

    const work = transact(db, async (trx) => {
      attempts += 1;
      await increment(trx, userId);
      throw new Error('no');
    });

    await expect(work).rejects.toThrow('no');
    expect(attempts).toBe(1);
    expect(await balanceOf(db, userId)).toBe(0);
  });

  test('of two that lock in opposite order, the victim of the deadlock runs again and both succeed', async () => {
    const [a, b] = [await makeUser(db), await makeUser(db)];
    const met = meeting(2);
    let attempts = 0;
    const both = (one: number, other: number) =>
      transact(db, async (trx) => {
        attempts += 1;
        await increment(trx, one);
        await met();
        await increment(trx, other);
      });

    await Promise.all([both(a, b), both(b, a)]);

    expect(attempts).toBe(3);
    expect([await balanceOf(db, a), await balanceOf(db, b)]).toEqual([2, 2]);
  });

  test('control: without it, the deadlock reaches the caller', async () => {
    const [a, b] = [await makeUser(db), await makeUser(db)];
    const met = meeting(2);
    const both = (one: number, other: number) =>
      db.transaction(async (trx) => {
        await increment(trx, one);
        await met();
        await increment(trx, other);
      });

    const results = await Promise.allSettled([both(a, b), both(b, a)]);

    const rejected = results.filter((result) => result.status === 'rejected');
    expect(rejected).toHaveLength(1);
    expect(rejected[0]?.reason).toMatchObject({ errno: 1213 });
  });

  test('a lock wait that timed out is rolled back and tried again: the effect happens once', async () => {
    const [a, b] = [await makeUser(db), await makeUser(db)];
    const impatient = database.pool(1);
    await impatient.raw('SET SESSION innodb_lock_wait_timeout = 1');
    const other = await db.transaction();
    await increment(other, b);
    let attempts = 0;

    await transact(impatient, async (trx) => {
      attempts += 1;
      if (attempts === 2) await other.rollback();
      await increment(trx, a);
      await increment(trx, b);
    });

    expect(attempts).toBe(2);
    expect([await balanceOf(db, a), await balanceOf(db, b)]).toEqual([1, 1]);
  });

  test.each([1213, 1205])('error %d for ever: five attempts, then the error', async (errno) => {
    const userId = await makeUser(db);
    let attempts = 0;

    const work = transact(db, async (trx) => {
      attempts += 1;
      await increment(trx, userId);
      await fail(trx, errno);
    });

    await expect(work).rejects.toMatchObject({ errno });
    expect(attempts).toBe(5);
    expect(await balanceOf(db, userId)).toBe(0);
  });

  test('what was rolled back leaves no trace for the connection that is used next', async () => {
    const userId = await makeUser(db);
    const single = database.pool(1);

    await rolledBack(single, (trx) => increment(trx, userId));
    await transact(single, (trx) => increment(trx, userId));

    expect(await balanceOf(single, userId)).toBe(1);
  });
});
