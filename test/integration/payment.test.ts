import { listEntries } from '../../src/db/asset';
import { findOutcomes } from '../../src/db/idempotency';
import { leaveQueue } from '../../src/db/queue';
import { findPayment, findPaymentState } from '../../src/db/payment-find';
import { cancelReservation } from '../../src/db/reservation';
import { contents, isLocked, rolledBack, until, useDatabase } from '../support/database';
import {
  balanceOf,
  charge,
  countOf,
  CURRENCY,
  hold,
  key,
  makeActiveToken,
  makeBuyer,
  makeHoldOverdue,
  makeQueue,
  makeSale,
  makeTokenOverdue,
  makeUser,
  pay,
  refusalOf,
  refusedUnchanged,
  rowOf,
  sha256,
  statusOf,
} from '../support/fixtures';

const { db } = useDatabase();

/** A buyer with a hold of the first two seats, 2,000 in all. */
async function makeHold(balance = 5_000) {
  const sale = await makeSale(db);
  const buyer = await makeBuyer(db, { balance });
  const held = await hold(db, buyer, sale, sale.seatIds.slice(0, 2));
  return { sale, buyer, held };
}

describe('settlePayment', () => {
  test('debits, sells the seats, uses the token and stores the outcome', async () => {
    const { sale, buyer, held } = await makeHold();
    const withKey = key(buyer.userId);

    const { payment, underThisKey, tokenUsed } = await pay(db, buyer, held.id, withKey);

    expect(payment).toMatchObject({ reservationId: held.id, price: 2_000, currency: CURRENCY, balance: 3_000 });
    expect([underThisKey, tokenUsed]).toEqual([true, true]);
    expect(await balanceOf(db, buyer.userId)).toBe(3_000);
    const paidAt = new Date(payment.paidAt);
    expect(await rowOf(db, 'reservation', held.id)).toMatchObject({ status: 'PAID', completed_at: paidAt });
    expect(await rowOf(db, 'waiting_token', buyer.tokenId)).toMatchObject({ status: 'USED', ended_at: paidAt });
    for (const seatId of sale.seatIds.slice(0, 2)) {
      const seat = await rowOf(db, 'concert_seat', seatId);
      expect(seat).toMatchObject({ status: 'SOLD', held_until: null, reservation_id: held.id });
    }
    expect(
      await countOf(db, 'reservation_ticket', 'sold_seat_id = concert_seat_id AND reservation_id = ?', [held.id]),
    ).toBe(2);
    const [entry] = await listEntries(db, buyer.userId, { limit: 1 });
    expect(entry).toMatchObject({
      kind: 'PAYMENT',
      amount: -2_000,
      balanceAfter: 3_000,
      reference: `payment-reservation-${held.id}`,
    });
    expect((await findOutcomes(db, [withKey]))[0]?.body).toEqual(payment);
    expect(await findPayment(db, buyer.userId, payment.id)).toEqual(payment);
    expect(await findPayment(db, buyer.userId + 1, payment.id)).toBeUndefined();
    expect(await findPaymentState(db, buyer.userId, held.id)).toEqual({ payment, lastEntryId: entry?.id });
  });

  test('repeated, it is the same payment and one debit; it says under whose key it was made', async () => {
    const { buyer, held } = await makeHold();
    const withKey = key(buyer.userId);
    const first = await pay(db, buyer, held.id, withKey);
    const before = await contents(db);

    expect(await pay(db, buyer, held.id, withKey)).toEqual(first);
    const others = [key(buyer.userId), { ...withKey, fingerprint: sha256('another request') }];
    for (const other of others) {
      expect(await pay(db, buyer, held.id, other)).toEqual({ ...first, underThisKey: false });
    }
    expect(await pay(db, { ...buyer, tokenId: 0 }, held.id)).toMatchObject({
      payment: first.payment,
      tokenUsed: false,
    });
    expect(await contents(db)).toEqual(before);
  });

  test("a key means nothing to another user's payment", async () => {
    const [mine, theirs] = [await makeHold(), await makeHold()];
    const withKey = key(mine.buyer.userId);
    await pay(db, mine.buyer, mine.held.id, withKey);
    await pay(db, theirs.buyer, theirs.held.id);

    const repeated = await pay(db, theirs.buyer, theirs.held.id, { ...withKey, userId: theirs.buyer.userId });

    expect(repeated.underThisKey).toBe(false);
  });

  test('of many payments, each is found as it was made', async () => {
    const sale = await makeSale(db);
    const buyer = await makeBuyer(db, { balance: 5_000 });
    const made = [];
    for (const [index, currency] of ['USD', 'EUR'].entries()) {
      const held = await hold(db, buyer, sale, sale.seatIds.slice(index, index + 1), { currency });
      await hold(db, buyer, sale, sale.seatIds.slice(2 + index, 3 + index));
      made.push((await pay(db, buyer, held.id)).payment);
    }

    expect(made.map(({ currency, balance }) => [currency, balance])).toEqual([
      ['USD', 4_000],
      ['EUR', 3_000],
    ]);
    for (const payment of made) {
      expect(await findPayment(db, buyer.userId, payment.id)).toEqual(payment);
      expect((await findPaymentState(db, buyer.userId, payment.reservationId)).payment).toEqual(payment);
    }
    const stranger = await makeUser(db);
    expect(await findPaymentState(db, stranger, made[0]?.reservationId ?? 0)).toEqual({
      payment: undefined,
      lastEntryId: 0,
    });
    expect(await findPaymentState(db, 999_999, 0)).toEqual({ payment: undefined, lastEntryId: 0 });
  });

  test('free seats are sold as any others', async () => {
    const sale = await makeSale(db, { price: 0 });
    const buyer = await makeBuyer(db);
    const held = await hold(db, buyer, sale, sale.seatIds);

    expect((await pay(db, buyer, held.id)).payment).toMatchObject({ price: 0, balance: 0 });
  });

  test('too little money: refused with what is there and what it takes; after a charge it is paid', async () => {
    const { buyer, held } = await makeHold(1_999);
    const withKey = key(buyer.userId);

    const refusal = await refusedUnchanged(db, 'insufficient_balance', () => pay(db, buyer, held.id, withKey));
    expect(refusal.members).toEqual({ balance: 1_999, required: 2_000 });
    const { lastEntryId } = await findPaymentState(db, buyer.userId, held.id);
    await charge(db, buyer.userId, 1);

    expect((await findPaymentState(db, buyer.userId, held.id)).lastEntryId).toBeGreaterThan(lastEntryId);
    expect((await pay(db, buyer, held.id, withKey)).payment.balance).toBe(0);
  });

  test("no reservation, and somebody else's: not_found", async () => {
    const { held } = await makeHold();
    const stranger = await makeBuyer(db, { balance: 9_000 });

    await refusedUnchanged(db, 'not_found', () => pay(db, stranger, held.id));
    await refusedUnchanged(db, 'not_found', () => pay(db, stranger, 999_999));
  });

  test('cancelled: reservation_not_payable', async () => {
    const { buyer, held } = await makeHold();
    await cancelReservation(db, buyer.userId, held.id);

    await refusedUnchanged(db, 'reservation_not_payable', () => pay(db, buyer, held.id));
  });

  test('over its deadline, settled or not: hold_expired', async () => {
    const { buyer, held } = await makeHold();
    await makeHoldOverdue(db, held.id);
    await refusedUnchanged(db, 'hold_expired', () => pay(db, buyer, held.id));
    await db.raw(`UPDATE reservation SET status = 'EXPIRED', completed_at = expires_at WHERE id = ?`, [held.id]);

    await refusedUnchanged(db, 'hold_expired', () => pay(db, buyer, held.id));
    await db.raw(
      `UPDATE concert_seat SET status = 'FREE', reservation_id = NULL, held_until = NULL WHERE reservation_id = ?`,
      [held.id],
    );
  });

  test('a hold whose seat was taken over is refused even by a row that says it is in time', async () => {
    const { sale, buyer, held } = await makeHold();
    await makeHoldOverdue(db, held.id);
    await hold(db, await makeBuyer(db), sale, sale.seatIds.slice(0, 1));
    const inTime = (minutes: number) =>
      db.raw('UPDATE reservation SET expires_at = NOW(3) + INTERVAL ? MINUTE WHERE id = ?', [minutes, held.id]);

    await inTime(5);
    await refusedUnchanged(db, 'hold_expired', () => pay(db, buyer, held.id));
    await inTime(-1);
  });

  test('the clock is read after the last lock: a payment that waited past the deadline is refused', async () => {
    const sale = await makeSale(db);
    const buyer = await makeBuyer(db, { balance: 5_000 });
    const held = await hold(db, buyer, sale, sale.seatIds, { holdSeconds: 1 });
    const other = await db.transaction();
    await other.raw('SELECT balance FROM asset WHERE user_id = ? FOR UPDATE', [buyer.userId]);

    const paying = refusalOf(pay(db, buyer, held.id));
    await until('the payment has its seats', () => isLocked(db, 'concert_seat', sale.seatIds[0] as number));
    expect(await countOf(db, 'reservation', 'id = ? AND expires_at > NOW(3)', [held.id])).toBe(1);
    await until(
      'the hold is overdue',
      async () => (await countOf(db, 'reservation', 'id = ? AND expires_at <= NOW(3)', [held.id])) === 1,
    );
    await other.rollback();

    expect((await paying).code).toBe('hold_expired');
    expect(await balanceOf(db, buyer.userId)).toBe(5_000);
  });

  test('a token that has ended: queue_token_ended', async () => {
    const { buyer, held } = await makeHold();
    await makeTokenOverdue(db, buyer.tokenId);
    await refusedUnchanged(db, 'queue_token_ended', () => pay(db, buyer, held.id));
    await refusedUnchanged(db, 'queue_token_ended', () => pay(db, { ...buyer, tokenId: 0 }, held.id));
  });

  test('a token its owner gave back took its holds with it', async () => {
    const { buyer, held } = await makeHold();
    expect((await leaveQueue(db, buyer.tokenId)).cancelledReservationIds).toEqual([held.id]);

    await refusedUnchanged(db, 'reservation_not_payable', () => pay(db, buyer, held.id));
  });

  test("another user's token, and one's own of another queue", async () => {
    const { buyer, held } = await makeHold();
    const stranger = await makeBuyer(db);
    const elsewhere = await makeActiveToken(db, buyer.userId, (await makeQueue(db)).name);

    await refusedUnchanged(db, 'queue_token_of_another_user', () =>
      pay(db, { ...buyer, tokenId: stranger.tokenId }, held.id),
    );
    await refusedUnchanged(db, 'queue_token_of_another_queue', () =>
      pay(db, { ...buyer, tokenId: elsewhere.tokenId }, held.id),
    );
    expect((await pay(db, buyer, held.id)).tokenUsed).toBe(true);
  });

  test('the token is used with its last live hold, not before', async () => {
    const sale = await makeSale(db, { seats: 3 });
    const buyer = await makeBuyer(db, { balance: 9_000 });
    const [a, b, c] = sale.seatIds as [number, number, number];
    const [one, two, overdue] = [
      await hold(db, buyer, sale, [a]),
      await hold(db, buyer, sale, [b]),
      await hold(db, buyer, sale, [c]),
    ];
    await makeHoldOverdue(db, overdue.id);

    expect((await pay(db, buyer, one.id)).tokenUsed).toBe(false);
    expect(await statusOf(db, 'waiting_token', buyer.tokenId)).toBe('ACTIVE');
    expect((await pay(db, buyer, two.id)).tokenUsed).toBe(true);
    expect(await statusOf(db, 'waiting_token', buyer.tokenId)).toBe('USED');
  });

  test('a payment does not wait for the line: it never locks the queue', async () => {
    const { buyer, held } = await makeHold();

    await rolledBack(db, async (trx) => {
      await trx.raw('SELECT id FROM queue WHERE id = ? FOR UPDATE', [buyer.queueId]);
      expect((await pay(db, buyer, held.id)).tokenUsed).toBe(true);
    });
  });

  test('a key that stands for something else: idempotency_key_reused', async () => {
    const { buyer, held } = await makeHold();
    const withKey = key(buyer.userId, 'of a charge', 'charge');
    await charge(db, buyer.userId, 1, withKey);

    await refusedUnchanged(db, 'idempotency_key_reused', () =>
      pay(db, buyer, held.id, key(buyer.userId, 'of a charge', 'payment')),
    );
    expect((await pay(db, buyer, held.id)).underThisKey).toBe(true);
  });

  test('a user without an asset row: an error, and nothing is left', async () => {
    const { buyer, held } = await makeHold();
    await db.raw('DELETE FROM asset WHERE user_id = ?', [buyer.userId]);
    const before = await contents(db);

    await expect(pay(db, buyer, held.id)).rejects.toThrow('has no asset row');

    expect(await contents(db)).toEqual(before);
  });
});
