import { createUser, ensureUsers, findAsset, listEntries } from '../../src/db/asset';
import { CHARGE_MAX } from '../../src/contracts/asset';
import { MONEY_MAX } from '../../src/contracts/common';
import { contents, useDatabase } from '../support/database';
import { balanceOf, charge, countOf, CURRENCY, makeUser, refusedUnchanged } from '../support/fixtures';

const { db } = useDatabase();

const chargeOnce = (userId: number, amount: number) => charge(db, userId, amount);

describe('charge', () => {
  test('adds to the balance and writes the ledger', async () => {
    const userId = await makeUser(db);

    const first = await chargeOnce(userId, 700);
    const second = await chargeOnce(userId, 300);

    expect(first).toEqual({ entryId: expect.any(Number), amount: 700, balance: 700, currency: CURRENCY });
    expect(second.balance).toBe(1_000);
    expect(await findAsset(db, userId, CURRENCY)).toEqual({ userId, balance: 1_000, currency: CURRENCY });
    expect(await listEntries(db, userId, { limit: 9 })).toMatchObject([
      { id: second.entryId, kind: 'CHARGE', amount: 300, balanceAfter: 1_000 },
      { id: first.entryId, kind: 'CHARGE', amount: 700, balanceAfter: 700 },
    ]);
  });

  test('the balance may reach its bound and not pass it', async () => {
    const userId = await makeUser(db);
    await db.raw('UPDATE asset SET balance = ? WHERE user_id = ?', [MONEY_MAX - CHARGE_MAX, userId]);
    await db.raw(
      `INSERT INTO asset_entry (user_id, kind, amount, balance_after, reference, created_at) VALUES (?, 'REFUND', ?, ?, 'earlier', NOW(3))`,
      [userId, MONEY_MAX - CHARGE_MAX, MONEY_MAX - CHARGE_MAX],
    );

    const refusal = await refusedUnchanged(db, 'validation_failed', () => chargeOnce(userId, CHARGE_MAX + 1));
    expect(refusal.members['errors']).toMatchObject([{ pointer: '/amount' }]);

    expect((await chargeOnce(userId, CHARGE_MAX)).balance).toBe(MONEY_MAX);
    await refusedUnchanged(db, 'validation_failed', () => chargeOnce(userId, 1));
  });

  test('a user nobody has met has a balance of 0 and cannot be charged', async () => {
    const before = await contents(db);

    expect(await findAsset(db, 999_999, CURRENCY)).toMatchObject({ balance: 0 });
    expect(await listEntries(db, 999_999, { limit: 9 })).toEqual([]);
    await expect(chargeOnce(999_999, 1)).rejects.toThrow('has no asset row');
    expect(await contents(db)).toEqual(before);
  });

  test('a ledger goes on from where the page before ended', async () => {
    const userId = await makeUser(db);
    for (const amount of [1, 2, 3]) await chargeOnce(userId, amount);

    const first = await listEntries(db, userId, { limit: 2 });
    const rest = await listEntries(db, userId, { limit: 2, beforeId: first[1]?.id });

    expect([...first, ...rest].map(({ amount }) => amount)).toEqual([3, 2, 1]);
  });
});

describe('users', () => {
  test('are made with a balance of 0', async () => {
    const userId = await createUser(db);

    expect(await countOf(db, 'asset', 'user_id = ? AND balance = 0', [userId])).toBe(1);
  });

  test('known to the identity provider are made once, also by many at once, and keep their money', async () => {
    const userId = 4_000_000_000_001;
    await Promise.all(Array.from({ length: 10 }, () => ensureUsers(db, [userId, userId])));
    await chargeOnce(userId, 5);

    await ensureUsers(db, [userId, userId]);

    expect(await balanceOf(db, userId)).toBe(5);
    expect(await countOf(db, 'asset', 'user_id = ?', [userId])).toBe(1);
  });
});
