import type { PaymentView } from '../contracts/payment';
import { Refusal } from '../errors';
import { lockAsset, moveMoney } from './asset';
import type { Database, Executor, Transaction } from './connect';
import { KeyTaken, saveOutcomes, type IdempotencyKey } from './idempotency';
import { lockReservation, type LockedReservation } from './reservation';
import { select, selectOne, write } from './sql';
import { transact } from './transaction';

type PaymentRow = Omit<PaymentView, 'paidAt'> & { paidAt: Date };

const SELECT_PAYMENT = `SELECT p.id, p.reservation_id AS reservationId, p.price, r.currency, p.paid_at AS paidAt,
  p.balance_after AS balance FROM payment p JOIN reservation r ON r.id = p.reservation_id`;

function toView(row: PaymentRow): PaymentView {
  return { ...row, paidAt: row.paidAt.toISOString() };
}

/** A user's payment; `undefined` if there is none, or it is somebody else's. */
export async function findPayment(db: Executor, userId: number, id: number): Promise<PaymentView | undefined> {
  const row = await selectOne<PaymentRow>(db, `${SELECT_PAYMENT} WHERE p.id = ? AND p.user_id = ?`, [id, userId]);
  return row && toView(row);
}

/** The payments of these reservations, of whosever they are. */
export async function findPaymentsOf(db: Executor, reservationIds: readonly number[]): Promise<PaymentView[]> {
  const rows = await select<PaymentRow>(db, `${SELECT_PAYMENT} WHERE p.reservation_id IN (?)`, [reservationIds]);
  return rows.map(toView);
}

/**
 * What the API needs before it starts a payment: the payment of this user's reservation if there is one already, and the
 * user's last ledger entry (0 if none), after which a refusal for want of balance may no longer hold.
 */
export async function findPaymentState(
  db: Executor,
  userId: number,
  reservationId: number,
): Promise<{ payment: PaymentView | undefined; lastEntryId: number }> {
  const [payment, asset] = await Promise.all([
    selectOne<PaymentRow>(db, `${SELECT_PAYMENT} WHERE p.reservation_id = ? AND p.user_id = ?`, [
      reservationId,
      userId,
    ]),
    selectOne<{ lastEntryId: number }>(db, 'SELECT last_entry_id AS lastEntryId FROM asset WHERE user_id = ?', [
      userId,
    ]),
  ]);
  return { payment: payment && toView(payment), lastEntryId: asset?.lastEntryId ?? 0 };
}

export interface SettleInput {
  reservationId: number;
  userId: number;
  tokenId: number;
  queueId: number;
  key: IdempotencyKey;
}

export interface Settled {
  payment: PaymentView;
  /** The payment was made under the key of this input: by this call, or by an earlier one whose answer was lost. */
  underThisKey: boolean;
  /** The token was used up: its place is free. */
  tokenUsed: boolean;
}

/**
 * Pays a hold: debits the balance, sells the seats, uses the token if this was its last live hold, and stores the
 * outcome under the key, in one transaction under row locks taken in the order token, reservation, seats, asset. The
 * clock is read after the last of them. May be repeated: a paid reservation gives the same payment (I3). Throws a
 * `Refusal` when it cannot be paid; then nothing has changed.
 */
export async function settlePayment(db: Database, input: SettleInput): Promise<Settled> {
  return transact(db, async (trx) => {
    const token = await lockToken(trx, input.tokenId);
    const reservation = await lockReservation(trx, input.reservationId);
    if (reservation?.userId !== input.userId) {
      throw new Refusal('not_found', `There is no reservation ${input.reservationId}.`);
    }
    if (reservation.status === 'PAID') return repeat(trx, input, token);
    const seatIds = await lockSeatsOf(trx, input.reservationId);
    const balance = await lockAsset(trx, input.userId);
    const { now, tickets } = await readTerms(trx, input.reservationId);
    checkHold(reservation, tickets, seatIds.length, now);
    checkToken(token, reservation, input, now);
    if (balance < reservation.totalPrice) throw insufficient(reservation, balance);
    return settle(trx, input, { reservation, seatIds, balance, now });
  });
}

interface LockedToken {
  userId: number;
  queueId: number;
  status: string;
  expiresAt: Date | null;
}

async function lockToken(trx: Transaction, id: number): Promise<LockedToken | undefined> {
  return selectOne<LockedToken>(
    trx,
    `SELECT user_id AS userId, queue_id AS queueId, status, expires_at AS expiresAt FROM waiting_token WHERE id = ? FOR UPDATE`,
    [id],
  );
}

