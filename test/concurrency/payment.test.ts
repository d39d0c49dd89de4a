import { listEntries, moveMoney } from '../../src/db/asset';
import { freeSeats } from '../../src/db/cancel';
import type { Database, Transaction } from '../../src/db/connect';
import { saveOutcomes } from '../../src/db/idempotency';
import { releaseHold } from '../../src/db/release';
import { readClock, write } from '../../src/db/sql';
import { altered } from '../support/altered';
import {
  brokenInvariants,
  interleaved,
  isLocked,
  rolledBack,
  until,
  untilLockWait,
  untilUnderWay,
  useDatabase,
} from '../support/database';
import {
  balanceOf,
  countOf,
  fulfilled,
  hold,
  inParallel,
  key,
  makeBuyer,
  makeBuyers,
  makeHoldOverdue,
  makeSale,
  pay,
  printedSeed,
  randomFrom,
  refusalCodes,
  rowOf,
  statusOf,
  type Buyer,
} from '../support/fixtures';

const database = useDatabase();
const { db } = database;
const pools = [db, database.pool(), database.pool()];
const poolOf = (index: number) => pools[index % pools.length] ?? db;
const controls = useDatabase({ checked: false });

async function makeHold(on = db) {
  const sale = await makeSale(on, { seats: 2 });
  const buyer = await makeBuyer(on, { balance: 10_000 });
  return { sale, buyer, held: await hold(on, buyer, sale, sale.seatIds) };
}

test('50 payments of one reservation at once: one payment, one debit, the same answer for all', async () => {
  const { buyer, held } = await makeHold();

  const results = await inParallel(Array.from({ length: 50 }), 24, (_, index) => pay(poolOf(index), buyer, held.id));

  const settled = fulfilled(results);
  expect(settled).toHaveLength(50);
  expect(new Set(settled.map(({ payment }) => JSON.stringify(payment))).size).toBe(1);
  expect(settled.filter(({ underThisKey }) => underThisKey)).toHaveLength(1);
  expect(await balanceOf(db, buyer.userId)).toBe(8_000);
  expect((await listEntries(db, buyer.userId, { limit: 9 })).map(({ amount }) => amount)).toEqual([-2_000, 10_000]);
});

test('one balance, two holds, money for one: one is paid', async () => {
  const sale = await makeSale(db, { seats: 2, price: 600 });
  const buyer = await makeBuyer(db, { balance: 1_000 });
  const ids = [];
  for (const seatId of sale.seatIds) ids.push((await hold(db, buyer, sale, [seatId])).id);

  const results = await Promise.allSettled(ids.map((id, index) => pay(poolOf(index), buyer, id)));

  expect(fulfilled(results)).toHaveLength(1);
  expect(refusalCodes(results)).toEqual(['insufficient_balance']);
  expect(await balanceOf(db, buyer.userId)).toBe(400);
});

