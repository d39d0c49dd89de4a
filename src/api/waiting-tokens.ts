import { LRUCache } from 'lru-cache';
import type { QueueToken } from '../db/tokens';

/** What never changes about a waiting token. */
export type WaitingToken = Pick<QueueToken, 'id' | 'userId' | 'queueId' | 'queue' | 'ticketNo' | 'issuedAt'>;

/**
 * Tokens that were waiting when this process last looked. With the snapshot they answer a poll without the database;
 * whether one is still waiting, the snapshot says.
 */
export interface WaitingTokens {
  /** Keeps a token that is waiting, forgets one that is not. */
  remember(token: QueueToken): void;
  find(id: number): WaitingToken | undefined;
  forget(id: number): void;
}

/** About 40 MB when full; a token beyond is looked up in the database instead. */
const WAITING_MAX = 200_000;
const NAMES_MAX = 1_000;

/** A `Date` takes as much as all the rest. */
type Kept = Omit<WaitingToken, 'issuedAt'> & { issuedAtMs: number };

export function createWaitingTokens(): WaitingTokens {
  const waiting = new LRUCache<number, Kept>({ max: WAITING_MAX });
  // Every row brings a string of its own.
  const names = new LRUCache<string, string>({ max: NAMES_MAX });
  const oneString = (name: string): string => {
    const known = names.get(name);
    if (known === undefined) names.set(name, name);
    return known ?? name;
  };
  return {
    remember: ({ id, userId, queueId, queue, ticketNo, issuedAt, status }) => {
      if (status !== 'WAITING') waiting.delete(id);
      else waiting.set(id, { id, userId, queueId, queue: oneString(queue), ticketNo, issuedAtMs: issuedAt.getTime() });
    },
    find: (id) => {
      const kept = waiting.get(id);
      if (!kept) return undefined;
      const { issuedAtMs, ...token } = kept;
      return { ...token, issuedAt: new Date(issuedAtMs) };
    },
    forget: (id) => void waiting.delete(id),
  };
}
