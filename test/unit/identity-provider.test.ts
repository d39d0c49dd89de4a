import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Request } from 'express';
import fc from 'fast-check';
import { SignJWT, type JWTPayload } from 'jose';
import { createIdentify, type Identify } from '../../src/api/auth';

declare const nodeRequire: NodeJS.Require;

const ISSUER = 'https://identity.example/';
const AUDIENCE = 'frontrow';
const [first, second] = [newKey(), newKey()];

let server: Server;
/** What the provider does at the moment. */
let provide: RequestListener;
let asked = 0;
let identify: Identify;

beforeAll(async () => {
  server = createServer((req, res) => {
    asked += 1;
    provide(req, res);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
});
beforeEach(() => {
  provide = keys(['first', first]);
  const jwksUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const auth = { mode: 'jwks' as const, jwksUrl, issuer: ISSUER, audience: AUDIENCE, clientId: undefined };
  identify = createIdentify({ tokenSecret: 'x'.repeat(32), auth });
});
afterEach(() => jest.restoreAllMocks());
afterAll(() => {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(resolve));
});

function newKey() {
  return generateKeyPairSync('rsa', { modulusLength: 2048 });
}

/** A provider that has these public keys. */
function keys(...pairs: [kid: string, pair: { publicKey: KeyObject }][]): RequestListener {
  const jwks = pairs.map(([kid, { publicKey }]) => ({ ...publicKey.export({ format: 'jwk' }), kid, use: 'sig' }));
  return (_req, res) => res.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: jwks }));
}

const inAnHour = () => Math.floor(Date.now() / 1_000) + 3_600;
const claims = () => ({ sub: '7', iss: ISSUER, aud: AUDIENCE, exp: inAnHour() });

function sign(key: KeyObject | Uint8Array, { alg = 'RS256', kid = 'first' } = {}, more: JWTPayload = {}) {
  return new SignJWT({ ...claims(), ...more }).setProtectedHeader({ alg, kid }).sign(key);
}

const encode = (part: unknown) => Buffer.from(JSON.stringify(part)).toString('base64url');

async function codeOf(token: string): Promise<unknown> {
  const req = { headers: { authorization: `Bearer ${token}` } } as Request;
  return identify(req).then(
    () => 'accepted',
    (error: { code: unknown }) => error.code,
  );
}

/** Moves the clock of this file and that of jose, which Jest leaves outside of its sandbox. */
function letPass(ms: number): void {
  const outside = (nodeRequire('node:vm') as { runInThisContext(code: string): unknown }).runInThisContext(
    'Date',
  ) as DateConstructor;
  const later = Date.now() + ms;
  for (const clock of [Date, outside]) jest.spyOn(clock, 'now').mockReturnValue(later);
}

const pem = (key: KeyObject) => Buffer.from(key.export({ type: 'spki', format: 'pem' }));
const der = (key: KeyObject) => key.export({ type: 'spki', format: 'der' });
const jwk = (key: KeyObject) => Buffer.from(JSON.stringify(key.export({ format: 'jwk' })));

test.each<[string, () => Promise<string> | string]>([
  ['without a signature (alg none)', () => `${encode({ alg: 'none', kid: 'first' })}.${encode(claims())}.`],
  [
    'with alg none and a signature',
    async () => `${encode({ alg: 'none' })}.${(await sign(first.privateKey)).split('.', 3).slice(1).join('.')}`,
  ],
  ['HS256 signed with the public key (PEM)', () => sign(pem(first.publicKey), { alg: 'HS256' })],
  ['HS256 signed with the public key (DER)', () => sign(der(first.publicKey), { alg: 'HS256' })],
  ['HS256 signed with the public key (JWK)', () => sign(jwk(first.publicKey), { alg: 'HS256' })],
  ['expired', () => sign(first.privateKey, {}, { exp: inAnHour() - 3_601 })],
  [
    'without an end',
    () =>
      new SignJWT({ ...claims(), exp: undefined })
        .setProtectedHeader({ alg: 'RS256', kid: 'first' })
        .sign(first.privateKey),
  ],
  ['not valid yet', () => sign(first.privateKey, {}, { nbf: inAnHour() })],
  ['of another issuer', () => sign(first.privateKey, {}, { iss: 'https://evil.example/' })],
  ['for another audience', () => sign(first.privateKey, {}, { aud: 'shop' })],
  ['of a key that is not there', () => sign(second.privateKey, { kid: 'second' })],
  ['of another key under the name of ours', () => sign(second.privateKey)],
  [
    'with a key of its own in the header',
    () => {
      const header = { alg: 'RS256', kid: 'first', jwk: second.publicKey.export({ format: 'jwk' }) };
      return new SignJWT(claims()).setProtectedHeader(header as never).sign(second.privateKey);
    },
  ],
  [
    'whose claims were changed after it was signed',
    async () => {
      const [header, , signature] = (await sign(first.privateKey)).split('.');
      return `${header}.${encode({ ...claims(), role: 'admin' })}.${signature}`;
    },
  ],
])('a token %s is refused', async (_what, make) => {
  expect(await codeOf(await make())).toBe('unauthenticated');
  expect(await codeOf(await sign(first.privateKey))).toBe('accepted');
});

