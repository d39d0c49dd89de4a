import { leaveQueue } from '../../src/db/queue';
import { expireHolds } from '../../src/db/release';
import { cancelReservation } from '../../src/db/reservation';
import { selectOne } from '../../src/db/sql';
import { isLocked, rolledBack, until, untilUnderWay, useDatabase } from '../support/database';
import {
  hold,
  issueAll,
  makeBuyer,
  makeHoldOverdue,
  makeQueue,
  makeSale,
  makeUser,
  pay,
  type Buyer,
} from '../support/fixtures';

const { db } = useDatabase();

type Row = readonly [table: string, id: number];
interface Work {
  start: () => Promise<unknown>;
  /** The rows it locks, in order. */
  rows: Row[];
}

async function makeHold() {
  const sale = await makeSale(db, { seats: 2 });
  const buyer = await makeBuyer(db, { balance: 5_000 });
  const { id } = await hold(db, buyer, sale, sale.seatIds);
  const seats = sale.seatIds.map((seatId): Row => ['concert_seat', seatId]);
  return { buyer, id, seats };
}

async function assetOf({ userId }: Buyer): Promise<Row> {
  const asset = await selectOne<{ id: number }>(db, 'SELECT id FROM asset WHERE user_id = ?', [userId]);
  return ['asset', asset?.id ?? 0];
}

const WORKS: Record<string, () => Promise<Work>> = {
  'a payment': async () => {
    const { buyer, id, seats } = await makeHold();
    const rows: Row[] = [['waiting_token', buyer.tokenId], ['reservation', id], ...seats, await assetOf(buyer)];
    return { start: () => pay(db, buyer, id), rows };
  },
  'a cancellation': async () => {
    const { buyer, id, seats } = await makeHold();
    return { start: () => cancelReservation(db, buyer.userId, id), rows: [['reservation', id], ...seats] };
  },
  'the departure of somebody inside': async () => {
    const { buyer, id, seats } = await makeHold();
    const rows: Row[] = [['waiting_token', buyer.tokenId], ['reservation', id], ...seats];
    return { start: () => leaveQueue(db, buyer.tokenId), rows };
  },
  'the departure of somebody who waits': async () => {
    const queue = await makeQueue(db, { paused: true });
    const [token] = (await issueAll(db, [{ userId: await makeUser(db), queue: queue.name }])).issued;
    const rows: Row[] = [
      ['queue', queue.id],
      ['waiting_token', token?.id ?? 0],
    ];
    return { start: () => leaveQueue(db, token?.id ?? 0), rows };
  },
  'an expiry, which waits for no reservation': async () => {
    const { id, seats } = await makeHold();
    await makeHoldOverdue(db, id);
    return { start: () => expireHolds(db), rows: seats };
  },
};

test.each(Object.entries(WORKS))(
  '%s takes its locks in order: whoever has one of them stops it there',
  async (_, make) => {
    const { length } = (await make()).rows;
    for (let at = 0; at < length; at += 1) {
      const { start, rows } = await make();
      const [table, id] = rows[at] as Row;

      const { work, locked } = await rolledBack(db, async (trx) => {
        await trx.raw('SELECT id FROM ?? WHERE id = ? FOR UPDATE', [table, id]);
        const started = start();
        await untilUnderWay(db, `%${table} %FOR UPDATE%`);
        const before = rows[at - 1];
        if (before) await until(`${before.join(' ')} is locked`, () => isLocked(db, ...before));
        return { work: started, locked: await Promise.all(rows.map((row) => isLocked(db, ...row))) };
      });
      await work;

      expect(locked).toEqual(rows.map((_row, index) => index <= at));
    }
  },
);
