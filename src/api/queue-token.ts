import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Request } from 'express';
import { LRUCache } from 'lru-cache';
import { Refusal } from '../errors';
import { parseId } from './page';

/** The queue token strings that are ours: the id of a token's row and its signature. */
export interface QueueTokens {
  /** The string for an id. Whoever has the secret can make it again. */
  mint(id: number): string;
  /** The id in a string; `undefined` if the signature is not ours. Compares in the same time for any signature. */
  verify(token: string): number | undefined;
  /** The id of the token in X-Queue-Token: 401 `queue_token_required` without one, `queue_token_unknown` if not ours. */
  idOf(req: Request): number;
}

/** Strings kept, because who waits shows the same one again and again: making and checking it was a twentieth of a poll (2026-11-27). About 10 MB. */
const KEPT_MAX = 50_000;

/** Makes and checks queue tokens under this secret. */
export function createQueueTokens(secret: string): QueueTokens {
  const kept = new LRUCache<number, string>({ max: KEPT_MAX });
  const stringOf = (id: number): string => kept.get(id) ?? `${id}.${sign(secret, id)}`;
  const mint = (id: number): string => {
    const token = stringOf(id);
    kept.set(id, token);
    return token;
  };
  const verify = (token: string): number | undefined => {
    const id = parseId(token.slice(0, Math.max(token.indexOf('.'), 0)));
    if (id === undefined) return undefined;
    const [given, expected] = [Buffer.from(token), Buffer.from(stringOf(id))];
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
    // Only now: whoever tries ids that were never issued must not push out those that were.
    kept.set(id, token);
    return id;
  };
  return {
    mint,
    verify,
    idOf: (req) => {
      const token = req.headers['x-queue-token'];
      if (typeof token !== 'string' || token === '') {
        throw new Refusal('queue_token_required', 'Send the token from POST /api/v1/queue/tokens as X-Queue-Token.');
      }
      const id = verify(token);
      if (id === undefined) throw unknownQueueToken();
      return id;
    },
  };
}

/** The refusal of a string that is no token of ours. */
export function unknownQueueToken(): Refusal {
  return new Refusal('queue_token_unknown', 'X-Queue-Token is not a token that was issued here.');
}

/** The purpose is part of what is signed: no other signature under the same secret can be used as a queue token. */
function sign(secret: string, id: number): string {
  return createHmac('sha256', secret).update(`queue-token:${id}`).digest('base64url');
}