test('whatever a header or the claims are made of, the answer is 401', async () => {
  await sign(first.privateKey).then(codeOf);
  const odd = fc.record(
    {
      alg: fc.oneof(fc.constantFrom('RS256', 'ES256', 'EdDSA', 'HS256', 'none'), fc.jsonValue()),
      kid: fc.jsonValue(),
      crit: fc.jsonValue(),
      b64: fc.jsonValue(),
      typ: fc.jsonValue(),
    },
    { requiredKeys: [] },
  );
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(odd, fc.jsonValue()),
      fc.jsonValue(),
      fc.base64String(),
      async (header, body, signature) => {
        expect(await codeOf(`${encode(header)}.${encode(body)}.${signature}`)).toBe('unauthenticated');
      },
    ),
  );
});

describe('when the provider changes its keys', () => {
  test('the new key counts as soon as tokens are signed with it; the old one no more once it is taken back', async () => {
    const old = await sign(first.privateKey);
    expect(await codeOf(old)).toBe('accepted');
    provide = keys(['first', first], ['second', second]);
    letPass(31_000);
    expect(await codeOf(await sign(second.privateKey, { kid: 'second' }))).toBe('accepted');

    provide = keys(['second', second]);
    letPass(299_000);
    // May still be believed, but not for longer than the rest.
    const late = await sign(first.privateKey, {}, { jti: 'late' });
    await codeOf(late);
    letPass(302_000);
    expect(await codeOf(late)).toBe('unauthenticated');
    expect(await codeOf(await sign(first.privateKey))).toBe('unauthenticated');
    // Nor for a token that was accepted before: nobody knows who has the key by now.
    expect(await codeOf(old)).toBe('unauthenticated');
  });

  test('tokens with unknown keys do not make us ask the provider every time', async () => {
    await sign(first.privateKey).then(codeOf);
    const before = asked;
    for (let kid = 0; kid < 20; kid += 1) await codeOf(await sign(second.privateKey, { kid: `unknown-${kid}` }));
    expect(asked).toBe(before);
  });
});

describe('when the provider is down, the answer is 503, not 401', () => {
  test.each<[string, RequestListener]>([
    ['it answers 500', (_req, res) => res.writeHead(500).end()],
    ['it answers what is no JSON', (_req, res) => res.end('<html>')],
    ['it answers what are no keys', (_req, res) => res.end('{"keys": 1}')],
    ['it closes the connection', (req) => req.socket.destroy()],
    ['it does not answer', () => {}],
  ])(
    '%s',
    async (_what, down) => {
      provide = down;
      expect(await codeOf(await sign(first.privateKey))).toBe('unavailable');
    },
    10_000,
  );

  test('whoever was accepted goes on, and everybody once it is back', async () => {
    const token = await sign(first.privateKey);
    await codeOf(token);
    provide = (_req, res) => res.writeHead(503).end();
    expect(await codeOf(token)).toBe('accepted');
    expect(await codeOf(await sign(first.privateKey, {}, { role: 'admin' }))).toBe('accepted');
    letPass(601_000);
    expect(await codeOf(token)).toBe('unavailable');
    provide = keys(['first', first]);
    expect(await codeOf(token)).toBe('accepted');
  });
});
