import { addSeats, createConcert, createSchedule } from '../../src/db/concert';
import { admitNext } from '../../src/db/admission';
import { chargeAssets } from '../../src/db/asset';
import { connect, type Database } from '../../src/db/connect';
import { claimUntold, markTold } from '../../src/db/dispatch';
import { holdSeats } from '../../src/db/hold';
import { settlePayment } from '../../src/db/payment';
import { issueTokens } from '../../src/db/queue';
import { updateQueue } from '../../src/db/queue-settings';
import { expireHolds } from '../../src/db/release';
import { select } from '../../src/db/sql';
import { deleteOldKeys } from '../../src/db/sweep';
import { QUEUE_DEFAULT } from '../../src/contracts/queue';
import { makeUsers, randomKey } from '../fans';
import { onSaleNow, seatBatches } from '../halls';
import { drain } from '../quiet';

/** The product's own code in the product's tables, without anything that makes time pass: each is done `count` times. */
export interface Sale {
  makeUsers(): Promise<unknown>;
  makeSeats(): Promise<void>;
  /** In no order of their users, who wait; each has its workflow, as far as rows tell. */
  join(): Promise<void>;
  letIn(): Promise<void>;
  charge(): Promise<void>;
  /** Two seats each, in no order. */
  hold(seconds: number): Promise<void>;
  expire(): Promise<unknown>;
  /** Pays the live holds. */
  pay(): Promise<void>;
}

/** Settings of the queue: everybody gets in, and nobody's time is over. */
export const SALE_QUEUE = { maxActive: 1_000_000, activeSeconds: 86_400 };
const TERMS = { maxTickets: 100, currency: 'KRW' };
const AMOUNT = 1_000_000;
/** What requests of one moment share. */
const TOGETHER = 50;
const PAYERS = 8;
/** Beyond the time that keys are kept. */
const LATER_SECONDS = 25 * 3_600;

export async function openSale(db: Database, count: number): Promise<Sale> {
  await updateQueue(db, QUEUE_DEFAULT, { paused: true });
  const concert = { name: 'Disk', description: 'Made by the bench.', queue: QUEUE_DEFAULT };
  const { id: concertId } = await createConcert(db, concert, SALE_QUEUE);
  const schedule = await createSchedule(db, concertId, onSaleNow());
  if (!schedule) throw new Error(`concert ${concertId} is gone`);
  const [queue] = await select<{ id: number }>(db, 'SELECT id FROM queue WHERE name = ?', [QUEUE_DEFAULT]);
  const at = { queueId: queue?.id as number, scheduleId: schedule.id };
  return {
    makeUsers: () => makeUsers(db, count),
    makeSeats: async () => {
      for (const { seats } of seatBatches(2 * count)) await addSeats(db, schedule.id, seats);
    },
    join: () => join(db),
    letIn: () => letIn(db, at.queueId),
    charge: () => charge(db),
    hold: (seconds) => hold(db, at, seconds),
    expire: () => drain(() => countLeftHolds(db)),
    pay: () => pay(db, at.queueId),
  };
}

/** As the sweep does it a day later, by a connection that is ahead: the rows stay as they were written. */
export async function deleteKeys(url: string): Promise<void> {
  const db = connect({ url, poolMax: 1 });
  try {
    await db.raw('SET SESSION timestamp = UNIX_TIMESTAMP() + ?', [LATER_SECONDS]);
    await untilNone(() => deleteOldKeys(db));
  } finally {
    await db.destroy();
  }
}

async function join(db: Database): Promise<void> {
  await inBatches(await usersInNoOrder(db), async (userIds) => {
    const { issued } = await issueTokens(
      db,
      userIds.map((userId) => ({ userId, queue: QUEUE_DEFAULT })),
    );
    throwFirst(issued);
  });
  await untilNone(async () => {
    const ids = await claimUntold(db, 'waiting-token', TOGETHER);
    await markTold(db, 'waiting-token', ids);
    return ids.length;
  });
}

async function letIn(db: Database, queueId: number): Promise<void> {
  const opened = await updateQueue(db, QUEUE_DEFAULT, { paused: false });
  let admitted = opened?.admitted ?? [];
  while (admitted.length > 0) {
    await markTold(
      db,
      'active-token',
      admitted.map(({ id }) => id),
    );
    admitted = await admitNext(db, queueId);
  }
}

async function charge(db: Database): Promise<void> {
  await inBatches(await usersInNoOrder(db), async (userIds) => {
    const inputs = userIds.map((userId) => ({ userId, amount: AMOUNT, key: randomKey(userId) }));
    throwFirst(await chargeAssets(db, TERMS.currency, inputs));
  });
}

async function hold(db: Database, at: { queueId: number; scheduleId: number }, holdSeconds: number): Promise<void> {
  const tokens = await select<{ userId: number; tokenId: number }>(
    db,
    'SELECT user_id AS userId, id AS tokenId FROM waiting_token ORDER BY RAND()',
  );
  const seats = (await select<{ id: number }>(db, 'SELECT id FROM concert_seat ORDER BY RAND()')).map(({ id }) => id);
  await inBatches(tokens, async (some) => {
    const inputs = some.map((token) => ({ ...token, ...at, seatIds: seats.splice(-2), key: randomKey(token.userId) }));
    const held = throwFirst(await holdSeats(db, { ...TERMS, holdSeconds }, inputs));
    await markTold(
      db,
      'hold',
      held.map(({ id }) => id),
    );
  });
}

/** How many are still held once all those that are overdue have ended. */
async function countLeftHolds(db: Database): Promise<number> {
  await untilNone(async () => (await expireHolds(db)).length);
  const [row] = await select<{ count: number }>(db, `SELECT COUNT(*) AS count FROM reservation WHERE status = 'HELD'`);
  return row?.count ?? 0;
}

async function pay(db: Database, queueId: number): Promise<void> {
  const holds = await select<{ reservationId: number; userId: number; tokenId: number }>(
    db,
    `SELECT id AS reservationId, user_id AS userId, waiting_token_id AS tokenId FROM reservation WHERE status = 'HELD'`,
  );
  const payer = async (): Promise<void> => {
    for (let next = holds.pop(); next; next = holds.pop()) {
      await settlePayment(db, { ...next, queueId, key: randomKey(next.userId) });
    }
  };
  await Promise.all(Array.from({ length: PAYERS }, payer));
}

async function usersInNoOrder(db: Database): Promise<number[]> {
  return (await select<{ id: number }>(db, 'SELECT id FROM user ORDER BY RAND()')).map(({ id }) => id);
}

async function inBatches<Item>(items: readonly Item[], work: (some: Item[]) => Promise<void>): Promise<void> {
  for (let from = 0; from < items.length; from += TOGETHER) await work(items.slice(from, from + TOGETHER));
}

async function untilNone(work: () => Promise<number>): Promise<void> {
  while ((await work()) > 0);
}

/** The outcomes, none of which may be an error. */
function throwFirst<Reply>(decided: readonly (Reply | Error)[]): Reply[] {
  return decided.map((one) => {
    if (one instanceof Error) throw one;
    return one;
  });
}
