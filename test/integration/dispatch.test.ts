import { claimUntold, hasUntold, markTold, readBacklog, releaseClaims } from '../../src/db/dispatch';
import { cancelReservation } from '../../src/db/reservation';
import { deletePassedDepartures } from '../../src/db/sweep';
import { leaveQueue } from '../../src/db/queue';
import { updateQueue } from '../../src/db/queue-settings';
import { select } from '../../src/db/sql';
import { useDatabase } from '../support/database';
import { countOf, issueAll, makeBuyer, makeQueue, makeUser, makeUsers, rowOf } from '../support/fixtures';
import { makeLostHolds, makeOlder, makeWaiting } from '../support/untold';

const database = useDatabase();
const { db } = database;

/** Starts every row of before, so that a test meets its own only. */
beforeEach(async () => {
  await db.raw('UPDATE reservation SET workflow_started_at = NOW(3)');
  await db.raw('UPDATE waiting_token SET workflow_started_at = NOW(3)');
});

const loseClaims = () =>
  db.raw('UPDATE waiting_token SET workflow_claimed_until = NOW(3) WHERE workflow_claimed_until IS NOT NULL');

describe('claimUntold', () => {
  test('waiting tokens are claimed at once, in ticket order, up to the limit', async () => {
    const ids = await makeWaiting(db, 5);

    expect(await claimUntold(db, 'waiting-token', 3)).toEqual(ids.slice(0, 3));
    expect(await claimUntold(db, 'waiting-token', 9)).toEqual(ids.slice(3));
    expect(await claimUntold(db, 'waiting-token', 9)).toEqual([]);
    expect(await claimUntold(db, 'active-token', 9)).toEqual([]);
  });

  test('holds and active tokens are left to whoever made them for two seconds', async () => {
    const { ids, buyers } = await makeLostHolds(db, 3);
    const tokenIds = buyers.map(({ tokenId }) => tokenId);
    await db.raw('UPDATE reservation SET reserved_at = NOW(3) WHERE id = ?', [ids[0] as number]);
    await makeBuyer(db);

    expect(await claimUntold(db, 'hold', 9)).toEqual(ids.slice(1));
    expect(await claimUntold(db, 'active-token', 9)).toEqual(tokenIds);
  });

  test('there are some to be claimed until somebody has claimed them, and again when they are given back', async () => {
    expect(await hasUntold(db, 'hold')).toBe(false);
    const { ids } = await makeLostHolds(db, 1);
    expect(await hasUntold(db, 'hold')).toBe(true);
    await claimUntold(db, 'hold', 9);
    expect(await hasUntold(db, 'hold')).toBe(false);
    await releaseClaims(db, 'hold', ids);
    expect(await hasUntold(db, 'hold')).toBe(true);
  });

  test('what has ended or was started is not claimed', async () => {
    const { ids, buyers } = await makeLostHolds(db, 3);
    await cancelReservation(db, buyers[0]!.userId, ids[0] as number);
    await markTold(db, 'hold', [ids[1] as number]);

    expect(await claimUntold(db, 'hold', 9)).toEqual([ids[2]]);
  });

  test('claims given back keep their place in the order; control: kept, they let less urgent ones go first', async () => {
    const { ids } = await makeLostHolds(db, 2);
    await makeWaiting(db, 2);
    const urgent = async () => (await claimUntold(db, 'hold', 9)).length > 0;

    expect(await claimUntold(db, 'hold', 9)).toEqual(ids);
    expect(await urgent()).toBe(false);
    await markTold(db, 'hold', ids.slice(0, 1));
    await releaseClaims(db, 'hold', []);
    await releaseClaims(db, 'hold', ids.slice(0, 1));
    expect(await urgent()).toBe(false);
    await releaseClaims(db, 'hold', ids);
    expect(await claimUntold(db, 'hold', 9)).toEqual(ids.slice(1));
  });

  test('many dispatchers at once: no claim is given twice, none is forgotten', async () => {
    const ids = await makeWaiting(db, 60);
    const pools = [db, database.pool(), database.pool()];

    const claims = await Promise.all(
      Array.from({ length: 12 }, (_, index) => claimUntold(pools[index % 3] ?? db, 'waiting-token', 5)),
    );

    const given = claims.flat();
    expect(new Set(given).size).toBe(given.length);
    const rest = await claimUntold(db, 'waiting-token', 60);
    expect([...given, ...rest].sort((a, b) => a - b)).toEqual(ids);
  });

  test('control: read without a lock, the same rows are claimed twice', async () => {
    const ids = await makeWaiting(db, 2);
    const read = () =>
      select<{ id: number }>(
        db,
        `SELECT id FROM waiting_token WHERE workflow_started_at IS NULL AND status = 'WAITING'
           AND (workflow_claimed_until IS NULL OR workflow_claimed_until <= NOW(3)) ORDER BY id`,
      );

    const [one, two] = [await read(), await read()];
    await db.raw('UPDATE waiting_token SET workflow_claimed_until = NOW(3) + INTERVAL 30 SECOND WHERE id IN (?)', [
      ids,
    ]);

    expect([one, two].map((rows) => rows.map(({ id }) => id))).toEqual([ids, ids]);
  });

  test('a lost claim comes back after its time', async () => {
    const ids = await makeWaiting(db, 2);
    expect(await claimUntold(db, 'waiting-token', 9)).toEqual(ids);
    const row = await rowOf<{ issued_at: Date; workflow_claimed_until: Date }>(db, 'waiting_token', ids[0] as number);
    expect(row.workflow_claimed_until.getTime() - row.issued_at.getTime()).toBeGreaterThanOrEqual(30_000);

    await loseClaims();

    expect(await claimUntold(db, 'waiting-token', 9)).toEqual(ids);
  });
});