describe('a payment and a release at the deadline', () => {
  test('40 holds, paid and released around their deadline: PAID with a debit, or EXPIRED without', async () => {
    const random = randomFrom(printedSeed());
    const sale = await makeSale(db, { seats: 40 });
    const buyers = await makeBuyers(db, 40, { balance: 1_000 });
    const holds = fulfilled(
      await inParallel(buyers, 12, (buyer, index) =>
        hold(poolOf(index), buyer, sale, [sale.seatIds[index] ?? 0], { holdSeconds: 2 }),
      ),
    );
    expect(holds).toHaveLength(40);

    await inParallel(holds, 40, async ({ id, expiresAt }, index) => {
      const buyer = buyers[index] as Buyer;
      const spread = (range: number) =>
        new Promise((go) => setTimeout(go, Date.parse(expiresAt) - Date.now() + (random() - 0.7) * range));
      const paying = spread(300).then(() => pay(poolOf(index), buyer, id));
      const releasing = spread(100).then(() => releaseHold(poolOf(index + 1), id));
      refusalCodes(await Promise.allSettled([paying, releasing]));
    });

    for (const [index, { id }] of holds.entries()) {
      await until('the hold is decided', async () => (await releaseHold(db, id)).outcome !== 'TOO_EARLY');
      const { outcome } = await releaseHold(db, id);
      const seat = await rowOf(db, 'concert_seat', sale.seatIds[index] ?? 0);
      const paid = { outcome: 'PAID', balance: 0, seat: 'SOLD' };
      const expired = { outcome: 'EXPIRED', balance: 1_000, seat: 'FREE' };
      const seen = { outcome, balance: await balanceOf(db, buyers[index]!.userId), seat: seat['status'] };
      expect(seen).toEqual(outcome === 'PAID' ? paid : expired);
    }
  });

  test('a release while a payment is being decided leaves it alone; the payment is made', async () => {
    const { sale, buyer, held } = await makeHold();
    const blocker = await db.transaction();
    await blocker.raw('SELECT id FROM asset WHERE user_id = ? FOR UPDATE', [buyer.userId]);
    const paying = pay(db, buyer, held.id);
    await until('the payment has its seats', () => isLocked(db, 'concert_seat', sale.seatIds[0] as number));

    expect(await releaseHold(db, held.id)).toMatchObject({ outcome: 'TOO_EARLY' });
    await blocker.rollback();

    expect((await paying).payment.price).toBe(2_000);
    expect(await releaseHold(db, held.id)).toEqual({ outcome: 'PAID' });
  });

  test('a payment that waits for a release finds the hold expired', async () => {
    const { buyer, held } = await makeHold();
    await makeHoldOverdue(db, held.id);
    const releasing = await db.transaction();
    await releasing.raw('SELECT id FROM reservation WHERE id = ? FOR UPDATE', [held.id]);
    await releasing.raw(`UPDATE reservation SET status = 'EXPIRED', completed_at = expires_at WHERE id = ?`, [held.id]);

    const paying = pay(db, buyer, held.id);
    await Promise.all([
      expect(paying).rejects.toMatchObject({ code: 'hold_expired' }),
      untilUnderWay(db, '%JOIN reservation %FOR UPDATE%').then(async () => {
        await freeSeats(releasing, [held.id]);
        await releasing.commit();
      }),
    ]);

    expect(await balanceOf(db, buyer.userId)).toBe(10_000);
    expect(await statusOf(db, 'reservation', held.id)).toBe('EXPIRED');
  });
});

describe('a payment waits for the rows of its own hold only, also where a database would rather read all there are', () => {
  const few = useDatabase();

  /** Pays three of four seats while everything of the fourth is locked. */
  async function payBeside(payer: Database, meanwhile: () => Promise<void>): Promise<void> {
    const sale = await makeSale(few.db, { seats: 4 });
    const buyer = await makeBuyer(few.db, { balance: 10_000 });
    const held = await hold(few.db, buyer, sale, sale.seatIds.slice(0, 3));
    const other = await makeBuyer(few.db);
    const { id } = await hold(few.db, other, sale, sale.seatIds.slice(3));
    let paying: Promise<unknown> = Promise.resolve();
    await rolledBack(few.db, async (trx) => {
      await trx.raw('SELECT id FROM waiting_token WHERE id = ? FOR UPDATE', [other.tokenId]);
      await trx.raw('SELECT id FROM reservation WHERE id = ? FOR UPDATE', [id]);
      await trx.raw('SELECT id FROM concert_seat WHERE reservation_id = ? FOR UPDATE', [id]);
      await trx.raw('SELECT id FROM reservation_ticket WHERE reservation_id = ? FOR UPDATE', [id]);
      await trx.raw('SELECT id FROM asset WHERE user_id = ? FOR UPDATE', [other.userId]);
      paying = pay(payer, buyer, held.id);
      await Promise.race([paying, meanwhile()]);
    });
    await paying;
    expect(await statusOf(few.db, 'reservation', held.id)).toBe('PAID');
  }

  test('it is paid meanwhile', async () => {
    await payBeside(few.db, () => new Promise(() => undefined));
  });

  test('control: with a plan that reads all seats, it waits', async () => {
    const payer = altered(few.pool(1), (sql) => sql.replace('FORCE INDEX (PRIMARY)', 'IGNORE INDEX (PRIMARY)'));
    let waited = false;
    await payBeside(payer, async () => {
      await untilLockWait(few.db);
      waited = true;
    });
    expect(waited).toBe(true);
  });
});

