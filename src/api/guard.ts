import type { Request } from 'express';
import type { QueueToken } from '../db/tokens';
import { Refusal } from '../errors';
import type { Identity } from './auth';
import type { QueueSnapshot } from './queue-snapshot';
import { unknownQueueToken, type QueueTokens } from './queue-token';

/** Reads a token's row; requests of one turn of the event loop share one statement. */
export type FindToken = (id: number) => Promise<QueueToken | undefined>;

/** The ACTIVE queue token of this user, or a refusal, which comes before any other of the same request. */
export type Guard = (req: Request, user: Identity) => Promise<QueueToken>;

interface Deps {
  queueTokens: QueueTokens;
  findToken: FindToken;
  snapshot: QueueSnapshot;
}

/**
 * Lets in who is inside: 401 without a token of ours, 403 with somebody else's, one that still waits (with `position`)
 * or one that has ended. The row decides, by the database's clock.
 */
export function createGuard({ queueTokens, findToken, snapshot }: Deps): Guard {
  return async (req, user) => {
    const token = await findToken(queueTokens.idOf(req));
    if (!token) throw unknownQueueToken();
    requireOwner(token, user);
    if (token.status === 'WAITING') {
      await snapshot.know(token.queueId);
      const position = snapshot.position(token.queueId, token.ticketNo);
      throw new Refusal('queue_token_waiting', `You are number ${position} in the queue.`, { position });
    }
    if (token.status !== 'ACTIVE') {
      throw new Refusal('queue_token_ended', `This queue token is ${token.status}; ask for a new one.`);
    }
    return token;
  };
}

/** Throws 403 `queue_token_of_another_user` unless the token is this user's. */
export function requireOwner(token: Pick<QueueToken, 'userId'>, user: Identity): void {
  if (token.userId !== user.userId) {
    throw new Refusal('queue_token_of_another_user', 'This queue token was issued to somebody else.');
  }
}

/** Throws 403 `queue_token_of_another_queue` unless the token is for this queue. */
export function requireQueue(token: Pick<QueueToken, 'queueId' | 'queue'>, queueId: number): void {
  if (token.queueId !== queueId) {
    throw new Refusal('queue_token_of_another_queue', `Your queue token is for the queue ${token.queue} only.`);
  }
}
