import type { PaymentView } from '../contracts/payment';
import { Refusal } from '../errors';
import type { Database, Transaction } from './connect';
import type { IdempotencyKey } from './idempotency';
import { findPaymentsOf } from './payment-find';
import { lockAsset, lockSeatsOf, lockTokenAndReservation, type LockedToken } from './payment-locks';
import { savePayment } from './payment-save';
import { checkHold, checkToken, insufficient } from './payment-terms';
import { selectOne } from './sql';
import { transact } from './transaction';

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
    const { token, reservation } = await lockTokenAndReservation(trx, input);
    if (reservation?.userId !== input.userId) {
      throw new Refusal('not_found', `There is no reservation ${input.reservationId}.`);
    }
    if (reservation.status === 'PAID') return repeat(trx, input, token);
    const seatIds = await lockSeatsOf(trx, input.reservationId);
    const { balance, now, tickets } = await lockAsset(trx, input);
    checkHold(reservation, tickets, seatIds.length, now);
    checkToken(token, reservation, input, now);
    if (balance < reservation.totalPrice) throw insufficient(reservation, balance);
    return savePayment(trx, input, { reservation, seatIds, balance, now });
  });
}

async function repeat(trx: Transaction, input: SettleInput, token: LockedToken | undefined): Promise<Settled> {
  const [payment] = await findPaymentsOf(trx, [input.reservationId]);
  if (!payment) throw new Error(`reservation ${input.reservationId} is PAID without a payment`);
  const stored = await selectOne(
    trx,
    'SELECT 1 FROM idempotency_key WHERE user_id = ? AND key_hash = ? AND fingerprint = ?',
    [input.userId, input.key.hash, input.key.fingerprint],
  );
  return { payment, underThisKey: stored !== undefined, tokenUsed: token?.status === 'USED' };
}
