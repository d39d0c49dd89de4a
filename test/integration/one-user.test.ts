import type { Executor } from '../../src/db/connect';
import { write } from '../../src/db/sql';
import { brokenInvariants, useDatabase } from '../support/database';
import { makeUser, makeUsers } from '../support/fixtures';

const { db } = useDatabase();
/** Two parts of the sweep and more. */
const CHARGES_OF_ONE = 30_000;
const CHARGES_OF_OTHERS = 20_000;
const BATCH = 5_000;
const TEST_MS = 60_000;

/** One charge of each of these users, with its outcome, in this order. */
async function charge(on: Executor, name: string, userIds: number[]): Promise<void> {
  const now = new Date();
  const counts = new Map<number, number>();
  for (let from = 0; from < userIds.length; from += BATCH) {
    const entries = userIds.slice(from, from + BATCH).map((userId, index) => {
      const count = (counts.get(userId) ?? 0) + 1;
      counts.set(userId, count);
      return [userId, 'CHARGE', 1, count, `${name}-${from + index + 1}`, now];
    });
    const { insertId } = await write(
      on,
      'INSERT INTO asset_entry (user_id, kind, amount, balance_after, reference, created_at) VALUES ?',
      [entries],
    );
    const outcomes = entries.map(([userId, , , , reference], index) => {
      const hash = String(reference).padStart(32, '0');
      return [userId, hash, hash, 201, JSON.stringify({ entryId: insertId + index }), now];
    });
    await write(on, 'INSERT INTO idempotency_key (user_id, key_hash, fingerprint, status, body, created_at) VALUES ?', [
      outcomes,
    ]);
  }
  await write(on, 'UPDATE asset a SET balance = (SELECT COUNT(*) FROM asset_entry e WHERE e.user_id = a.user_id)');
}

// A statement of the sweep is killed after five seconds; each of these once took more than twenty.
test(
  'the sweep is no slower where one of many users has made most of the charges',
  async () => {
    await db.transaction(async (trx) => {
      await charge(trx, 'others', await makeUsers(trx as unknown as typeof db, CHARGES_OF_OTHERS));
      const userId = await makeUser(trx as unknown as typeof db);
      const times = Array.from({ length: CHARGES_OF_ONE }, () => userId);
      await charge(trx, 'one', times);
    });
    await db.raw('ANALYZE TABLE asset_entry, idempotency_key, asset');

    expect(await brokenInvariants(db, 'complete')).toEqual([]);

    const undo = 'UPDATE asset_entry SET amount = ? WHERE reference = ?';
    await db.raw(undo, [2, `one-${CHARGES_OF_ONE - 1}`]);
    expect(await brokenInvariants(db, 'recent')).toEqual(['I4_balance']);
    await db.raw(undo, [1, `one-${CHARGES_OF_ONE - 1}`]);
  },
  TEST_MS,
);
