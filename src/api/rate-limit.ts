import type { RequestHandler } from 'express';
import { ipKeyGenerator, rateLimit } from 'express-rate-limit';
import { Refusal } from '../errors';
import type { Identify } from './auth';

const WINDOW_MS = 60_000;

/** Refuses a user's (or, signed out, an address's) requests beyond `perMinute`: 429 `rate_limited`, Retry-After. */
export function limitRate(perMinute: number, identify: Identify): RequestHandler {
  return rateLimit({
    windowMs: WINDOW_MS,
    limit: perMinute,
    standardHeaders: 'draft-7',
    legacyHeaders: false,
    keyGenerator: async (req) => {
      const user = await identify(req).catch(() => undefined);
      return user ? `user ${user.userId}` : `address ${ipKeyGenerator(req.ip ?? '')}`;
    },
    handler: (_req, _res, next) => next(new Refusal('rate_limited', `${perMinute} requests a minute are allowed.`)),
  });
}
