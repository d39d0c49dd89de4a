import type { PaymentView } from '../contracts/payment';
import type { Executor } from './connect';
import { select, selectOne } from './sql';

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
