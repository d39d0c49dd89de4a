import { write } from '../../src/db/sql';
import { brokenInvariants, rolledBack, useDatabase } from '../support/database';
import { makeUser } from '../support/fixtures';

const { db } = useDatabase();
/** Two parts of the sweep and more. */
const CHARGES_OF_ONE = 30_000;

test('the sweep is no slower where one user has made all the charges', async () => {
  await rolledBack(db, async (trx) => {
    const userId = await makeUser(trx);
    const now = new Date();
    const first = 1_000_000;
    for (let from = 0; from < CHARGES_OF_ONE; from += 5_000) {
      const numbers = Array.from({ length: 5_000 }, (_, index) => from + index + 1);
      await write(
        trx,
        'INSERT INTO asset_entry (id, user_id, kind, amount, balance_after, reference, created_at) VALUES ?',
        [numbers.map((number) => [first + number, userId, 'CHARGE', 1, number, `r-${number}`, now])],
      );
      await write(
        trx,
        'INSERT INTO idempotency_key (user_id, key_hash, fingerprint, status, body, created_at) VALUES ?',
        [
          numbers.map((number) => {
            const hash = String(number).padStart(32, '0');
            return [userId, hash, hash, 201, JSON.stringify({ entryId: first + number }), now];
          }),
        ],
      );
    }
    await trx.raw('UPDATE asset SET balance = ? WHERE user_id = ?', [CHARGES_OF_ONE, userId]);
    // A statement of the sweep is killed after five seconds; each of these once took more than twenty.
    expect(await brokenInvariants(trx, 'recent')).toEqual([]);
    await trx.raw('UPDATE asset_entry SET amount = 2 WHERE reference = ?', [`r-${CHARGES_OF_ONE - 1}`]);
    expect(await brokenInvariants(trx, 'recent')).toEqual(['I4_balance']);
  });
});
