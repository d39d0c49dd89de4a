import { admitNext, bucketCapacity, lockQueue } from '../../src/db/admission';
import { leaveQueue } from '../../src/db/queue';
import { readDepartures, readQueueStates } from '../../src/db/queue-state';
import { listQueues, updateQueue } from '../../src/db/queue-settings';
import { endToken } from '../../src/db/release';
import { transact } from '../../src/db/transaction';
import { rolledBack, useDatabase } from '../support/database';
import {
  countOf,
  issueAll,
  makeQueue,
  makeTokenOverdue,
  makeUser,
  makeUsers,
  rowOf,
  statusOf,
  type TestQueue,
} from '../support/fixtures';

const { db } = useDatabase();

/** Puts new users in line; returns their tokens' ids in ticket order. */
async function join(queue: TestQueue, count: number): Promise<number[]> {
  const userIds = await makeUsers(db, count);
  const { issued } = await issueAll(
    db,
    userIds.map((userId) => ({ userId, queue: queue.name })),
  );
  return issued.map((token) => token?.id ?? 0);
}

const admit = async (queue: TestQueue) => (await admitNext(db, queue.id)).map((token) => token.id);
const active = (queue: TestQueue) => countOf(db, 'waiting_token', `queue_id = ? AND status = 'ACTIVE'`, [queue.id]);
const setBucket = (queue: TestQueue, level: number, secondsAgo: number) =>
  db.raw('UPDATE queue SET bucket_level = ?, bucket_at = NOW(3) - INTERVAL ? SECOND WHERE id = ?', [
    level,
    secondsAgo,
    queue.id,
  ]);

describe('admitNext', () => {
  test('lets in as many as the cap has room for, in exact ticket order', async () => {
    const queue = await makeQueue(db, { maxActive: 3 });
    const ids = await join(queue, 8);
    expect(await active(queue)).toBe(3);
    expect(await admit(queue)).toEqual([]);

    await leaveQueue(db, ids[1] as number);
    expect(await statusOf(db, 'waiting_token', ids[3] as number)).toBe('ACTIVE');
    await db.raw('UPDATE queue SET max_active = 5 WHERE id = ?', [queue.id]);

    expect(await admit(queue)).toEqual(ids.slice(4, 6));
    expect(await active(queue)).toBe(5);
  });

  test('notes the times, the cap and the rate of the admission', async () => {
    const queue = await makeQueue(db, { paused: true, activeSeconds: 60, maxActive: 9, admitPerMinute: 600 });
    const [id] = (await join(queue, 1)) as [number];
    await updateQueue(db, queue.name, { paused: false, activeSeconds: 90 });
    await setBucket(queue, 1, 0);
    await admit(queue);

    const token = await rowOf<Record<string, unknown> & { activated_at: Date; expires_at: Date }>(
      db,
      'waiting_token',
      id,
    );
    expect(token).toMatchObject({ status: 'ACTIVE', admitted_max_active: 9, admitted_per_minute: 600, ended_at: null });
    expect(token['holds_until']).toEqual(token.expires_at);
    expect(token.expires_at.getTime() - token.activated_at.getTime()).toBe(90_000);
  });

  test('a lowered cap lets nobody in until enough have left', async () => {
    const queue = await makeQueue(db, { maxActive: 4 });
    const ids = await join(queue, 7);
    await updateQueue(db, queue.name, { maxActive: 2 });

    for (const id of ids.slice(0, 2)) expect((await leaveQueue(db, id)).admitted).toEqual([]);
    expect(await active(queue)).toBe(2);
    expect((await leaveQueue(db, ids[2] as number)).admitted.map((token) => token.id)).toEqual([ids[4]]);
    expect(await active(queue)).toBe(2);
  });

  test('a cap of 0 and a pause let nobody in; the end of the pause lets in at once', async () => {
    const queue = await makeQueue(db, { maxActive: 0 });
    const ids = await join(queue, 3);
    expect(await admit(queue)).toEqual([]);

    const paused = await updateQueue(db, queue.name, { maxActive: 2, paused: true });
    expect(paused).toMatchObject({ admitted: [], queue: { waiting: 3, active: 0, paused: true } });
    const resumed = await updateQueue(db, queue.name, { paused: false });

    expect(resumed?.admitted.map((token) => token.id)).toEqual(ids.slice(0, 2));
    expect(resumed?.queue).toMatchObject({ name: queue.name, waiting: 1, active: 2, paused: false, maxActive: 2 });
  });

  test('overdue tokens are ended and give their places', async () => {
    const [elsewhere, queue] = [await makeQueue(db), await makeQueue(db, { maxActive: 2 })];
    const [other] = (await join(elsewhere, 1)) as [number];
    const ids = (await join(queue, 4)) as [number, number, number, number];
    for (const id of [ids[0], ids[1], other]) await makeTokenOverdue(db, id);
    await db.raw(`UPDATE waiting_token SET status = 'USED', ended_at = NOW(3) WHERE id = ?`, [ids[1]]);

    expect(await admit(queue)).toEqual([ids[2], ids[3]]);
    const states = await Promise.all([ids[0], ids[1], other].map((id) => statusOf(db, 'waiting_token', id)));
    expect(states).toEqual(['EXPIRED', 'USED', 'ACTIVE']);
  });

  test('an overdue token that somebody is working on still counts', async () => {
    const queue = await makeQueue(db, { maxActive: 2 });
    const ids = (await join(queue, 4)) as [number, number, number, number];
    await makeTokenOverdue(db, ids[0]);
    await makeTokenOverdue(db, ids[1]);

    await rolledBack(db, async (other) => {
      await other.raw('SELECT id FROM waiting_token WHERE id = ? FOR UPDATE', [ids[0]]);
      expect(await admit(queue)).toEqual([ids[2]]);
    });

    expect(await statusOf(db, 'waiting_token', ids[0])).toBe('ACTIVE');
    expect(await admit(queue)).toEqual([ids[3]]);
    expect(await active(queue)).toBe(2);
  });

  test('those who left are passed over', async () => {
    const queue = await makeQueue(db, { paused: true });
    const ids = await join(queue, 6);
    for (const index of [0, 2, 5]) await leaveQueue(db, ids[index] as number);
    expect(await readDepartures(db, queue.id, 1, 1)).toEqual([
      { departureNo: 2, ticketNo: 3 },
      { departureNo: 3, ticketNo: 6 },
    ]);

    const resumed = await updateQueue(db, queue.name, { paused: false });

    expect(resumed?.admitted.map((token) => token.id)).toEqual([1, 3, 4].map((index) => ids[index]));
    expect(await rowOf(db, 'queue', queue.id)).toMatchObject({ waiting_count: 0, served_ticket_no: 5 });
  });

  test('a queue that does not exist admits nobody', async () => {
    expect(await admitNext(db, 0)).toEqual([]);
    expect(await updateQueue(db, 'nowhere', { paused: true })).toBeUndefined();
  });

  test('several at once admit everybody once and in order', async () => {
    const queue = await makeQueue(db, { maxActive: 10, paused: true });
    const ids = await join(queue, 30);
    await db.raw('UPDATE queue SET paused = 0 WHERE id = ?', [queue.id]);

    const admitted = await Promise.all(Array.from({ length: 8 }, () => admit(queue)));

    expect(admitted.flat()).toEqual(ids.slice(0, 10));
    expect(admitted.filter((tokens) => tokens.length > 0)).toHaveLength(1);
  });
});

