import { issueTokens, leaveQueue } from '../../src/db/queue';
import { admitNext } from '../../src/db/admission';
import { select } from '../../src/db/sql';
import { updateQueue } from '../../src/db/queue-settings';
import { transact } from '../../src/db/transaction';
import { contents, isLocked, rolledBack, useDatabase } from '../support/database';
import {
  countOf,
  issueAll,
  makeActiveToken,
  makeBuyers,
  makeQueue,
  makeTokenOverdue,
  makeUser,
  makeUsers,
  statusOf,
} from '../support/fixtures';

const database = useDatabase();
const { db } = database;

const TOKENS_OF_QUEUE =
  'SELECT id, user_id AS userId, issued_at AS issuedAt FROM waiting_token WHERE queue_id = ? ORDER BY ticket_no';

/** Asks for a token for each of these users, in one batch. */
const issue = async (queue: string, userIds: number[]) =>
  (
    await issueAll(
      db,
      userIds.map((userId) => ({ userId, queue })),
    )
  ).issued;

describe('issueTokens', () => {
  test('a user has one live token: asked again, the same one is given back', async () => {
    const queue = await makeQueue(db);
    const userId = await makeUser(db);

    const [first] = await issue(queue.name, [userId]);
    const [again] = await issue(queue.name, [userId]);

    expect(first).toMatchObject({ userId, queue: queue.name, ticketNo: 1, status: 'ACTIVE', created: true, ahead: 0 });
    expect(again).toEqual({ ...first, created: false, ahead: undefined });
    expect(await countOf(db, 'waiting_token', 'user_id = ?', [userId])).toBe(1);
  });

  test('the same user may have a live token in each of two queues, asked for in one batch', async () => {
    const [one, two] = [await makeQueue(db), await makeQueue(db)];
    const userId = await makeUser(db);

    const { issued } = await issueAll(
      db,
      [one, two, one].map(({ name }) => ({ userId, queue: name })),
    );

    expect(issued.map((token) => [token?.queue, token?.created])).toEqual([
      [one.name, true],
      [two.name, true],
      [one.name, false],
    ]);
  });

  test('duplicates in a batch: the first creates the token, the others are given the same one', async () => {
    const queue = await makeQueue(db, { maxActive: 1 });
    const [a, b] = (await makeUsers(db, 2)) as [number, number];

    const issued = await issue(queue.name, [a, b, a, b, b]);

    expect(issued.map((token) => token?.created)).toEqual([true, true, false, false, false]);
    expect(issued.map((token) => token?.userId)).toEqual([a, b, a, b, b]);
    expect(new Set(issued.map((token) => token?.id)).size).toBe(2);
    expect(issued.map((token) => token?.ahead)).toEqual([0, 0, 0, 0, 0]);
    expect(await countOf(db, 'waiting_token', 'queue_id = ?', [queue.id])).toBe(2);
  });

  test('ticket numbers have no gaps and follow the order of the commits', async () => {
    const queue = await makeQueue(db, { maxActive: 5 });
    const pools = [db, database.pool(), database.pool()];
    const userIds = await makeUsers(db, 120);

    await Promise.all(
      Array.from({ length: 24 }, (_, batch) =>
        issueAll(
          pools[batch % 3] ?? db,
          userIds.slice(batch * 5, batch * 5 + 5).map((userId) => ({ userId, queue: queue.name })),
        ),
      ),
    );

    const tokens = await select<{ id: number; ticket: number; issued: Date }>(
      db,
      'SELECT id, ticket_no AS ticket, issued_at AS issued FROM waiting_token WHERE queue_id = ? ORDER BY ticket_no',
      [queue.id],
    );
    expect(tokens.map((token) => token.ticket)).toEqual(userIds.map((_, index) => index + 1));
    for (const order of [tokens.map(({ id }) => id), tokens.map(({ issued }) => issued.getTime())]) {
      expect(order).toEqual([...order].sort((a, b) => a - b));
    }
  });

  test('a batch that fails leaves no gap', async () => {
    const queue = await makeQueue(db);
    const [a, b] = (await makeUsers(db, 2)) as [number, number];
    await issue(queue.name, [a]);
    const before = await contents(db);

    await expect(issue(queue.name, [b, Number.MAX_SAFE_INTEGER])).rejects.toMatchObject({ errno: 1452 });

    expect(await contents(db)).toEqual(before);
    expect((await issue(queue.name, [b]))[0]).toMatchObject({ ticketNo: 2, created: true });
  });

  test('an overdue ACTIVE token is ended and a new one given', async () => {
    const queue = await makeQueue(db);
    const old = await makeActiveToken(db, await makeUser(db), queue.name);
    await makeTokenOverdue(db, old.tokenId);

    const [token] = await issue(queue.name, [old.userId]);

    expect(token).toMatchObject({ created: true, status: 'ACTIVE', ticketNo: 2 });
    expect(await statusOf(db, 'waiting_token', old.tokenId)).toBe('EXPIRED');
  });

  test('an overdue token that is being used keeps its owner waiting, and nobody else; extended or used, it is left as it is', async () => {
    const queue = await makeQueue(db);
    const [extended, used] = await makeBuyers(db, 2, { queue: queue.name });
    for (const { tokenId } of [extended!, used!]) await makeTokenOverdue(db, tokenId);
    const newcomer = await makeUser(db);
    const requests = [extended!.userId, used!.userId, newcomer].map((userId) => ({ userId, queue: queue.name }));
    const other = await db.transaction();
    await other.raw('UPDATE waiting_token SET expires_at = NOW(3) + INTERVAL 5 MINUTE WHERE id = ?', [
      extended!.tokenId,
    ]);
    await other.raw(`UPDATE waiting_token SET status = 'USED', ended_at = NOW(3) WHERE id = ?`, [used!.tokenId]);

    const startedAt = Date.now();
    const { issued } = await issueTokens(db, requests);
    expect(Date.now() - startedAt).toBeLessThan(1_000);
    const ending = expect.objectContaining({ code: 'unavailable' });
    expect(issued).toEqual([ending, ending, expect.objectContaining({ userId: newcomer, created: true })]);
    await other.commit();

    expect((await issueTokens(db, requests)).issued).toMatchObject([
      { id: extended!.tokenId, status: 'ACTIVE', created: false },
      { status: 'ACTIVE', created: true },
      { userId: newcomer, created: false },
    ]);
    expect(await statusOf(db, 'waiting_token', used!.tokenId)).toBe('USED');
  });

  test('free places are given at once while nobody waits', async () => {
    const queue = await makeQueue(db, { maxActive: 2 });
    const userIds = await makeUsers(db, 4);

    const { issued, admitted } = await issueAll(
      db,
      userIds.map((userId) => ({ userId, queue: queue.name })),
    );

    expect(issued.map((token) => [token?.status, token?.ahead])).toEqual([
      ['ACTIVE', 0],
      ['ACTIVE', 0],
      ['WAITING', 0],
      ['WAITING', 1],
    ]);
    expect(admitted.map((token) => token.id)).toEqual(issued.slice(0, 2).map((token) => token?.id));
  });

  test('free places are not given to a newcomer while somebody waits', async () => {
    const queue = await makeQueue(db, { maxActive: 1 });
    const [a, b, c] = (await makeUsers(db, 3)) as [number, number, number];
    await issue(queue.name, [a, b]);
    await db.raw('UPDATE queue SET max_active = 10 WHERE id = ?', [queue.id]);

    const { issued, admitted } = await issueAll(db, [{ userId: c, queue: queue.name }]);

    expect(issued[0]).toMatchObject({ status: 'WAITING', ahead: 1 });
    expect(admitted).toEqual([]);
    expect((await admitNext(db, queue.id)).map((token) => token.userId)).toEqual([b, c]);
  });

  test('a paused queue issues tokens and lets nobody in', async () => {
    const queue = await makeQueue(db, { paused: true });

    const [token] = await issue(queue.name, [await makeUser(db)]);

    expect(token).toMatchObject({ status: 'WAITING', created: true, ahead: 0, activatedAt: null, expiresAt: null });
  });

  test('a queue that does not exist gives nothing, and does not spoil the batch', async () => {
    const queue = await makeQueue(db);
    const userId = await makeUser(db);

    const { issued } = await issueAll(db, [
      { userId, queue: 'nowhere' },
      { userId, queue: queue.name },
    ]);

    expect(issued[0]).toBeUndefined();
    expect(issued[1]).toMatchObject({ queue: queue.name, created: true });
  });

  test('what goes wrong in one queue is no trouble of those who join another', async () => {
    const [one, two] = [await makeQueue(db), await makeQueue(db)];
    const userId = await makeUser(db);

    const { issued, admitted } = await issueTokens(db, [
      { userId: Number.MAX_SAFE_INTEGER, queue: one.name },
      { userId, queue: two.name },
    ]);

    expect(issued).toEqual([expect.any(Error), expect.objectContaining({ userId, created: true })]);
    expect(admitted).toMatchObject([{ userId, queue: two.name }]);
  });

  test('`ahead` counts those who wait before, and not those who left, here or elsewhere', async () => {
    const [elsewhere, queue] = [await makeQueue(db, { paused: true }), await makeQueue(db, { paused: true })];
    const userIds = await makeUsers(db, 8);
    for (const token of await issue(elsewhere.name, userIds.slice(0, 3))) await leaveQueue(db, token?.id ?? 0);
    const issued = await issue(queue.name, userIds);
    expect(issued.map((token) => token?.ahead)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    for (const index of [0, 3, 4]) await leaveQueue(db, issued[index]?.id ?? 0);

    const newcomers = await makeUsers(db, 3);
    expect((await issue(queue.name, newcomers.slice(0, 2))).map((token) => token?.ahead)).toEqual([5, 6]);

    await updateQueue(db, queue.name, { maxActive: 2, paused: false });
    const [late] = await issue(queue.name, newcomers.slice(2));
    expect(late).toMatchObject({ status: 'WAITING', ahead: 5 });
    // Whoever asks again is told by the process's picture of the line.
    expect((await issue(queue.name, userIds.slice(7)))[0]).toMatchObject({ created: false, ahead: undefined });
  });

  test('the ids given are those of the rows, also where ids go by sevens', async () => {
    const queue = await makeQueue(db, { paused: true });
    const userIds = await makeUsers(db, 4);

    const { issued, rows } = await transact(db, async (trx) => {
      await trx.raw('SET SESSION auto_increment_increment = 7');
      const issued = await issueAll(
        trx,
        userIds.map((userId) => ({ userId, queue: queue.name })),
      );
      await trx.raw('SET SESSION auto_increment_increment = DEFAULT');
      return { issued: issued.issued, rows: await select(trx, TOKENS_OF_QUEUE, [queue.id]) };
    });

    expect(issued.map((token) => ({ id: token?.id, userId: token?.userId, issuedAt: token?.issuedAt }))).toEqual(rows);
  });

  test('a live token somebody is working on does not hold up the line', async () => {
    const queue = await makeQueue(db);
    const buyer = await makeActiveToken(db, await makeUser(db), queue.name);
    const newcomer = await makeUser(db);

    const { issued, tookMs } = await rolledBack(db, async (other) => {
      await other.raw('SELECT id FROM waiting_token WHERE id = ? FOR UPDATE', [buyer.tokenId]);
      expect(await isLocked(db, 'waiting_token', buyer.tokenId)).toBe(true);
      const startedAt = Date.now();
      return { issued: await issue(queue.name, [buyer.userId, newcomer]), tookMs: Date.now() - startedAt };
    });

    expect(tookMs).toBeLessThan(1_000);
    expect(issued.map((token) => [token?.status, token?.created])).toEqual([
      ['ACTIVE', false],
      ['ACTIVE', true],
    ]);
  });
});
