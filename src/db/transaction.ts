import { setTimeout as delay } from 'node:timers/promises';
import type { Database, Transaction } from './connect';
import { isRetryable } from './sql';

const ATTEMPTS_MAX = 5;
/** Grows with each attempt and is drawn at random, so that two that collided do not collide again. */
const BACKOFF_MS = 10;

/**
 * Runs `work` in one transaction and commits it; rolls back and rethrows when it throws (a lock wait time-out alone does
 * not roll back in InnoDB). Deadlocks and lock waits are tried again from the start, `ATTEMPTS_MAX` times in all, so
 * `work` must have no effect outside its transaction. Locks are taken in one order everywhere:
 * queue, token, reservation, seats by id, asset.
 */
export async function transact<T>(db: Database, work: (trx: Transaction) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await db.transaction(work);
    } catch (error) {
      if (attempt === ATTEMPTS_MAX || !isRetryable(error)) throw error;
      await delay(Math.random() * BACKOFF_MS * 2 ** attempt);
    }
  }
}
