import { createHmac, webcrypto } from 'node:crypto';
import type { Request } from 'express';
import { createRemoteJWKSet, errors, jwtVerify, SignJWT, type JWTPayload, type JWTVerifyOptions } from 'jose';
import { LRUCache } from 'lru-cache';
import type { Config } from '../config';
import { Refusal } from '../errors';
import { parseId } from './page';

export interface Identity {
  userId: number;
  role: 'user' | 'admin';
}

/** Who sends a request; throws 401 `unauthenticated` for nobody. */
export type Identify = (req: Request) => Promise<Identity>;

/** Long enough for a working day with Swagger UI and over a restart. */
const SESSION_SECONDS = 24 * 60 * 60;
const SESSION_ISSUER = 'urn:frontrow:dev';
const SESSION_AUDIENCE = 'urn:frontrow:api';
/** Verified tokens kept: checking a signature costs more than all the rest of a poll. About 0.5 kB each. */
const VERIFIED_MAX = 50_000;
/** A key that the provider takes back stops counting after this: as long as jose believes the keys it has read. */
const VERIFIED_MS = 10 * 60_000;
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
    const claims = await verify(token).catch((error: unknown) => {
      throw toRefusal(error);
    });
    const identity = toIdentity(claims);
    verified.set(token, { identity, expiresAtMs: Math.min((claims.exp ?? 0) * 1_000, Date.now() + VERIFIED_MS) });
    return identity;
  };
}

/** Throws 403 `forbidden` unless the JWT says `role: "admin"`. */
export function requireAdmin(identity: Identity): void {
  if (identity.role !== 'admin') throw new Refusal('forbidden', 'This needs the role admin.');
}

/** Signs the session of a user in dev mode. It depends on the secret alone and so stays valid over a restart. */
export async function signSession(
  tokenSecret: string,
  identity: Identity,
): Promise<{ accessToken: string; expiresAt: string }> {
  const exp = Math.floor(Date.now() / 1_000) + SESSION_SECONDS;
  const accessToken = await new SignJWT({ role: identity.role })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setSubject(String(identity.userId))
    .setIssuer(SESSION_ISSUER)
    .setAudience(SESSION_AUDIENCE)
    .setExpirationTime(exp)
    .sign(await sessionKey(tokenSecret));
  return { accessToken, expiresAt: new Date(exp * 1_000).toISOString() };
}

type Verify = (token: string) => Promise<JWTPayload>;

function sessionVerifier(tokenSecret: string): Verify {
  const key = sessionKey(tokenSecret);
  const rules = rulesFor(['HS256'], SESSION_ISSUER, SESSION_AUDIENCE);
  return async (token) => (await jwtVerify(token, await key, rules)).payload;
}

function providerVerifier(auth: Config['auth']): Verify {
  const { jwksUrl, issuer, audience } = auth;
  if (!jwksUrl || !issuer || !audience) throw new Error('AUTH_JWKS_URL, AUTH_ISSUER and AUTH_AUDIENCE are required');
  const keys = createRemoteJWKSet(new URL(jwksUrl));
  const rules = rulesFor(JWKS_ALGORITHMS, issuer, audience);
  return async (token) => (await jwtVerify(token, keys, rules)).payload;
}

function rulesFor(algorithms: string[], issuer: string, audience: string): JWTVerifyOptions {
  return { algorithms, issuer, audience, requiredClaims: ['sub', 'exp'] };
}

/** Derived, so that a signed session and a queue token never share a key. Bytes or a key object, jose would import anew each time. */
function sessionKey(tokenSecret: string): Promise<webcrypto.CryptoKey> {
  const bytes = createHmac('sha256', tokenSecret).update('dev-session-key').digest();
  return webcrypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify']);
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

function toRefusal(error: unknown): unknown {
  if (!(error instanceof errors.JOSEError))
    return new Refusal('unavailable', 'The identity provider cannot be reached.');
  if (error instanceof errors.JWTExpired) return new Refusal('unauthenticated', 'The token has expired.');
  if (TOKEN_FAULTS.has(error.code)) return new Refusal('unauthenticated', 'The token is not valid here.');
  return new Refusal('unavailable', 'The keys of the identity provider cannot be read.');
}
