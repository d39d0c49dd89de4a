import { holdSeats } from '../../src/db/hold';
import { cancelReservation } from '../../src/db/reservation';
import { leaveQueue } from '../../src/db/queue';
import {
  createSettleOverdue,
  endToken,
  expireHolds,
  expireTokens,
  releaseHold,
  SETTLE_BATCH_MAX,
} from '../../src/db/release';
import { altered } from '../support/altered';
import { isLocked, rolledBack, untilUnderWay, useDatabase } from '../support/database';
import {
  countOf,
  granted,
  hold,
  holdOf,
  makeBuyer,
  makeBuyers,
  makeHoldOverdue,
  makeHoldsOverdue,
  makeQueue,
  makeSale,
  makeTokenOverdue,
  pay,
  rowOf,
  statusOf,
  TERMS,
} from '../support/fixtures';

const database = useDatabase();
const { db } = database;

/** Holds of one seat each, of different users. */
async function makeHolds(count: number) {
  const sale = await makeSale(db, { seats: count });
  const buyers = await makeBuyers(db, count, { balance: 1_000 });
  const inputs = buyers.map((buyer, index) => holdOf(buyer, sale, [sale.seatIds[index] as number]));
  const held = (await holdSeats(db, TERMS, inputs)).map(granted);
  return { sale, buyers, ids: held.map(({ id }) => id) };
}

describe('releaseHold', () => {
  test('before its deadline a hold is left alone, with the time that is left', async () => {
    const { sale, ids } = await makeHolds(1);

    const release = await releaseHold(db, ids[0] as number);

    expect(release.outcome).toBe('TOO_EARLY');
    const remainingMs = release.outcome === 'TOO_EARLY' ? release.remainingMs : 0;
    expect(remainingMs).toBeGreaterThan(290_000);
    expect(remainingMs).toBeLessThanOrEqual(300_000);
    expect(await statusOf(db, 'concert_seat', sale.seatIds[0] as number)).toBe('HELD');
  });

  test('after it, the hold is EXPIRED as of its deadline and its seats are free; repeated, it says the same', async () => {
    const { sale, ids } = await makeHolds(1);
    const [id] = ids as [number];
    await makeHoldOverdue(db, id);

    expect(await releaseHold(db, id)).toEqual({ outcome: 'EXPIRED' });

    const row = await rowOf<{ expires_at: Date }>(db, 'reservation', id);
    expect(row).toMatchObject({ status: 'EXPIRED', completed_at: row.expires_at });
    expect(await rowOf(db, 'concert_seat', sale.seatIds[0] as number)).toMatchObject({
      status: 'FREE',
      held_until: null,
    });
    expect(await releaseHold(db, id)).toEqual({ outcome: 'EXPIRED' });
  });

  test('says PAID, CANCELLED or GONE', async () => {
    const { buyers, ids } = await makeHolds(2);
    const [paid, cancelled] = ids as [number, number];
    await pay(db, buyers[0]!, paid);
    await cancelReservation(db, buyers[1]!.userId, cancelled);

    expect(await releaseHold(db, paid)).toEqual({ outcome: 'PAID' });
    expect(await releaseHold(db, cancelled)).toEqual({ outcome: 'CANCELLED' });
    expect(await releaseHold(db, 0)).toEqual({ outcome: 'GONE' });
  });

  test('settles the other overdue holds in the same stroke, and none that is live or decided', async () => {
    const { ids, buyers } = await makeHolds(8);
    for (const id of ids.slice(0, 5)) await makeHoldOverdue(db, id);
    const [paid, cancelled] = ids.slice(6) as [number, number];
    await pay(db, buyers[6]!, paid);
    await cancelReservation(db, buyers[7]!.userId, cancelled);
    await db.raw('UPDATE reservation SET expires_at = NOW(3) WHERE id IN (?)', [[paid, cancelled]]);

    expect(await releaseHold(db, ids[2] as number)).toEqual({ outcome: 'EXPIRED' });

    const states = await Promise.all(ids.map((id) => statusOf(db, 'reservation', id)));
    expect(states).toEqual(['EXPIRED', 'EXPIRED', 'EXPIRED', 'EXPIRED', 'EXPIRED', 'HELD', 'PAID', 'CANCELLED']);
  });

  test('settles every overdue hold, however many, also where its own is the least overdue', async () => {
    const { ids } = await makeHolds(SETTLE_BATCH_MAX + 1);
    await makeHoldsOverdue(db, ids.slice(0, -1));
    const last = ids.at(-1) as number;
    await makeHoldOverdue(db, last);

    expect(await releaseHold(db, last)).toEqual({ outcome: 'EXPIRED' });

    expect(await countOf(db, 'reservation', `id IN (?) AND status = 'EXPIRED'`, [ids])).toBe(ids.length);
  });

  test('a storm of timers takes one stroke, or two where it had begun', async () => {
    const { ids } = await makeHolds(30);
    await makeHoldsOverdue(db, ids);
    let strokes = 0;
    const on = altered(database.pool(8), (sql) => {
      if (/FROM reservation WHERE status = 'HELD' [^]* SKIP LOCKED/.test(sql)) strokes += 1;
      return sql;
    });
    const settleOverdue = createSettleOverdue(on);

    const released = await Promise.all(ids.map((id) => releaseHold(on, id, settleOverdue)));

    expect(released).toEqual(ids.map(() => ({ outcome: 'EXPIRED' })));
    expect(strokes).toBeGreaterThan(0);
    expect(strokes).toBeLessThanOrEqual(2);
  });

  test('the longest overdue come first', async () => {
    const { ids } = await makeHolds(3);
    const [one, two, three] = ids as [number, number, number];
    for (const id of [two, three, one]) await makeHoldOverdue(db, id);

    expect(await expireHolds(db)).toEqual([two, three, one]);
  });

  test('an overdue hold that is being decided is skipped: ask again soon', async () => {
    const { ids } = await makeHolds(2);
    const [locked, other] = ids as [number, number];
    await makeHoldOverdue(db, locked);
    await makeHoldOverdue(db, other);

    await rolledBack(db, async (trx) => {
      await trx.raw('SELECT id FROM reservation WHERE id = ? FOR UPDATE', [locked]);
      expect(await releaseHold(db, locked)).toEqual({ outcome: 'TOO_EARLY', remainingMs: 50 });
      expect(await statusOf(db, 'reservation', other)).toBe('EXPIRED');
    });

    expect(await statusOf(db, 'reservation', locked)).toBe('HELD');
    expect(await expireHolds(db)).toEqual([locked]);
    expect(await expireHolds(db)).toEqual([]);
  });

  test('what changes a hold locks neither its token nor its user: the order of locks is kept', async () => {
    const { buyers, ids } = await makeHolds(1);
    const [buyer, id] = [buyers[0]!, ids[0] as number];

    await rolledBack(db, async (trx) => {
      await trx.raw(`UPDATE reservation SET status = 'EXPIRED', completed_at = NOW(3) WHERE id = ?`, [id]);
      expect(await isLocked(db, 'reservation', id)).toBe(true);
      expect(await isLocked(db, 'waiting_token', buyer.tokenId)).toBe(false);
      expect(await isLocked(db, 'user', buyer.userId)).toBe(false);
    });
  });

  test('control: freeing by ticket instead of by reservation would free the seat of a new owner', async () => {
    const { sale, ids } = await makeHolds(1);
    const [id] = ids as [number];
    await makeHoldOverdue(db, id);
    const held = await hold(db, await makeBuyer(db), sale, sale.seatIds);

    await rolledBack(db, async (trx) => {
      await trx.raw(
        `UPDATE concert_seat SET status = 'FREE', held_until = NULL, reservation_id = NULL
         WHERE id IN (SELECT concert_seat_id FROM reservation_ticket WHERE reservation_id = ?)`,
        [id],
      );
      expect(await statusOf(trx, 'concert_seat', sale.seatIds[0] as number)).toBe('FREE');
    });

    expect(await releaseHold(db, id)).toEqual({ outcome: 'EXPIRED' });
    const seat = await rowOf(db, 'concert_seat', sale.seatIds[0] as number);
    expect(seat).toMatchObject({ status: 'HELD', reservation_id: held.id });
  });
});

