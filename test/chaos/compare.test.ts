import { Model } from '../../chaos/model/model';
import { compare } from '../../chaos/settle/compare';
import { write } from '../../src/db/sql';
import type { ChargeView } from '../../src/contracts/asset';
import type { PaymentView } from '../../src/contracts/payment';
import type { ReservationView } from '../../src/contracts/reservation';
import { useDatabase } from '../support/database';
import { charge, hold, makeBuyer, makeQueue, makeSale, pay } from '../support/fixtures';

/** What is planted here violates the invariants on purpose. */
const { db } = useDatabase({ checked: false });
const PRICE = 300;

/** One fan who charged, held and paid, and the model that was told of each reply. */
async function oneBooking(): Promise<{ model: Model; userId: number; held: ReservationView; paid: PaymentView }> {
  const queue = await makeQueue(db);
  const sale = await makeSale(db, { seats: 2, price: PRICE, queue: queue.name });
  const fan = await makeBuyer(db, { queue: queue.name });
  const { userId } = fan;
  const model = new Model({ activeMs: 600_000 });
  const begin = (kind: 'hold' | 'charge' | 'payment', json: object) => {
    const effect = model.effects.begin({ kind, key: `${kind} of ${userId}`, userId, operationId: kind, json });
    model.sending(effect, undefined);
    return effect;
  };
  const charged: ChargeView = await charge(db, userId, 1_000);
  model.charged(begin('charge', { amount: 1_000 }), charged, false);
  const seatIds = sale.seatIds.slice(0, 1);
  const held = await hold(db, fan, sale, seatIds);
  model.held(begin('hold', { scheduleId: sale.scheduleId, seatIds }), held);
  const { payment } = await pay(db, fan, held.id);
  model.paid(begin('payment', { reservationId: held.id }), payment, true);
  return { model, userId, held, paid: payment };
}

async function faultsOf(model: Model): Promise<string[]> {
  await compare(db, model);
  return model.violations.map(({ fault }) => fault);
}

// Each test looks at the whole database: nothing of another may be left.
const TABLES = ['idempotency_key', 'payment', 'reservation_ticket', 'concert_seat', 'reservation', 'waiting_token'];
beforeEach(async () => {
  await write(db, 'UPDATE concert_seat SET reservation_id = NULL, held_until = NULL, status = ?', ['FREE']);
  for (const table of [...TABLES, 'asset_entry', 'asset']) await db.raw('DELETE FROM ??', [table]);
});

test('what was acknowledged, and nothing else, is right', async () => {
  const { model } = await oneBooking();
  expect(await faultsOf(model)).toEqual([]);
});

test('a ledger entry that is there twice is found, though the balance agrees with the ledger', async () => {
  const { model, userId } = await oneBooking();
  await write(
    db,
    `INSERT INTO asset_entry (user_id, kind, amount, balance_after, reference, created_at)
     VALUES (?, 'CHARGE', 1000, 1700, 'planted', NOW(3))`,
    [userId],
  );
  await write(db, 'UPDATE asset SET balance = balance + 1000 WHERE user_id = ?', [userId]);
  expect(await faultsOf(model)).toEqual(['doubled', 'doubled']);
});

test('a reservation that is gone is found, and so is its payment', async () => {
  const { model, held, paid } = await oneBooking();
  await write(db, `UPDATE concert_seat SET status = 'FREE', reservation_id = NULL WHERE reservation_id = ?`, [held.id]);
  await write(db, 'DELETE FROM payment WHERE id = ?', [paid.id]);
  await write(db, 'DELETE FROM reservation_ticket WHERE reservation_id = ?', [held.id]);
  await write(db, 'DELETE FROM reservation WHERE id = ?', [held.id]);
  expect(await faultsOf(model)).toEqual(['lost', 'lost']);
});

test('a payment that was undone is found', async () => {
  const { model, held } = await oneBooking();
  await write(db, `UPDATE reservation SET status = 'EXPIRED' WHERE id = ?`, [held.id]);
  expect(await faultsOf(model)).toEqual(['lost']);
});

test('a second reservation under one key, and a payment that nobody made, are found', async () => {
  const { model, held } = await oneBooking();
  const { insertId } = await write(
    db,
    `INSERT INTO reservation (user_id, waiting_token_id, concert_schedule_id, status, total_price, currency, reserved_at, expires_at, completed_at)
     SELECT user_id, waiting_token_id, concert_schedule_id, 'EXPIRED', total_price, currency, reserved_at, expires_at, NOW(3)
     FROM reservation WHERE id = ?`,
    [held.id],
  );
  await write(
    db,
    `INSERT INTO payment (reservation_id, user_id, price, balance_after, paid_at)
     SELECT id, user_id, total_price, 0, NOW(3) FROM reservation WHERE id = ?`,
    [insertId],
  );
  expect(await faultsOf(model)).toEqual(['doubled', 'doubled']);
});

test('a balance that is another is found', async () => {
  const { model, userId } = await oneBooking();
  await write(db, 'UPDATE asset SET balance = balance - 1 WHERE user_id = ?', [userId]);
  expect(await faultsOf(model)).toEqual(['lost']);
});
