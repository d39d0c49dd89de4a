import { createHmac, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Request } from 'express';
import { SignJWT, UnsecuredJWT } from 'jose';
import { createIdentify, type Identify } from '../../src/api/auth';
import { signSession } from '../../src/api/dev-session';
import type { Config } from '../../src/config';

const TOKEN_SECRET = 'a-secret-of-this-test-and-of-nothing-else';
const ISSUER = 'https://identity.example/';
const AUDIENCE = 'frontrow';

const withToken = (token: string): Request => ({ headers: { authorization: `Bearer ${token}` } }) as Request;

async function codeOf(identify: Identify, token: string): Promise<unknown> {
  return identify(withToken(token)).then(
    () => 'accepted',
    (error: { code: unknown }) => error.code,
  );
}

describe('dev mode', () => {
  const identify = createIdentify({ tokenSecret: TOKEN_SECRET, auth: { mode: 'dev' } as Config['auth'] });
  const key = createHmac('sha256', TOKEN_SECRET).update('dev-session-key').digest();
  const session = (alg = 'HS256'): SignJWT =>
    new SignJWT({ role: 'admin' })
      .setProtectedHeader({ alg })
      .setSubject('7')
      .setIssuer('urn:frontrow:dev')
      .setAudience('urn:frontrow:api')
      .setExpirationTime('1h');

  test('accepts its own sessions, also after a restart', async () => {
    const { accessToken, expiresAt } = signSession(TOKEN_SECRET, { userId: 7, role: 'user' });
    expect(await identify(withToken(accessToken))).toEqual({ userId: 7, role: 'user' });
    const restarted = createIdentify({ tokenSecret: TOKEN_SECRET, auth: { mode: 'dev' } as Config['auth'] });
    expect(await restarted(withToken(accessToken))).toEqual({ userId: 7, role: 'user' });
    expect(Date.parse(expiresAt)).toBeGreaterThan(Date.now());
  });

  test('CONTROL: the sessions made here by hand are accepted when nothing is wrong with them', async () => {
    expect(await identify(withToken(await session().sign(key)))).toEqual({ userId: 7, role: 'admin' });
  });

  test('refuses a session that has expired, also one it has accepted before', async () => {
    const exp = Math.ceil(Date.now() / 1_000) + 1;
    const brief = await session().setExpirationTime(exp).sign(key);
    expect(await codeOf(identify, brief)).toBe('accepted');
    await delay(exp * 1_000 - Date.now());
    expect(await codeOf(identify, brief)).toBe('unauthenticated');
  });

  test.each([
    ['another audience', () => session().setAudience('urn:other').sign(key)],
    ['another issuer', () => session().setIssuer('urn:other').sign(key)],
    ['another secret', () => session().sign(createHmac('sha256', 'x').digest())],
    ['another algorithm', () => session('HS512').sign(Buffer.concat([key, key]))],
    ['a subject that is no user id', () => session().setSubject('seven').sign(key)],
    ['a subject of 0', () => session().setSubject('0').sign(key)],
    ['the secret itself as key', () => session().sign(Buffer.from(TOKEN_SECRET))],
    [
      'no signature',
      () =>
        new UnsecuredJWT({ role: 'admin' })
          .setSubject('7')
          .setIssuer('urn:frontrow:dev')
          .setAudience('urn:frontrow:api')
          .setExpirationTime('1h')
          .encode(),
    ],
    ['no JWT', () => 'abc'],
  ])('refuses %s', async (_case, make) => {
    expect(await codeOf(identify, await make())).toBe('unauthenticated');
  });

  test('refuses a session without an end', async () => {
    const endless = new SignJWT({}).setProtectedHeader({ alg: 'HS256' }).setSubject('7').setIssuer('urn:frontrow:dev');
    expect(await codeOf(identify, await endless.setAudience('urn:frontrow:api').sign(key))).toBe('unauthenticated');
  });

  test.each([undefined, '', 'Bearer', 'Basic abc', 'Bearer a b'])('refuses the header %j', async (authorization) => {
    const error = await identify({ headers: { authorization } } as Request).catch((refusal: unknown) => refusal);
    expect(error).toMatchObject({ code: 'unauthenticated' });
  });
});

describe('jwks mode', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  let server: Server;
  let identify: Identify;

  const settings = (jwksUrl: string): Pick<Config, 'auth' | 'tokenSecret'> => ({
    tokenSecret: TOKEN_SECRET,
    auth: { mode: 'jwks', jwksUrl, issuer: ISSUER, audience: AUDIENCE, clientId: undefined },
  });
  const token = (alg = 'ES256'): SignJWT =>
    new SignJWT({})
      .setProtectedHeader({ alg, kid: 'one' })
      .setSubject('7')
      .setIssuer(ISSUER)
      .setAudience(AUDIENCE)
      .setExpirationTime('1h');

  beforeAll(async () => {
    const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'one', alg: 'ES256', use: 'sig' };
    server = createServer((_req, res) =>
      res.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: [jwk] })),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    identify = createIdentify(settings(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`));
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  test('accepts a token that the provider signed for us', async () => {
    expect(await identify(withToken(await token().sign(privateKey)))).toEqual({ userId: 7, role: 'user' });
  });

  test.each<[string, () => Promise<string>]>([
    ['for another audience', () => token().setAudience('shop').sign(privateKey)],
    ['of another issuer', () => token().setIssuer('https://evil.example/').sign(privateKey)],
    ['with the public key as shared secret', () => token('HS256').sign(secretOf(publicKey))],
    ['signed by another key', () => token().sign(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey)],
    [
      'signed by our own dev key',
      () => token('HS256').sign(createHmac('sha256', TOKEN_SECRET).update('dev-session-key').digest()),
    ],
  ])('refuses a token %s', async (_case, make) => {
    expect(await codeOf(identify, await make())).toBe('unauthenticated');
  });

  test('answers 503, not 401, while the provider cannot be reached', async () => {
    const cut = createIdentify(settings('http://127.0.0.1:1/'));
    expect(await codeOf(cut, await token().sign(privateKey))).toBe('unavailable');
  });
});

function secretOf(key: KeyObject): Uint8Array {
  return Buffer.from(key.export({ type: 'spki', format: 'pem' }));
}