describe('what a workflow has not heard', () => {
  test('a waiting token is to be told again when it is let in, and when it is given up', async () => {
    const queue = await makeQueue(db, { maxActive: 1 });
    const userIds = await makeUsers(db, 3);
    const { issued } = await issueAll(
      db,
      userIds.map((userId) => ({ userId, queue: queue.name })),
    );
    const [inside, next, last] = issued.map((token) => token?.id ?? 0) as [number, number, number];
    await db.raw('UPDATE waiting_token SET workflow_started_at = NOW(3)');

    const { admitted } = await leaveQueue(db, inside);
    await leaveQueue(db, last);

    expect(admitted.map(({ id }) => id)).toEqual([next]);
    await db.raw('UPDATE waiting_token SET activated_at = NOW(3) - INTERVAL 9 SECOND WHERE id = ?', [inside]);
    for (const id of [inside, last]) await makeOlder(db, 'waiting_token', 'ended_at', id);
    await makeOlder(db, 'waiting_token', 'activated_at', next);
    expect(await claimUntold(db, 'active-token', 9)).toEqual([next]);
    expect(await claimUntold(db, 'left-token', 9)).toEqual([inside, last]);
    await markTold(db, 'active-token', [next]);
    await markTold(db, 'left-token', [inside, last]);
    await loseClaims();
    expect(await claimUntold(db, 'active-token', 9)).toEqual([]);
    expect(await claimUntold(db, 'left-token', 9)).toEqual([]);
  });

  test('a cancelled hold is to be told', async () => {
    const { ids, buyers } = await makeLostHolds(db, 1);
    await markTold(db, 'hold', ids);
    await cancelReservation(db, buyers[0]!.userId, ids[0] as number);
    await makeOlder(db, 'reservation', 'completed_at', ids[0] as number);

    expect(await claimUntold(db, 'cancelled-hold', 9)).toEqual(ids);
  });

  test('a row that has moved on while its workflow was told of the state before is still to be told', async () => {
    const [id] = (await makeWaiting(db, 1)) as [number];
    await leaveQueue(db, id);
    await markTold(db, 'waiting-token', [id]);
    await makeOlder(db, 'waiting_token', 'ended_at', id);

    expect(await claimUntold(db, 'left-token', 9)).toEqual([id]);
  });
});

describe('markTold', () => {
  test('what is marked is not claimed again, and keeps its first mark', async () => {
    const ids = (await makeWaiting(db, 3)) as [number, number, number];
    await markTold(db, 'waiting-token', [ids[2], ids[0]]);
    const first = await rowOf(db, 'waiting_token', ids[0]);
    expect(first['workflow_started_at']).toBeInstanceOf(Date);
    await db.raw('UPDATE waiting_token SET workflow_started_at = workflow_started_at - INTERVAL 1 HOUR WHERE id = ?', [
      ids[0],
    ]);
    const earlier = await rowOf(db, 'waiting_token', ids[0]);

    await markTold(db, 'waiting-token', [ids[0] as number]);
    await markTold(db, 'waiting-token', []);

    expect(await rowOf(db, 'waiting_token', ids[0])).toEqual(earlier);
    expect(await claimUntold(db, 'waiting-token', 9)).toEqual([ids[1]]);
  });

  test('the backlog is what is live and not started', async () => {
    const before = Object.fromEntries((await readBacklog(db)).map(({ kind, count }) => [kind, count]));
    expect(before).toEqual({ token: 0, reservation: 0 });
    const waiting = await makeWaiting(db, 3);
    const { ids, buyers } = await makeLostHolds(db, 3);
    await leaveQueue(db, buyers[2]!.tokenId);
    await markTold(db, 'waiting-token', waiting.slice(0, 1));
    await markTold(db, 'hold', ids.slice(0, 1));

    expect(await readBacklog(db)).toEqual([
      { kind: 'token', count: 4 },
      { kind: 'reservation', count: 1 },
    ]);
  });
});

describe('deletePassedDepartures', () => {
  test('deletes those the line has passed, and none that a position depends on', async () => {
    const queue = await makeQueue(db, { paused: true, maxActive: 2 });
    const userIds = await makeUsers(db, 6);
    const { issued } = await issueAll(
      db,
      userIds.map((userId) => ({ userId, queue: queue.name })),
    );
    for (const index of [0, 4]) await leaveQueue(db, issued[index]?.id ?? 0);
    await updateQueue(db, queue.name, { paused: false });

    expect(await deletePassedDepartures(db)).toBe(1);

    expect(await countOf(db, 'queue_departure', 'queue_id = ? AND ticket_no = 5', [queue.id])).toBe(1);
    const next = await issueAll(db, [{ userId: await makeUser(db), queue: queue.name }]);
    expect(next.issued[0]).toMatchObject({ status: 'WAITING', ahead: 2 });
  });
});
