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

/** About 60 MB when full; a token beyond is looked up in the database instead. */
const WAITING_MAX = 200_000;

export function createWaitingTokens(): WaitingTokens {
  const waiting = new LRUCache<number, WaitingToken>({ max: WAITING_MAX });
  return {
    remember: ({ id, userId, queueId, queue, ticketNo, issuedAt, status }) => {
      if (status === 'WAITING') waiting.set(id, { id, userId, queueId, queue, ticketNo, issuedAt });
      else waiting.delete(id);
    },
    find: (id) => waiting.get(id),
    forget: (id) => void waiting.delete(id),
  };
}
