import { listEntries, lockAssets, moveMoney } from '../../src/db/asset';
import { brokenInvariants, interleaved, isLockedByAnother, rolledBack, useDatabase } from '../support/database';
import { balanceOf, charge, fulfilled, inParallel, makeUser } from '../support/fixtures';

const database = useDatabase();
const { db } = database;
const controls = useDatabase({ checked: false });

const CHARGE = { kind: 'CHARGE' as const, amount: 100, at: new Date() };

test('100 charges of one balance at once: all succeed, and none is lost', async () => {
  const pools = [db, database.pool(), database.pool()];
  const userId = await makeUser(db);
  const amounts = Array.from({ length: 100 }, (_, index) => index + 1);

  const results = await inParallel(amounts, 18, (amount, index) => charge(pools[index % 3] ?? db, userId, amount));

  expect(fulfilled(results)).toHaveLength(100);
  expect(await balanceOf(db, userId)).toBe(5_050);
  // Every entry goes on from the one before: no two read the same balance.
  const entries = await listEntries(db, userId, { limit: 200 });
  const starts = entries.map(({ balanceAfter, amount }) => balanceAfter - amount);
  expect(starts).toEqual([...entries.slice(1).map(({ balanceAfter }) => balanceAfter), 0]);
});

describe('control: the row lock of a balance', () => {
  test('without it, two charges read the same balance and one is lost', async () => {
    const userId = await makeUser(controls.db);
    await interleaved(controls.db, async (one, two) => {
      const [seenByOne, seenByTwo] = [await balanceOf(one, userId), await balanceOf(two, userId)];
      await moveMoney(one, [{ ...CHARGE, userId, balanceAfter: seenByOne + CHARGE.amount, reference: 'one' }]);
      await one.commit();
      await moveMoney(two, [{ ...CHARGE, userId, balanceAfter: seenByTwo + CHARGE.amount, reference: 'two' }]);
      await two.commit();
    });

    expect(await balanceOf(controls.db, userId)).toBe(100);
    // Nor was either of them asked for with a key.
    expect(await brokenInvariants(controls.db)).toEqual(['I4_balance', 'I10_one_effect']);
  });

  test('with it, nobody else can read the balance to change it', async () => {
    const userId = await makeUser(db);
    await rolledBack(db, async (trx) => {
      expect(await lockAssets(trx, [userId])).toEqual(new Map([[userId, 0]]));

      const other = rolledBack(db, (second) =>
        second.raw('SELECT balance FROM asset WHERE user_id = ? FOR UPDATE NOWAIT', [userId]),
      ).catch((error: unknown) => error);

      expect(isLockedByAnother(await other)).toBe(true);
    });
  });
});
