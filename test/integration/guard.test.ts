import type { Request } from 'express';
import pino from 'pino';
import { createLookup } from '../../src/api/batches';
import { createGuard, requireQueue } from '../../src/api/guard';
import { createQueueSnapshot } from '../../src/api/queue-snapshot';
import { createQueueTokens } from '../../src/api/queue-token';
import { leaveQueue } from '../../src/db/queue';
import { findTokens } from '../../src/db/tokens';
import { useDatabase } from '../support/database';
import { issueAll, makeBuyer, makeQueue, makeTokenOverdue, makeUsers, refusalOf } from '../support/fixtures';

const { db } = useDatabase();
const SECRET = 'a-secret-of-this-test-and-of-nothing-else';

const queueTokens = createQueueTokens(SECRET);
const guard = createGuard({
  queueTokens,
  findToken: createLookup((ids: readonly number[]) => findTokens(db, ids)),
  snapshot: createQueueSnapshot({ db, logger: pino({ enabled: false }) }),
});

const enter = (userId: number, queueToken?: string) =>
  guard({ headers: { 'x-queue-token': queueToken } } as unknown as Request, { userId, role: 'user' });
const enterWith = (userId: number, tokenId: number) => enter(userId, queueTokens.mint(tokenId));

test('somebody inside is let in, with the token', async () => {
  const { userId, tokenId, queueId } = await makeBuyer(db);

  expect(await enterWith(userId, tokenId)).toMatchObject({ id: tokenId, userId, queueId, status: 'ACTIVE' });
});

test('nobody without a token of ours', async () => {
  const { userId, tokenId } = await makeBuyer(db);

  expect((await refusalOf(enter(userId))).code).toBe('queue_token_required');
  expect((await refusalOf(enter(userId, createQueueTokens('another').mint(tokenId)))).code).toBe('queue_token_unknown');
  expect((await refusalOf(enterWith(userId, 999_999))).code).toBe('queue_token_unknown');
});

test("nobody with another user's token, whatever its state", async () => {
  const [one, two] = [await makeBuyer(db), await makeBuyer(db)];
  await makeTokenOverdue(db, two.tokenId);

  for (const { tokenId } of [await makeBuyer(db), two]) {
    expect((await refusalOf(enterWith(one.userId, tokenId))).code).toBe('queue_token_of_another_user');
  }
});

test('nobody whose turn has not come: told the place', async () => {
  const queue = await makeQueue(db, { paused: true });
  const userIds = await makeUsers(db, 3);
  const { issued } = await issueAll(
    db,
    userIds.map((userId) => ({ userId, queue: queue.name })),
  );

  const refusal = await refusalOf(enterWith(userIds[2] as number, issued[2]?.id ?? 0));

  expect([refusal.code, refusal.members]).toEqual(['queue_token_waiting', { position: 3 }]);
});

test('nobody whose time is over, settled or not', async () => {
  const [left, overdue] = [await makeBuyer(db), await makeBuyer(db)];
  await leaveQueue(db, left.tokenId);
  await makeTokenOverdue(db, overdue.tokenId);

  for (const { userId, tokenId } of [left, overdue]) {
    expect((await refusalOf(enterWith(userId, tokenId))).code).toBe('queue_token_ended');
  }
});

test('a token opens its own queue only', () => {
  expect(() => requireQueue({ queueId: 1, queue: 'main' }, 1)).not.toThrow();
  expect(() => requireQueue({ queueId: 1, queue: 'main' }, 2)).toThrow(
    expect.objectContaining({ code: 'queue_token_of_another_queue' }),
  );
});
