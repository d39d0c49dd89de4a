import type { Request, RequestHandler } from 'express';
import { ipKeyGenerator, rateLimit } from 'express-rate-limit';
import { Refusal } from '../errors';
import type { Identify } from './auth';

const WINDOW_MS = 60_000;

/** Requests a minute; 0 = as many as they like. */
export interface RateLimits {
  /** From whichever address. Who is not signed in is counted by address. */
  perUser: number;
  /** Of all its users together; an address may stand for an office, or for a carrier's whole town. */
  perAddress: number;
}

/** Refuses what goes beyond either limit: 429 `rate_limited` with Retry-After. Each process counts for itself. */
export function limitRates({ perUser, perAddress }: RateLimits, identify: Identify): RequestHandler[] {
  const addressOf = (req: Request) => `address ${ipKeyGenerator(req.ip ?? '')}`;
  const userOf = async (req: Request) => {
    const user = await identify(req).catch(() => undefined);
    return user ? `user ${user.userId}` : addressOf(req);
  };
  // The address first: it needs no signature to be verified.
  const limits = [
    { perMinute: perAddress, whom: 'from one address', keyGenerator: addressOf },
    { perMinute: perUser, whom: 'of one user', keyGenerator: userOf },
  ];
  return limits.filter(({ perMinute }) => perMinute > 0).map(limit);
}

interface Limit {
  perMinute: number;
  whom: string;
  keyGenerator: (req: Request) => string | Promise<string>;
}

function limit({ perMinute, whom, keyGenerator }: Limit): RequestHandler {
  return rateLimit({
    windowMs: WINDOW_MS,
    limit: perMinute,
    standardHeaders: 'draft-7',
    legacyHeaders: false,
    keyGenerator,
    handler: (_req, _res, next) =>
      next(new Refusal('rate_limited', `${perMinute} requests a minute ${whom} are allowed.`)),
  });
}
