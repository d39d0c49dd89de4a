import type { Database, Transaction } from './connect';
import { isDuplicateKey, selectOne, write } from './sql';

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

/** What was answered under this key, as long as it is kept. */
export async function findOutcome(db: Database, userId: number, hash: Buffer): Promise<Outcome | undefined> {
  const row = await selectOne<{ fingerprint: Buffer; status: number; body: string }>(
    db,
    'SELECT fingerprint, status, body FROM idempotency_key WHERE user_id = ? AND key_hash = ?',
    [userId, hash],
  );
  return row && { ...row, body: JSON.parse(row.body) as unknown };
}

/** Stores an outcome in the transaction of its effect, so that there is never one without the other (I10). */
export async function saveOutcome(trx: Transaction, key: IdempotencyKey, status: number, body: unknown): Promise<void> {
  try {
    await write(
      trx,
      'INSERT INTO idempotency_key (user_id, key_hash, fingerprint, status, body) VALUES (?, ?, ?, ?, ?)',
      [key.userId, key.hash, key.fingerprint, status, JSON.stringify(body)],
    );
  } catch (error) {
    throw isDuplicateKey(error) ? new KeyTaken() : error;
  }
}