describe('endToken', () => {
  test('TOO_EARLY with the time left, then EXPIRED; USED, LEFT and GONE are final', async () => {
    const sale = await makeSale(db);
    const [overdue, used, left] = [await makeBuyer(db), await makeBuyer(db, { balance: 1_000 }), await makeBuyer(db)];
    expect(await endToken(db, overdue.tokenId)).toMatchObject({ outcome: 'TOO_EARLY' });
    await makeTokenOverdue(db, overdue.tokenId);
    await pay(db, used, (await hold(db, used, sale, sale.seatIds.slice(0, 1))).id);
    await leaveQueue(db, left.tokenId);

    expect(await endToken(db, overdue.tokenId)).toEqual({ outcome: 'EXPIRED' });
    expect(await endToken(db, used.tokenId)).toEqual({ outcome: 'USED' });
    expect(await endToken(db, left.tokenId)).toEqual({ outcome: 'LEFT' });
    expect(await endToken(db, 0)).toEqual({ outcome: 'GONE' });
  });

  test('a hold that extends the token while its end is being decided is respected', async () => {
    const buyer = await makeBuyer(db);
    await makeTokenOverdue(db, buyer.tokenId);
    const extending = await db.transaction();
    await extending.raw('UPDATE waiting_token SET expires_at = NOW(3) + INTERVAL 300 SECOND WHERE id = ?', [
      buyer.tokenId,
    ]);

    const ending = endToken(db, buyer.tokenId);
    await untilUnderWay(db, '%UPDATE waiting_token SET status =%');
    await extending.commit();

    expect(await ending).toMatchObject({ outcome: 'TOO_EARLY' });
    expect(await statusOf(db, 'waiting_token', buyer.tokenId)).toBe('ACTIVE');
  });
});

describe('expireTokens', () => {
  test('ends overdue tokens of any queue, but none that is locked, live or waiting', async () => {
    const queue = await makeQueue(db);
    const [a, b] = await makeBuyers(db, 2, { queue: queue.name });
    const [c, live, left] = await makeBuyers(db, 3);
    for (const buyer of [a!, b!, c!, left!]) await makeTokenOverdue(db, buyer.tokenId);
    await db.raw(`UPDATE waiting_token SET status = 'LEFT', ended_at = NOW(3) WHERE id = ?`, [left!.tokenId]);

    await rolledBack(db, async (trx) => {
      await trx.raw('SELECT id FROM waiting_token WHERE id = ? FOR UPDATE', [b!.tokenId]);
      expect(await expireTokens(db)).toBe(2);
    });

    const tokens = [a!, b!, c!, live!, left!];
    const states = await Promise.all(tokens.map(({ tokenId }) => statusOf(db, 'waiting_token', tokenId)));
    expect(states).toEqual(['EXPIRED', 'ACTIVE', 'EXPIRED', 'ACTIVE', 'LEFT']);
    expect(await endToken(db, left!.tokenId)).toEqual({ outcome: 'LEFT' });
    expect(await expireTokens(db)).toBe(1);
    expect(await expireTokens(db)).toBe(0);
  });
});