async function lockSeatsOf(trx: Transaction, reservationId: number): Promise<number[]> {
  const seats = await select<{ id: number }>(
    trx,
    'SELECT id FROM concert_seat WHERE reservation_id = ? ORDER BY id FOR UPDATE',
    [reservationId],
  );
  return seats.map((seat) => seat.id);
}

/** The clock, read after the last lock, and how many tickets the hold consists of. */
async function readTerms(trx: Transaction, reservationId: number): Promise<{ now: Date; tickets: number }> {
  const terms = await selectOne<{ now: Date; tickets: number }>(
    trx,
    'SELECT NOW(3) AS now, COUNT(*) AS tickets FROM reservation_ticket WHERE reservation_id = ?',
    [reservationId],
  );
  if (!terms) throw new Error('the database gave no time');
  return terms;
}

function checkHold(reservation: LockedReservation, tickets: number, seats: number, now: Date): void {
  if (reservation.status === 'CANCELLED') {
    throw new Refusal('reservation_not_payable', `Reservation ${reservation.id} is cancelled.`);
  }
  // Fewer seats than tickets: the hold ran out and another one has taken a seat over.
  if (reservation.status === 'EXPIRED' || reservation.expiresAt <= now || seats !== tickets) {
    throw new Refusal(
      'hold_expired',
      `The hold of reservation ${reservation.id} ended at ${reservation.expiresAt.toISOString()}.`,
    );
  }
}

function checkToken(
  token: LockedToken | undefined,
  reservation: LockedReservation,
  input: SettleInput,
  now: Date,
): void {
  if (token?.status !== 'ACTIVE' || !token.expiresAt || token.expiresAt <= now) {
    throw new Refusal('queue_token_ended', 'This queue token has ended.');
  }
  if (token.userId !== input.userId) {
    throw new Refusal('queue_token_of_another_user', 'This queue token belongs to another user.');
  }
  // A live hold's token is live as long as the hold, and a user has one live token per queue: another one is of another queue.
  if (reservation.tokenId !== input.tokenId) {
    throw new Refusal('queue_token_of_another_queue', 'This reservation was made through another queue.');
  }
}

function insufficient(reservation: LockedReservation, balance: number): Refusal {
  const required = reservation.totalPrice;
  return new Refusal('insufficient_balance', `The price of ${required} is more than the balance.`, {
    balance,
    required,
  });
}

interface Payable {
  reservation: LockedReservation;
  seatIds: number[];
  balance: number;
  now: Date;
}

async function settle(trx: Transaction, input: SettleInput, payable: Payable): Promise<Settled> {
  const { reservation, seatIds, balance, now } = payable;
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
  await write(trx, `UPDATE reservation SET status = 'PAID', completed_at = ? WHERE id = ?`, [now, reservation.id]);
  await write(trx, 'UPDATE reservation_ticket SET sold_seat_id = concert_seat_id WHERE reservation_id = ?', [
    reservation.id,
  ]);
  await write(trx, `UPDATE concert_seat SET status = 'SOLD', held_until = NULL WHERE id IN (?)`, [seatIds]);
  const tokenUsed = await useToken(trx, input.tokenId, now);
  const payment: PaymentView = {
    id: insertId,
    reservationId: reservation.id,
    price,
    currency: reservation.currency,
    paidAt: now.toISOString(),
    balance: balance - price,
  };
  await savePayment(trx, input.key, payment);
  return { payment, underThisKey: true, tokenUsed };
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

async function savePayment(trx: Transaction, key: IdempotencyKey, payment: PaymentView): Promise<void> {
  try {
    await saveOutcomes(trx, [{ key, status: 201, body: payment }]);
  } catch (error) {
    if (!(error instanceof KeyTaken)) throw error;
    // This reservation is not paid, so the key stands for something else.
    throw new Refusal('idempotency_key_reused', 'This key was used for another request.');
  }
}

async function repeat(trx: Transaction, input: SettleInput, token: LockedToken | undefined): Promise<Settled> {
  const row = await selectOne<PaymentRow>(trx, `${SELECT_PAYMENT} WHERE p.reservation_id = ?`, [input.reservationId]);
  if (!row) throw new Error(`reservation ${input.reservationId} is PAID without a payment`);
  const stored = await selectOne(
    trx,
    'SELECT 1 FROM idempotency_key WHERE user_id = ? AND key_hash = ? AND fingerprint = ?',
    [input.userId, input.key.hash, input.key.fingerprint],
  );
  return { payment: toView(row), underThisKey: stored !== undefined, tokenUsed: token?.status === 'USED' };
}
