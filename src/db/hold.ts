import type { ReservationView } from '../contracts/reservation';
import type { Refusal } from '../errors';
import type { Database, Transaction } from './connect';
import { saveHolds } from './hold-save';
import { checkSeats, lockSeats, type LockedSeats, type Seat } from './hold-seats';
import { checkTerms, readTerms, type TermsRead } from './hold-terms';
import type { IdempotencyKey } from './idempotency';
import { decideTogether, type Decided, type Skip } from './together';

export interface HoldInput {
  userId: number;
  tokenId: number;
  /** The queue of the token: the schedule must be of the same. */
  queueId: number;
  scheduleId: number;
  seatIds: readonly number[];
  key: IdempotencyKey;
}

/** What a hold is worth: how long, at most how many tickets of a user and date, in which currency. */
export interface HoldTerms {
  holdSeconds: number;
  maxTickets: number;
  currency: string;
}

/** A hold that may be had: its seats are free, and locked for it. */
export interface Grant {
  input: HoldInput;
  seats: Seat[];
}

/**
 * Holds all of an input's seats for `holdSeconds`, or none; each input alone is granted or refused. Refuses at once
 * where another holds or is taking a seat: nobody waits for one. The tokens are locked first, so one user's holds come
 * one after another and the ticket limit holds (I11); the outcome is stored under the key in the same transaction.
 */
export async function holdSeats(
  db: Database,
  terms: HoldTerms,
  inputs: readonly HoldInput[],
): Promise<Decided<ReservationView>[]> {
  return decideTogether(db, inputs, {
    decide: (trx, some, skip) => grantOrRefuse(trx, terms, some, skip),
    save: (trx, grants) => saveHolds(trx, terms, grants),
  });
}

async function grantOrRefuse(
  trx: Transaction,
  terms: HoldTerms,
  inputs: readonly HoldInput[],
  skip: Skip,
): Promise<(Grant | Refusal | undefined)[]> {
  const read = await readTerms(trx, terms, inputs, skip);
  const lockedByAnother = (input: HoldInput) => skip !== '' && !read.tokens.has(input.tokenId);
  const candidates = inputs.filter((input) => !lockedByAnother(input) && !checkTerms(input, read));
  const seats = await lockSeats(trx, candidates);
  return inputs.map((input) => {
    if (lockedByAnother(input)) return undefined;
    return checkTerms(input, read) ?? checkSeats(input, seats) ?? grant(input, read, seats);
  });
}

/** What one is granted, those decided after it find taken. */
function grant(input: HoldInput, read: TermsRead, locked: LockedSeats): Grant {
  read.tickets.add(input, input.seatIds.length);
  const seats = input.seatIds.map((id) => locked.seats.get(id) as Seat).sort((a, b) => a.id - b.id);
  for (const seat of seats) seat.taken = 1;
  return { input, seats };
}
