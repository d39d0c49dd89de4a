import type { Database, Transaction } from './connect';
import { isDuplicateKey, select, write } from './sql';

export interface IdempotencyKey {
  userId: number;
  /** SHA-256 of the key: the key itself is stored nowhere. */
  hash: Buffer;
  /** SHA-256 of what was asked, to tell a repeated request from another one under the same key. */
  fingerprint: Buffer;
}

export interface Outcome {
  fingerprint: Buffer;
  status: number;
  body: unknown;
}

/** The key was stored by another request since it was looked up: this effect is rolled back, and the other's replayed. */
export class KeyTaken extends Error {}

/** What was answered under each of these keys, as long as it is kept; one query for any number. */
export async function findOutcomes(
  db: Database,
  keys: readonly Pick<IdempotencyKey, 'userId' | 'hash'>[],
): Promise<(Outcome | undefined)[]> {
  const rows = await select<{ userId: number; hash: Buffer; fingerprint: Buffer; status: number; body: string }>(
    db,
    `SELECT user_id AS userId, key_hash AS hash, fingerprint, status, body FROM idempotency_key
     WHERE ${keys.map(() => '(user_id = ? AND key_hash = ?)').join(' OR ')}`,
    keys.flatMap((key) => [key.userId, key.hash]),
  );
  return keys.map(({ userId, hash }) => {
    const row = rows.find((candidate) => candidate.userId === userId && candidate.hash.equals(hash));
    return row && { ...row, body: JSON.parse(row.body) as unknown };
  });
}

export interface NewOutcome {
  key: IdempotencyKey;
  status: number;
  body: unknown;
}

/** Stores outcomes in the transaction of their effects, so that there is never one without the other (I10). */
export async function saveOutcomes(trx: Transaction, outcomes: readonly NewOutcome[]): Promise<void> {
  try {
    await write(trx, 'INSERT INTO idempotency_key (user_id, key_hash, fingerprint, status, body) VALUES ?', [
      outcomes.map(({ key, status, body }) => [key.userId, key.hash, key.fingerprint, status, JSON.stringify(body)]),
    ]);
  } catch (error) {
    throw isDuplicateKey(error) ? new KeyTaken() : error;
  }
}
