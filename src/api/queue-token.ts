import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Request } from 'express';
import { Refusal } from '../errors';
import { parseId } from './page';

/** The queue token string of a token row: the id and its signature. Whoever has the secret can make it again. */
export function mintQueueToken(secret: string, id: number): string {
  return `${id}.${sign(secret, id)}`;
}

/** The id in a queue token string; `undefined` if the signature is not ours. Takes the same time for any signature. */
export function verifyQueueToken(secret: string, token: string): number | undefined {
  const dot = token.indexOf('.');
  const id = parseId(token.slice(0, Math.max(dot, 0)));
  if (id === undefined) return undefined;
  const given = Buffer.from(token.slice(dot + 1));
  const expected = Buffer.from(sign(secret, id));
  return given.length === expected.length && timingSafeEqual(given, expected) ? id : undefined;
}

/** The id of the token in X-Queue-Token: 401 `queue_token_required` without one, `queue_token_unknown` if not ours. */
export function queueTokenId(req: Request, secret: string): number {
  const token = req.headers['x-queue-token'];
  if (typeof token !== 'string' || token === '') {
    throw new Refusal('queue_token_required', 'Send the token from POST /api/v1/queue/tokens as X-Queue-Token.');
  }
  const id = verifyQueueToken(secret, token);
  if (id === undefined) throw unknownQueueToken();
  return id;
}

/** The refusal of a string that is no token of ours. */
export function unknownQueueToken(): Refusal {
  return new Refusal('queue_token_unknown', 'X-Queue-Token is not a token that was issued here.');
}

/** The purpose is part of what is signed: no other signature under the same secret can be used as a queue token. */
function sign(secret: string, id: number): string {
  return createHmac('sha256', secret).update(`queue-token:${id}`).digest('base64url');
}