describe('the rate of a queue', () => {
  // A bucket dated a minute ahead does not refill while the test runs, however slow the machine is.
  const FROZEN = -60;

  test('a new rate starts with a full bucket: two seconds of it, and one admission at least', async () => {
    expect([1, 30, 60, 600].map(bucketCapacity)).toEqual([1, 1, 2, 20]);
    const queue = await makeQueue(db, { paused: true });
    await join(queue, 5);

    const patched = await updateQueue(db, queue.name, { admitPerMinute: 60, paused: false });

    expect(patched?.admitted).toHaveLength(2);
  });

  test('lets in what the bucket holds, and takes it out', async () => {
    const queue = await makeQueue(db, { admitPerMinute: 600 });
    await setBucket(queue, 3.5, FROZEN);
    const ids = await join(queue, 9);
    const level = async () => (await rowOf<{ bucket_level: number }>(db, 'queue', queue.id)).bucket_level;
    expect(await active(queue)).toBe(3);
    expect(await level()).toBeCloseTo(0.5);

    await setBucket(queue, 0.99, FROZEN);
    expect(await admit(queue)).toEqual([]);
    await setBucket(queue, 1.99, FROZEN);
    expect(await admit(queue)).toEqual([ids[3]]);
    expect(await level()).toBeCloseTo(0.99);
  });

  test('the bucket refills with time', async () => {
    const queue = await makeQueue(db, { admitPerMinute: 2 });
    const ids = await join(queue, 3);
    await setBucket(queue, 0, 5);
    expect(await admit(queue)).toEqual([]);

    await setBucket(queue, 0, 31);

    expect(await admit(queue)).toEqual([ids[0]]);
    expect(await admit(queue)).toEqual([]);
  });

  test('the bucket does not run over: nothing is saved up in a quiet hour', async () => {
    const queue = await makeQueue(db, { admitPerMinute: 60 });
    await setBucket(queue, 0, 3_600);

    await join(queue, 10);

    expect(await active(queue)).toBe(2);
  });

  test('taking the rate away lets in whoever fits', async () => {
    const queue = await makeQueue(db, { admitPerMinute: 1 });
    await setBucket(queue, 0, FROZEN);
    await join(queue, 4);
    expect(await active(queue)).toBe(0);

    expect((await updateQueue(db, queue.name, { admitPerMinute: null }))?.admitted).toHaveLength(4);
  });
});

describe('the state of a queue', () => {
  test('tells what admitNext would do, and counts no overdue token as active', async () => {
    const queue = await makeQueue(db, { maxActive: 2 });
    const ids = await join(queue, 4);
    await makeTokenOverdue(db, ids[0] as number);

    const state = (await readQueueStates(db)).find(({ id }) => id === queue.id);

    expect(state).toMatchObject({
      waiting: 2,
      active: 1,
      maxActive: 2,
      admissible: 1,
      servedTicketNo: 2,
      nextTicketNo: 5,
    });
    expect((await listQueues(db)).find(({ name }) => name === queue.name)).toMatchObject({ waiting: 2, active: 1 });
    expect(await admit(queue)).toHaveLength(state?.admissible ?? -1);
  });

  test('a token ended by its timer gives its place to the next', async () => {
    const queue = await makeQueue(db, { maxActive: 1 });
    const ids = (await join(queue, 2)) as [number, number];
    expect(await endToken(db, ids[0])).toMatchObject({ outcome: 'TOO_EARLY' });
    await makeTokenOverdue(db, ids[0]);

    expect(await endToken(db, ids[0])).toEqual({ outcome: 'EXPIRED' });
    expect(await admit(queue)).toEqual([ids[1]]);
  });

  test('the lock of one queue does not touch another', async () => {
    const [one, two] = [await makeQueue(db), await makeQueue(db)];
    await transact(db, async (trx) => {
      await lockQueue(trx, { id: one.id });
      const { issued } = await issueAll(db, [{ userId: await makeUser(db), queue: two.name }]);
      expect(issued[0]?.status).toBe('ACTIVE');
    });
  });
});
