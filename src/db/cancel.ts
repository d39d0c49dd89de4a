import type { Transaction } from './connect';
import { UNTOLD_AGAIN } from './dispatch';
import { select, write } from './sql';

/** Cancels the live holds made with a token, inside the transaction that ends it. Returns their ids. */
export async function cancelHoldsOfToken(trx: Transaction, tokenId: number): Promise<number[]> {
  const holds = await select<{ id: number }>(
    trx,
    `SELECT id FROM reservation WHERE waiting_token_id = ? AND status = 'HELD' AND expires_at > NOW(3)
     ORDER BY id FOR UPDATE`,
    [tokenId],
  );
  const ids = holds.map((hold) => hold.id);
  if (ids.length === 0) return [];
  await write(
    trx,
    `UPDATE reservation SET status = 'CANCELLED', completed_at = NOW(3), ${UNTOLD_AGAIN} WHERE id IN (?)`,
    [ids],
  );
  await freeSeats(trx, ids);
  return ids;
}

/**
 * The cancelled holds of a token whose time would not be over yet: their workflows may still wait for it, if whoever
 * cancelled them died before telling.
 */
export async function findCancelledHoldsOfToken(trx: Transaction, tokenId: number): Promise<number[]> {
  const holds = await select<{ id: number }>(
    trx,
    `SELECT id FROM reservation WHERE waiting_token_id = ? AND status = 'CANCELLED' AND expires_at > NOW(3) ORDER BY id`,
    [tokenId],
  );
  return holds.map((hold) => hold.id);
}

/**
 * Frees the held seats that still carry one of these reservations. A seat whose hold ran out may carry another one by
 * now and is left alone (I12).
 */
export async function freeSeats(trx: Transaction, reservationIds: readonly number[]): Promise<void> {
  const seats = await select<{ id: number }>(
    trx,
    `SELECT id FROM concert_seat WHERE reservation_id IN (?) AND status = 'HELD' ORDER BY id FOR UPDATE`,
    [reservationIds],
  );
  if (seats.length === 0) return;
  await write(
    trx,
    `UPDATE concert_seat SET status = 'FREE', held_until = NULL, reservation_id = NULL WHERE id IN (?)`,
    [seats.map((seat) => seat.id)],
  );
}
