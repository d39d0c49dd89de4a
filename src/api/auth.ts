import type { Request } from 'express';
import { createRemoteJWKSet, errors, jwtVerify, type JWTPayload } from 'jose';
import { LRUCache } from 'lru-cache';
import type { Config } from '../config';
import { Refusal } from '../errors';
import { sessionVerifier } from './dev-session';
import { parseId } from './page';

export interface Identity {
  userId: number;
  role: 'user' | 'admin';
}

/** Who sends a request; throws 401 `unauthenticated` for nobody. */
export type Identify = (req: Request) => Promise<Identity>;

/** Verified tokens kept: checking a signature costs more than all the rest of a poll. About 0.5 kB each. */
const VERIFIED_MAX = 50_000;
/** A longer one is verified each time, so that what is kept has a bound. */
const VERIFIED_LENGTH_MAX = 2_000;
/** Signatures and the keys they were made with are believed for this long each: a key that is taken back stops counting after both. */
const BELIEVED_MS = 5 * 60_000;
/** Asymmetric only: a symmetric algorithm would let the public key of the provider sign. */
const JWKS_ALGORITHMS = ['RS256', 'ES256', 'EdDSA'];

/** These say "the token is wrong"; any other error of jose says that the keys could not be had. */
const TOKEN_FAULTS: ReadonlySet<string> = new Set([
  errors.JWTExpired.code,
  errors.JWTClaimValidationFailed.code,
  errors.JWTInvalid.code,
  errors.JWSInvalid.code,
  errors.JWSSignatureVerificationFailed.code,
  errors.JOSEAlgNotAllowed.code,
  errors.JOSENotSupported.code,
  errors.JWKSNoMatchingKey.code,
  errors.JWKSMultipleMatchingKeys.code,
]);

/** Checks bearer tokens: our own sessions in dev mode, those of the identity provider in jwks mode. */
export function createIdentify(config: Pick<Config, 'auth' | 'tokenSecret'>): Identify {
  const verify = config.auth.mode === 'dev' ? sessionVerifier(config.tokenSecret) : providerVerifier(config.auth);
  const verified = new LRUCache<string, { identity: Identity; expiresAtMs: number }>({ max: VERIFIED_MAX });
  return async (req) => {
    const token = bearerToken(req);
    const known = verified.get(token);
    if (known && Date.now() < known.expiresAtMs) return known.identity;
    try {
      const claims = await verify(token);
      const identity = toIdentity(claims);
      const expiresAtMs = Math.min((claims.exp ?? 0) * 1_000, Date.now() + BELIEVED_MS);
      if (token.length <= VERIFIED_LENGTH_MAX) verified.set(token, { identity, expiresAtMs });
      return identity;
    } catch (error) {
      throw toRefusal(error);
    }
  };
}

/** Throws 403 `forbidden` unless the JWT says `role: "admin"`. */
export function requireAdmin(identity: Identity): void {
  if (identity.role !== 'admin') throw new Refusal('forbidden', 'This needs the role admin.');
}

/** The claims of a token that is ours to believe; throws an error of jose's for any other. */
export type Verify = (token: string) => JWTPayload | Promise<JWTPayload>;

function providerVerifier(auth: Config['auth']): Verify {
  const { jwksUrl, issuer, audience } = auth;
  if (!jwksUrl || !issuer || !audience) throw new Error('AUTH_JWKS_URL, AUTH_ISSUER and AUTH_AUDIENCE are required');
  const keys = createRemoteJWKSet(new URL(jwksUrl), { cacheMaxAge: BELIEVED_MS });
  const rules = { algorithms: JWKS_ALGORITHMS, issuer, audience, requiredClaims: ['sub', 'exp'] };
  return async (token) => (await jwtVerify(token, keys, rules)).payload;
}

function bearerToken(req: Request): string {
  const match = /^Bearer +([\w~+/.-]+=*)$/i.exec(req.headers.authorization ?? '');
  if (!match?.[1]) throw new Refusal('unauthenticated', 'Send `Authorization: Bearer <token>`.');
  return match[1];
}

function toIdentity(claims: JWTPayload): Identity {
  const userId = parseId(claims.sub);
  if (userId === undefined) throw new Refusal('unauthenticated', 'The subject of the token is not a user id.');
  return { userId, role: claims.role === 'admin' ? 'admin' : 'user' };
}

function toRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (!(error instanceof errors.JOSEError))
    return new Refusal('unavailable', 'The identity provider cannot be reached.');
  if (error instanceof errors.JWTExpired) return new Refusal('unauthenticated', 'The token has expired.');
  if (TOKEN_FAULTS.has(error.code)) return new Refusal('unauthenticated', 'The token is not valid here.');
  return new Refusal('unavailable', 'The keys of the identity provider cannot be read.');
}
