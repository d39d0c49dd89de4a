import { claimUnstarted, markStarted, readBacklog, releaseClaims } from '../../src/db/dispatch';
import { cancelReservation } from '../../src/db/reservation';
import { deletePassedDepartures } from '../../src/db/sweep';
import { leaveQueue } from '../../src/db/queue';
import { updateQueue } from '../../src/db/queue-settings';
import { select } from '../../src/db/sql';
import { useDatabase } from '../support/database';
import {
  countOf,
  hold,
  issueAll,
  makeBuyer,
  makeBuyers,
  makeQueue,
  makeSale,
  makeUsers,
  rowOf,
} from '../support/fixtures';

const database = useDatabase();
const { db } = database;

/** Starts every row of before, so that a test meets its own only. */
beforeEach(async () => {
  await db.raw('UPDATE reservation SET workflow_started_at = NOW(3)');
  await db.raw('UPDATE waiting_token SET workflow_started_at = NOW(3)');
});

async function makeWaiting(count: number): Promise<number[]> {
  const queue = await makeQueue(db, { paused: true });
  const userIds = await makeUsers(db, count);
  const { issued } = await issueAll(
    db,
    userIds.map((userId) => ({ userId, queue: queue.name })),
  );
  return issued.map((token) => token?.id ?? 0);
}

/** Holds whose own start was lost: they are older than two seconds. */
async function makeLostHolds(count: number) {
  const sale = await makeSale(db, { seats: count });
  const buyers = await makeBuyers(db, count);
  const ids: number[] = [];
  for (const [index, buyer] of buyers.entries()) ids.push((await hold(db, buyer, sale, [sale.seatIds[index] ?? 0])).id);
  await db.raw('UPDATE reservation SET reserved_at = NOW(3) - INTERVAL 3 SECOND WHERE id IN (?)', [ids]);
  await db.raw('UPDATE waiting_token SET activated_at = NOW(3) - INTERVAL 4 SECOND WHERE id IN (?)', [
    buyers.map(({ tokenId }) => tokenId),
  ]);
  return { ids, buyers };
}

const loseClaims = () =>
  db.raw('UPDATE waiting_token SET workflow_claimed_until = NOW(3) WHERE workflow_claimed_until IS NOT NULL');

describe('claimUnstarted', () => {
  test('waiting tokens are claimed at once, in ticket order, up to the limit', async () => {
    const ids = await makeWaiting(5);

    expect(await claimUnstarted(db, 'waiting-token', 3)).toEqual(ids.slice(0, 3));
    expect(await claimUnstarted(db, 'waiting-token', 9)).toEqual(ids.slice(3));
    expect(await claimUnstarted(db, 'waiting-token', 9)).toEqual([]);
    expect(await claimUnstarted(db, 'active-token', 9)).toEqual([]);
  });

  test('holds and active tokens are left to whoever made them for two seconds', async () => {
    const { ids, buyers } = await makeLostHolds(3);
    const tokenIds = buyers.map(({ tokenId }) => tokenId);
    await db.raw('UPDATE reservation SET reserved_at = NOW(3) WHERE id = ?', [ids[0] as number]);
    await makeBuyer(db);

    expect(await claimUnstarted(db, 'hold', 9)).toEqual(ids.slice(1));
    expect(await claimUnstarted(db, 'active-token', 9)).toEqual(tokenIds);
  });

  test('what has ended or was started is not claimed', async () => {
    const { ids, buyers } = await makeLostHolds(3);
    await cancelReservation(db, buyers[0]!.userId, ids[0] as number);
    await markStarted(db, 'reservation', [ids[1] as number]);

    expect(await claimUnstarted(db, 'hold', 9)).toEqual([ids[2]]);
  });

  test('claims given back keep their place in the order; control: kept, they let less urgent ones go first', async () => {
    const { ids } = await makeLostHolds(2);
    await makeWaiting(2);
    const urgent = async () => (await claimUnstarted(db, 'hold', 9)).length > 0;

    expect(await claimUnstarted(db, 'hold', 9)).toEqual(ids);
    expect(await urgent()).toBe(false);
    await markStarted(db, 'reservation', ids.slice(0, 1));
    await releaseClaims(db, 'reservation', []);
    await releaseClaims(db, 'reservation', ids.slice(0, 1));
    expect(await urgent()).toBe(false);
    await releaseClaims(db, 'reservation', ids);
    expect(await claimUnstarted(db, 'hold', 9)).toEqual(ids.slice(1));
  });

  test('many dispatchers at once: no claim is given twice, none is forgotten', async () => {
    const ids = await makeWaiting(60);
    const pools = [db, database.pool(), database.pool()];

    const claims = await Promise.all(
      Array.from({ length: 12 }, (_, index) => claimUnstarted(pools[index % 3] ?? db, 'waiting-token', 5)),
    );

    const given = claims.flat();
    expect(new Set(given).size).toBe(given.length);
    const rest = await claimUnstarted(db, 'waiting-token', 60);
    expect([...given, ...rest].sort((a, b) => a - b)).toEqual(ids);
  });

  test('control: read without a lock, the same rows are claimed twice', async () => {
    const ids = await makeWaiting(2);
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
    const ids = await makeWaiting(2);
    expect(await claimUnstarted(db, 'waiting-token', 9)).toEqual(ids);
    const row = await rowOf<{ issued_at: Date; workflow_claimed_until: Date }>(db, 'waiting_token', ids[0] as number);
    expect(row.workflow_claimed_until.getTime() - row.issued_at.getTime()).toBeGreaterThanOrEqual(30_000);

    await loseClaims();

    expect(await claimUnstarted(db, 'waiting-token', 9)).toEqual(ids);
  });
});

describe('markStarted', () => {
  test('what is marked is not claimed again, and keeps its first mark', async () => {
    const ids = (await makeWaiting(3)) as [number, number, number];
    await markStarted(db, 'waiting_token', [ids[2], ids[0]]);
    const first = await rowOf(db, 'waiting_token', ids[0]);
    expect(first['workflow_started_at']).toBeInstanceOf(Date);
    await db.raw('UPDATE waiting_token SET workflow_started_at = workflow_started_at - INTERVAL 1 HOUR WHERE id = ?', [
      ids[0],
    ]);
    const earlier = await rowOf(db, 'waiting_token', ids[0]);

    await markStarted(db, 'waiting_token', [ids[0] as number]);
    await markStarted(db, 'waiting_token', []);

    expect(await rowOf(db, 'waiting_token', ids[0])).toEqual(earlier);
    expect(await claimUnstarted(db, 'waiting-token', 9)).toEqual([ids[1]]);
  });

  test('the backlog is what is live and not started', async () => {
    const before = Object.fromEntries((await readBacklog(db)).map(({ kind, count }) => [kind, count]));
    expect(before).toEqual({ token: 0, reservation: 0 });
    const waiting = await makeWaiting(3);
    const { ids, buyers } = await makeLostHolds(3);
    await leaveQueue(db, buyers[2]!.tokenId);
    await markStarted(db, 'waiting_token', waiting.slice(0, 1));
    await markStarted(db, 'reservation', ids.slice(0, 1));

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
    const again = await issueAll(db, [{ userId: userIds[5] as number, queue: queue.name }]);
    expect(again.issued[0]).toMatchObject({ status: 'WAITING', ahead: 1 });
  });
});