/** As `settlePayment` writes it, from what was read before. */
async function settle(trx: Transaction, buyer: Buyer, reservationId: number, reference: string): Promise<void> {
  const balanceAfter = (await balanceOf(trx, buyer.userId)) - 2_000;
  const movement = { kind: 'PAYMENT' as const, amount: -2_000, balanceAfter, reference, at: await readClock(trx) };
  await moveMoney(trx, [{ userId: buyer.userId, ...movement }]);
  const { insertId } = await write(
    trx,
    'INSERT INTO payment (reservation_id, user_id, price, balance_after, paid_at) VALUES (?, ?, 2000, 0, NOW(3))',
    [reservationId, buyer.userId],
  );
  await write(trx, `UPDATE reservation SET status = 'PAID', completed_at = NOW(3) WHERE id = ?`, [reservationId]);
  await write(trx, 'UPDATE reservation_ticket SET sold_seat_id = concert_seat_id WHERE reservation_id = ?', [
    reservationId,
  ]);
  await write(trx, `UPDATE concert_seat SET status = 'SOLD', held_until = NULL WHERE reservation_id = ?`, [
    reservationId,
  ]);
  await saveOutcomes(trx, [{ key: key(buyer.userId), status: 201, body: { id: insertId, reservationId } }]);
}

describe('control: without the lock of the reservation', () => {
  /** Two payments read HELD before either pays. */
  async function payTwice(references: string[]) {
    const { buyer, held } = await makeHold(controls.db);
    await interleaved(controls.db, async (...transactions) => {
      for (const trx of transactions) expect(await statusOf(trx, 'reservation', held.id)).toBe('HELD');
      for (const [index, trx] of transactions.entries()) {
        await settle(trx, buyer, held.id, references[index] ?? `payment-reservation-${held.id}`);
        await trx.commit();
      }
    });
    return {
      payments: await countOf(controls.db, 'payment', 'reservation_id = ?', [held.id]),
      balance: await balanceOf(controls.db, buyer.userId),
    };
  }

  test('the unique reference of the debit stops the second', async () => {
    await expect(payTwice([])).rejects.toMatchObject({
      errno: 1062,
      message: expect.stringContaining('asset_entry_reference'),
    });
    expect(await brokenInvariants(controls.db)).toEqual([]);
  });

  test('behind it, the unique reservation of the payment does', async () => {
    const again = payTwice(['payment-reservation-1000', 'payment-reservation-1001']);
    await expect(again).rejects.toMatchObject({ errno: 1062, message: expect.stringContaining('payment_once') });
  });

  test('a payment that does not see a release sells seats that are free', async () => {
    const { buyer, held } = await makeHold(controls.db);
    await makeHoldOverdue(controls.db, held.id);
    await interleaved(controls.db, async (paying) => {
      expect(await statusOf(paying, 'reservation', held.id)).toBe('HELD');
      expect(await releaseHold(controls.db, held.id)).toEqual({ outcome: 'EXPIRED' });
      await settle(paying, buyer, held.id, `payment-reservation-${held.id}`);
      await paying.commit();
    });

    expect(await brokenInvariants(controls.db)).toContain('I12_seat_release');
  });

  test('without the keys as well, there are two payments and two debits', async () => {
    await controls.db.raw('ALTER TABLE payment ADD KEY of_reservation (reservation_id), DROP KEY payment_once');
    await controls.db.raw('ALTER TABLE asset_entry DROP KEY asset_entry_reference');

    expect(await payTwice([])).toEqual({ payments: 2, balance: 6_000 });
    expect(await brokenInvariants(controls.db)).toContain('I3_payment');
  });
});
