import type { PaymentView } from '../contracts/payment';
import { Refusal } from '../errors';
import { moveMoney } from './asset';
import type { Transaction } from './connect';
import { KeyTaken, saveOutcomes, type IdempotencyKey } from './idempotency';
import type { Settled, SettleInput } from './payment';
import type { LockedReservation } from './reservation';
import { write } from './sql';

/** A hold that may be paid, and what was read of it under the locks. */
export interface Payable {
  reservation: LockedReservation;
  seatIds: number[];
  balance: number;
  now: Date;
}

/** Writes a payment, all that comes with it and its outcome. */
export async function savePayment(trx: Transaction, input: SettleInput, payable: Payable): Promise<Settled> {
  const { reservation, balance, now } = payable;
  const price = reservation.totalPrice;
  await moveMoney(trx, [
    {
      userId: input.userId,
      kind: 'PAYMENT',
      amount: -price,
      balanceAfter: balance - price,
      reference: `payment-reservation-${reservation.id}`,
      at: now,
    },
  ]);
  const { insertId } = await write(
    trx,
    'INSERT INTO payment (reservation_id, user_id, price, balance_after, paid_at) VALUES (?, ?, ?, ?, ?)',
    [reservation.id, input.userId, price, balance - price, now],
  );
  await sell(trx, payable);
  const tokenUsed = await useToken(trx, input.tokenId, now);
  const payment: PaymentView = {
    id: insertId,
    reservationId: reservation.id,
    price,
    currency: reservation.currency,
    paidAt: now.toISOString(),
    balance: balance - price,
  };
  await saveOutcome(trx, input.key, payment);
  return { payment, underThisKey: true, tokenUsed };
}

/**
 * One statement for the reservation, its tickets and its seats. Each row is found by the one before it: where the tables
 * are small, any other plan reads all of their rows, and waits for those that somebody else has locked.
 */
async function sell(trx: Transaction, { reservation, seatIds, now }: Payable): Promise<void> {
  const { affectedRows } = await write(
    trx,
    `UPDATE reservation r
       STRAIGHT_JOIN reservation_ticket t FORCE INDEX (reservation_ticket_seat) ON t.reservation_id = r.id
       STRAIGHT_JOIN concert_seat s FORCE INDEX (PRIMARY) ON s.id = t.concert_seat_id
     SET r.status = 'PAID', r.completed_at = ?, t.sold_seat_id = t.concert_seat_id, s.status = 'SOLD', s.held_until = NULL
     WHERE r.id = ? AND s.id IN (?)`,
    [now, reservation.id, seatIds],
  );
  // The second guard: money is never taken for anything else than all of a hold.
  if (affectedRows < 1 + 2 * seatIds.length) {
    throw new Error(
      `reservation ${reservation.id} and its ${seatIds.length} seats gave only ${affectedRows} rows to sell`,
    );
  }
}

async function useToken(trx: Transaction, tokenId: number, now: Date): Promise<boolean> {
  const { affectedRows } = await write(
    trx,
    `UPDATE waiting_token SET status = 'USED', ended_at = ? WHERE id = ? AND NOT EXISTS
       (SELECT 1 FROM reservation r WHERE r.waiting_token_id = ? AND r.status = 'HELD' AND r.expires_at > ?)`,
    [now, tokenId, tokenId, now],
  );
  return affectedRows === 1;
}

async function saveOutcome(trx: Transaction, key: IdempotencyKey, payment: PaymentView): Promise<void> {
  try {
    await saveOutcomes(trx, [{ key, status: 201, body: payment }]);
  } catch (error) {
    if (!(error instanceof KeyTaken)) throw error;
    // This reservation is not paid, so the key stands for something else.
    throw new Refusal('idempotency_key_reused', 'This key was used for another request.');
  }
}
