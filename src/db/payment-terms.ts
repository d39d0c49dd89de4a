import { Refusal } from '../errors';
import type { SettleInput } from './payment';
import type { LockedToken } from './payment-locks';
import type { LockedReservation } from './reservation';

/** Refuses a hold that has ended, or of which somebody else has a seat by now. */
export function checkHold(reservation: LockedReservation, tickets: number, seats: number, now: Date): void {
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

/** Refuses a token that has ended, or that the hold was not made with. */
export function checkToken(
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

/** The refusal of a balance below the price: what is there, and what it takes. */
export function insufficient(reservation: LockedReservation, balance: number): Refusal {
  const required = reservation.totalPrice;
  return new Refusal('insufficient_balance', `The price of ${required} is more than the balance.`, {
    balance,
    required,
  });
}
