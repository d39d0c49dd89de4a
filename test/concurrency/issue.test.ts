import type { QueueRow } from '../../src/db/admission';

import { select, write } from '../../src/db/sql';
import { findLiveTokens } from '../../src/db/tokens';
import { brokenInvariants, interleaved, isLockedByAnother, type TestDatabase, useDatabase } from '../support/database';
import { countOf, fulfilled, inParallel, issueAll, makeQueue, makeUser, makeUsers, rowOf } from '../support/fixtures';

const guarded = useDatabase();
const controls = useDatabase({ checked: false });

/** One user asks 30 times at once, over three pools. */
async function askThirtyTimes({ db, pool }: TestDatabase) {
  const pools = [db, pool(), pool()];
  const queue = await makeQueue(db, { maxActive: 5 });
  const userId = await makeUser(db);
  const results = await Promise.allSettled(
    Array.from({ length: 30 }, (_, index) => issueAll(pools[index % 3] ?? db, [{ userId, queue: queue.name }])),
  );
  const tokens = fulfilled(results).map(({ issued }) => issued[0]);
  return { tokens, rows: await countOf(db, 'waiting_token', 'user_id = ?', [userId]) };
}

test('30 requests of one user over three pools: one token, created once', async () => {
  const { tokens, rows } = await askThirtyTimes(guarded);

  expect(tokens).toHaveLength(30);
  expect(new Set(tokens.map((token) => token?.id)).size).toBe(1);
  expect(tokens.filter((token) => token?.created)).toHaveLength(1);
  expect(rows).toBe(1);
});

test('many users over three pools: every ticket number once, none left out', async () => {
  const { db } = guarded;
  const queue = await makeQueue(db, { maxActive: 7 });
  const userIds = await makeUsers(db, 60);
  const pools = [db, guarded.pool(), guarded.pool()];

  // Every user asks twice, in different batches.
  const asked = await inParallel([...userIds, ...[...userIds].reverse()], 24, (userId, index) =>
    issueAll(pools[index % 3] ?? db, [{ userId, queue: queue.name }]),
  );
  expect(fulfilled(asked)).toHaveLength(120);

  const rows = await select<{ ticket: number }>(
    db,
    'SELECT ticket_no AS ticket FROM waiting_token WHERE queue_id = ? ORDER BY ticket_no',
    [queue.id],
  );
  expect(rows.map(({ ticket }) => ticket)).toEqual(userIds.map((_, index) => index + 1));
  expect(await rowOf(db, 'queue', queue.id)).toMatchObject({
    next_ticket_no: 61,
    served_ticket_no: 7,
    waiting_count: 53,
  });
});

describe('control: one live token has two guards, the lock of the queue and the unique key', () => {
  /** Two requests look for a live token before either has made one. */
  async function askTwice(lock: boolean): Promise<void> {
    const { db } = controls;
    const queue = await makeQueue(db);
    const userId = await makeUser(db);
    await interleaved(db, async (...transactions) => {
      const seen: number[] = [];
      for (const trx of transactions) {
        if (lock) await trx.raw('SELECT id FROM queue WHERE id = ? FOR UPDATE NOWAIT', [queue.id]);
        seen.push((await rowOf<QueueRow>(trx, 'queue', queue.id)).next_ticket_no);
        expect(await findLiveTokens(trx, queue.id, [userId])).toEqual([]);
      }
      for (const [index, trx] of transactions.entries()) {
        await write(
          trx,
          `INSERT INTO waiting_token (queue_id, user_id, ticket_no, status, issued_at) VALUES (?, ?, ?, 'WAITING', NOW(3))`,
          [queue.id, userId, seen[index]],
        );
        await trx.commit();
      }
    });
  }

  test('the lock lets the second in only after the first', async () => {
    const refused = await askTwice(true).catch((error: unknown) => error);

    expect(isLockedByAnother(refused)).toBe(true);
  });

  test('without the lock, the keys refuse the second', async () => {
    await expect(askTwice(false)).rejects.toMatchObject({ errno: 1062 });
    await controls.db.raw(
      'ALTER TABLE waiting_token DROP KEY waiting_token_ticket, ADD KEY waiting_token_ticket (queue_id, ticket_no)',
    );
    await expect(askTwice(false)).rejects.toMatchObject({ errno: 1062, message: expect.stringContaining('one_live') });
  });

  test('without the keys, the lock alone still gives one token', async () => {
    await controls.db.raw('ALTER TABLE waiting_token DROP KEY waiting_token_one_live');

    expect(await askThirtyTimes(controls)).toMatchObject({ rows: 1 });
    expect(await brokenInvariants(controls.db)).toEqual([]);
  });

  test('without both, the user has two live tokens with one number', async () => {
    await askTwice(false);

    expect(await brokenInvariants(controls.db)).toEqual(['I5_one_token']);
  });
});
