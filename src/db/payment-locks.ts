import type { Transaction } from './connect';
import type { SettleInput } from './payment';
import { LOCKED_COLUMNS, lockReservation, type LockedReservation } from './reservation';
import { select, selectOne } from './sql';

export interface LockedToken {
  userId: number;
  status: string;
  expiresAt: Date | null;
}

/** The first locks of a payment, and what they are of: `undefined` where there is no such row. */
export interface LockedTokenAndReservation {
  token: LockedToken | undefined;
  reservation: LockedReservation | undefined;
}

interface JoinedRow extends Omit<LockedReservation, 'id'> {
  id: number | null;
  tokenUserId: number;
  tokenStatus: string;
  tokenExpiresAt: Date | null;
}

/** Locks the token and then the reservation: an outer join comes to its right side only after its left one. */
export async function lockTokenAndReservation(
  trx: Transaction,
  { tokenId, reservationId }: Pick<SettleInput, 'tokenId' | 'reservationId'>,
): Promise<LockedTokenAndReservation> {
  const row = await selectOne<JoinedRow>(
    trx,
    `SELECT t.user_id AS tokenUserId, t.status AS tokenStatus, t.expires_at AS tokenExpiresAt, ${LOCKED_COLUMNS}
     FROM waiting_token t LEFT JOIN reservation r ON r.id = ? WHERE t.id = ? FOR UPDATE`,
    [reservationId, tokenId],
  );
  // Without a token, nothing was joined to it.
  if (!row) return { token: undefined, reservation: await lockReservation(trx, reservationId) };
  const { tokenUserId, tokenStatus, tokenExpiresAt, id, ...rest } = row;
  return {
    token: { userId: tokenUserId, status: tokenStatus, expiresAt: tokenExpiresAt },
    reservation: id === null ? undefined : { id, ...rest },
  };
}

/** Locks the seats that carry this reservation and gives their ids. */
export async function lockSeatsOf(trx: Transaction, reservationId: number): Promise<number[]> {
  const seats = await select<{ id: number }>(
    trx,
    'SELECT id FROM concert_seat WHERE reservation_id = ? ORDER BY id FOR UPDATE',
    [reservationId],
  );
  return seats.map((seat) => seat.id);
}

/** A balance and the terms of a hold under the last lock of a payment. */
export interface LockedAsset {
  balance: number;
  /** When the lock was had: SYSDATE, because NOW is when it was asked for. */
  now: Date;
  /** How many the hold consists of. */
  tickets: number;
}

/** Locks the asset, the last lock of a payment, and reads the clock once it is had. */
export async function lockAsset(
  trx: Transaction,
  { userId, reservationId }: Pick<SettleInput, 'userId' | 'reservationId'>,
): Promise<LockedAsset> {
  const asset = await selectOne<LockedAsset>(
    trx,
    `SELECT balance, SYSDATE(3) AS now,
       (SELECT COUNT(*) FROM reservation_ticket WHERE reservation_id = ?) AS tickets
     FROM asset WHERE user_id = ? FOR UPDATE`,
    [reservationId, userId],
  );
  if (!asset) throw new Error(`user ${userId} has no asset row`);
  return asset;
}
