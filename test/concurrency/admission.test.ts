import { admit, admitNext, lockQueue, saveQueue, type QueueRow } from '../../src/db/admission';
import { leaveQueue } from '../../src/db/queue';
import { updateQueue } from '../../src/db/queue-settings';
import { endToken } from '../../src/db/release';
import { select } from '../../src/db/sql';
import { brokenInvariants, interleaved, isLocked, untilUnderWay, useDatabase } from '../support/database';
import {
  countOf,
  inParallel,
  issueAll,
  makeQueue,
  makeTokenOverdue,
  makeUsers,
  printedSeed,
  randomFrom,
  rowOf,
  type TestQueue,
} from '../support/fixtures';

const database = useDatabase();
const { db } = database;
const pools = [db, database.pool(), database.pool()];
const controls = useDatabase({ checked: false });

async function randomToken(queue: TestQueue, status: string, random: number): Promise<number> {
  const rows = await select<{ id: number }>(db, 'SELECT id FROM waiting_token WHERE queue_id = ? AND status = ?', [
    queue.id,
    status,
  ]);
  return rows[Math.floor(random * rows.length)]?.id ?? 0;
}

test('issuing, admitting, leaving, expiring and changing the cap at once: order, cap and rate hold at every look', async () => {
  const random = randomFrom(printedSeed());
  const queues = [await makeQueue(db, { maxActive: 5 }), await makeQueue(db, { maxActive: 20, admitPerMinute: 600 })];
  const userIds = await makeUsers(db, 120);

  const results = await inParallel(Array.from({ length: 300 }), 12, async (_, index) => {
    const pool = pools[index % pools.length] ?? db;
    const [dice, which] = [random(), random()];
    const queue = queues[index % queues.length] as TestQueue;
    if (dice < 0.4) {
      const users = [0, 1, 2].map(() => userIds[Math.floor(random() * userIds.length)] as number);
      await issueAll(
        pool,
        users.map((userId) => ({ userId, queue: queue.name })),
      );
    } else if (dice < 0.6) {
      await leaveQueue(pool, await randomToken(queue, dice < 0.5 ? 'ACTIVE' : 'WAITING', which));
    } else if (dice < 0.75) {
      const tokenId = await randomToken(queue, 'ACTIVE', which);
      await makeTokenOverdue(pool, tokenId);
      if (which < 0.5) await endToken(pool, tokenId);
      await admitNext(pool, queue.id);
    } else if (dice < 0.9) {
      await admitNext(pool, queue.id);
    } else if (dice < 0.95) {
      await updateQueue(pool, queue.name, { maxActive: 1 + Math.floor(which * 8), paused: false });
    } else {
      expect(await brokenInvariants(pool)).toEqual([]);
    }
  });

  for (const result of results) if (result.status === 'rejected') throw result.reason;
  for (const queue of queues) {
    const admitted = await select<{ at: Date }>(
      db,
      'SELECT activated_at AS at FROM waiting_token WHERE queue_id = ? AND activated_at IS NOT NULL ORDER BY ticket_no',
      [queue.id],
    );
    const times = admitted.map(({ at }) => at.getTime());
    expect(times.length).toBeGreaterThan(5);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    const row = await rowOf<QueueRow>(db, 'queue', queue.id);
    expect(await countOf(db, 'waiting_token', `queue_id = ? AND status = 'WAITING'`, [queue.id])).toBe(
      row.waiting_count,
    );
    expect(await countOf(db, 'waiting_token', 'queue_id = ?', [queue.id])).toBe(row.next_ticket_no - 1);
  }
});

describe('control: the lock of the queue', () => {
  /** Six in line, and room for two. */
  async function makeLine() {
    const queue = await makeQueue(controls.db, { maxActive: 2, paused: true });
    const userIds = await makeUsers(controls.db, 6);
    await issueAll(
      controls.db,
      userIds.map((userId) => ({ userId, queue: queue.name })),
    );
    await controls.db.raw('UPDATE queue SET paused = 0 WHERE id = ?', [queue.id]);
    return queue;
  }
  const active = (queue: TestQueue) =>
    countOf(controls.db, 'waiting_token', `queue_id = ? AND status = 'ACTIVE'`, [queue.id]);

  test('with it, the second admission waits for the first and lets nobody in', async () => {
    const queue = await makeLine();
    const one = await controls.db.transaction();
    const locked = (await lockQueue(one, { id: queue.id })) as QueueRow;
    expect(await admit(one, locked)).toHaveLength(2);
    expect(await isLocked(controls.db, 'queue', queue.id)).toBe(true);

    const second = admitNext(controls.db, queue.id);
    await untilUnderWay(controls.db, '%FROM queue WHERE id%FOR UPDATE%');
    await saveQueue(one, locked);
    await one.commit();

    expect(await second).toEqual([]);
    expect(await active(queue)).toBe(2);
    expect(await brokenInvariants(controls.db)).toEqual([]);
  });

  test('without it, two admissions count the same free places and exceed the cap', async () => {
    const queue = await makeLine();
    await interleaved(controls.db, async (one, two) => {
      const [seenByOne, seenByTwo] = [
        await rowOf<QueueRow>(one, 'queue', queue.id),
        await rowOf<QueueRow>(two, 'queue', queue.id),
      ];
      expect(await admit(one, seenByOne)).toHaveLength(2);
      const second = admit(two, seenByTwo);
      await untilUnderWay(controls.db, '%ORDER BY ticket_no LIMIT%FOR UPDATE%');
      await saveQueue(one, seenByOne);
      await one.commit();
      expect(await second).toHaveLength(2);
      await saveQueue(two, seenByTwo);
      await two.commit();
    });

    expect(await active(queue)).toBe(4);
    expect(await brokenInvariants(controls.db)).toContain('I7_cap');
  });
});
