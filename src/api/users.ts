import { LRUCache } from 'lru-cache';
import { ensureUsers } from '../db/asset';
import type { Database } from '../db/connect';
import { createBatches } from './batches';

/** User ids known to have a row: a write by any other user makes sure of it first. */
export interface Users {
  /** Remembers a user who was just made. */
  know(userId: number): void;
  /** Makes the row of a user whom the identity provider knows and this database does not. */
  ensure(userId: number): Promise<void>;
}

/** About 20 MB when full. */
const KNOWN_MAX = 200_000;
/** In a rush all who come are new, and a commit each would be the slowest part of a join. */
const BATCHES = { size: 500, atOnce: 1, waiting: 10_000 };

/** Remembers in this process which users have a row, so that only their first write here asks the database. */
export function createUsers(db: Database): Users {
  const known = new LRUCache<number, true>({ max: KNOWN_MAX });
  const ensureTogether = createBatches(BATCHES, async (userIds: readonly number[]) => {
    await ensureUsers(db, userIds);
    for (const userId of userIds) known.set(userId, true);
    return [...userIds];
  });
  return {
    know: (userId) => void known.set(userId, true),
    ensure: async (userId) => {
      if (!known.get(userId)) await ensureTogether(userId);
    },
  };
}
