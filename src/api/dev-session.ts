import { createHmac, timingSafeEqual } from 'node:crypto';
import { errors, type JWTPayload } from 'jose';
import type { Identity, Verify } from './auth';

/** Long enough for a working day with Swagger UI and over a restart. */
const SESSION_SECONDS = 24 * 60 * 60;
const ISSUER = 'urn:frontrow:dev';
const AUDIENCE = 'urn:frontrow:api';

/** Signs the session of a user in dev mode. It depends on the secret alone and so stays valid over a restart. */
export function signSession(
  tokenSecret: string,
  { userId, role }: Identity,
): { accessToken: string; expiresAt: string } {
  const exp = nowSeconds() + SESSION_SECONDS;
  const claims = { role, sub: String(userId), iss: ISSUER, aud: AUDIENCE, exp };
  const content = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(claims)}`;
  return {
    accessToken: `${content}.${sign(sessionKey(tokenSecret), content)}`,
    expiresAt: new Date(exp * 1_000).toISOString(),
  };
}

/**
 * Checks sessions of dev mode: a JWT signed with HS256 and a key of our own. Here and now, because a trip through the
 * thread pool, which jose's WebCrypto takes, costs five times as much as this signature.
 */
export function sessionVerifier(tokenSecret: string): Verify {
  const key = sessionKey(tokenSecret);
  return (token) => {
    const [header = '', payload = '', given = '', ...more] = token.split('.');
    const expected = Buffer.from(sign(key, `${header}.${payload}`));
    const actual = Buffer.from(given);
    if (more.length > 0 || actual.length !== expected.length || !timingSafeEqual(actual, expected)) {
      throw new errors.JWSSignatureVerificationFailed();
    }
    // Whoever has the key has signed this: it is JSON.
    if ((decode(header) as { alg?: unknown }).alg !== 'HS256') throw new errors.JOSEAlgNotAllowed();
    return checkClaims(decode(payload) as JWTPayload);
  };
}

function checkClaims(claims: JWTPayload): JWTPayload {
  const { iss, aud, exp = 0, nbf = 0 } = claims;
  if (iss !== ISSUER || aud !== AUDIENCE) throw new errors.JWTClaimValidationFailed('not a session of ours', claims);
  if (exp <= nowSeconds()) throw new errors.JWTExpired('expired', claims);
  if (nbf > nowSeconds()) throw new errors.JWTClaimValidationFailed('not valid yet', claims);
  return claims;
}

/** Derived, so that a signed session and a queue token never share a key. */
function sessionKey(tokenSecret: string): Buffer {
  return createHmac('sha256', tokenSecret).update('dev-session-key').digest();
}

function sign(key: Buffer, content: string): string {
  return createHmac('sha256', key).update(content).digest('base64url');
}

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const decode = (text: string): unknown => JSON.parse(Buffer.from(text, 'base64url').toString());
const nowSeconds = (): number => Math.floor(Date.now() / 1_000);
