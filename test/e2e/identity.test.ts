import { createHmac } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWTPayload } from 'jose';
import { Fan, newFan, newGuest, newSale, type Sale } from '../support/fan';
import { countOf } from '../support/fixtures';
import { root, startTestSystem, type ApiProcess, type TestSystem } from '../support/system';

const PRICE = 99_000;
const ISSUER = 'https://issuer.example';
const AUDIENCE = 'urn:frontrow:api';
const DEV = { iss: 'urn:frontrow:dev', aud: 'urn:frontrow:api' };

let system: TestSystem;
let admin: Fan;
let sale: Sale;

beforeAll(async () => {
  system = await startTestSystem('identity');
  admin = await newFan(system, 'admin');
  sale = await newSale(admin);
});
afterAll(() => system.stop());

const inAnHour = () => Math.floor(Date.now() / 1_000) + 3_600;
const anHourAgo = () => inAnHour() - 7_200;
/** The key of dev sessions, derived from the secret as the API does. */
const devKey = () => createHmac('sha256', String(system.env.TOKEN_SECRET)).update('dev-session-key').digest();
const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

function sign(claims: JWTPayload, key: CryptoKey | Uint8Array, alg: string, kid?: string): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ alg, ...(kid ? { kid } : {}) }).sign(key);
}

test("another user's reservation, payment, list and money are not there for anybody else", async () => {
  const [owner, other] = [await newGuest(system, sale, PRICE), await newFan(system)];
  const { body: held } = await owner.hold(sale.scheduleId, [sale.seatIds[0]!]);
  const { body: open } = await owner.hold(sale.scheduleId, [sale.seatIds[1]!]);
  const { body: paid } = await owner.pay(held.id);

  expect((await other.reservation(held.id)).problem?.code).toBe('not_found');
  expect((await other.cancel(open.id)).problem?.code).toBe('not_found');
  expect((await other.payment(paid.id)).problem?.code).toBe('not_found');
  const inside = await newGuest(system, sale, PRICE);
  expect((await inside.pay(open.id)).problem?.code).toBe('not_found');
  expect((await other.reservations()).body.items).toEqual([]);
  expect((await other.entries()).body.items).toEqual([]);
  // Nor does the refusal tell whether there is one.
  const [theirs, nobodys] = [await other.reservation(held.id), await other.reservation(999_999)];
  expect(theirs.problem?.detail.replace(String(held.id), 'N')).toBe(nobodys.problem?.detail.replace('999999', 'N'));
  expect((await owner.reservation(open.id)).body.status).toBe('HELD');
});

test("somebody else's queue token is refused wherever it can be sent", async () => {
  const [owner, thief] = [await newGuest(system, sale), await newFan(system)];
  thief.queueToken = owner.queueToken;
  const follow = () => thief.call('followQueueToken');
  for (const call of [thief.poll, follow, thief.leave, thief.concerts, () => thief.seats(sale.scheduleId)]) {
    expect((await call()).problem?.code).toBe('queue_token_of_another_user');
  }
  expect((await thief.hold(sale.scheduleId, [sale.seatIds[2]!])).problem?.code).toBe('queue_token_of_another_user');
  expect((await owner.poll()).body.status).toBe('ACTIVE');
});

test('a queue token opens the concerts of its own queue only', async () => {
  const [fan, other] = [await newGuest(system, sale), await newSale(admin)];
  expect((await fan.concerts()).body.items.map(({ id }) => id)).toEqual([sale.concertId]);
  for (const call of [fan.concert, fan.schedules]) {
    expect((await call(other.concertId)).problem?.code).toBe('queue_token_of_another_queue');
  }
  expect((await fan.seats(other.scheduleId)).problem?.code).toBe('queue_token_of_another_queue');
  expect((await fan.hold(other.scheduleId, [other.seatIds[0]!])).problem?.code).toBe('queue_token_of_another_queue');
});

test('a hold can be paid only with a token of the queue it was made through', async () => {
  const [other, fan] = [await newSale(admin), await newGuest(system, sale, PRICE)];
  const { body: held } = await fan.hold(sale.scheduleId, [sale.seatIds[3]!]);
  const { body: elsewhere } = await fan.call<{ token: string }>('issueQueueToken', { json: { queue: other.queue } });
  const wrong = new Fan(fan.url, fan.userId, fan.accessToken, elsewhere.token);
  expect((await wrong.pay(held.id)).problem?.code).toBe('queue_token_of_another_queue');
  expect((await fan.pay(held.id)).status).toBe(201);
});

test('only an admin may add concerts, dates and seats, and see or change queues', async () => {
  const fan = await newFan(system);
  const calls = [
    () => fan.addConcert({ name: 'Mine', description: '' }),
    () => fan.addSchedule(sale.concertId, {}),
    () => fan.addSeats(sale.scheduleId, {}),
    () => fan.queues(),
    () => fan.setQueue(sale.queue, { paused: true }),
  ];
  for (const call of calls) expect((await call()).problem?.code).toBe('forbidden');
});

test.each<[string, (sub: string) => Promise<string> | string]>([
  ['signed by nobody (alg none)', (sub) => `${encode({ alg: 'none' })}.${encode({ sub, ...DEV, exp: inAnHour() })}.`],
  ['signed with another key', (sub) => sign({ sub, ...DEV, exp: inAnHour() }, Buffer.alloc(32, 1), 'HS256')],
  [
    'signed with the secret itself',
    (sub) => sign({ sub, ...DEV, exp: inAnHour() }, Buffer.from(String(system.env.TOKEN_SECRET)), 'HS256'),
  ],
  ['expired', (sub) => sign({ sub, ...DEV, exp: anHourAgo() }, devKey(), 'HS256')],
  ['without an expiry', (sub) => sign({ sub, ...DEV }, devKey(), 'HS256')],
  ['not valid yet', (sub) => sign({ sub, ...DEV, exp: inAnHour() + 9_000, nbf: inAnHour() }, devKey(), 'HS256')],
  ['of another issuer', (sub) => sign({ sub, ...DEV, iss: 'urn:other', exp: inAnHour() }, devKey(), 'HS256')],
  ['for another audience', (sub) => sign({ sub, ...DEV, aud: 'urn:other', exp: inAnHour() }, devKey(), 'HS256')],
  ['with a subject that is no user id', () => sign({ sub: '1 OR 1=1', ...DEV, exp: inAnHour() }, devKey(), 'HS256')],
  [
    'with another algorithm of the same key',
    (sub) => sign({ sub, ...DEV, exp: inAnHour() }, Buffer.concat([devKey(), devKey()]), 'HS512'),
  ],
])('a bearer token %s is 401', async (_what, forge) => {
  const victim = await newFan(system);
  const forged = new Fan(system.url, victim.userId, await forge(String(victim.userId)));
  expect((await forged.asset()).problem).toMatchObject({ code: 'unauthenticated', status: 401 });
});

test('a refused request leaves nothing of a user whom only the provider knows', async () => {
  const userId = 900_000_001;
  const stranger = new Fan(
    system.url,
    userId,
    await sign({ sub: String(userId), ...DEV, exp: inAnHour() }, devKey(), 'HS256'),
  );
  expect((await stranger.hold(1, [1])).problem?.code).toBe('queue_token_required');
  expect((await stranger.pay(1)).problem?.code).toBe('queue_token_required');
  expect((await stranger.charge(-1)).problem?.code).toBe('validation_failed');
  expect(await countOf(system.db, 'user', 'id = ?', [userId])).toBe(0);
  expect((await stranger.charge(1)).status).toBe(201);
});

test('control: a token made the same way with nothing wrong is accepted', async () => {
  const { userId } = await newFan(system);
  const token = await sign({ sub: String(userId), ...DEV, exp: inAnHour() }, devKey(), 'HS256');
  expect((await new Fan(system.url, userId, token).asset()).body.userId).toBe(userId);
});

test.each([
  [
    'dev mode in production',
    { AUTH_MODE: 'dev', NODE_ENV: 'production' },
    /AUTH_MODE=dev .* refused when NODE_ENV=production/,
  ],
  ['jwks mode without a provider', { AUTH_MODE: 'jwks', AUTH_JWKS_URL: '' }, /AUTH_MODE=jwks needs AUTH_JWKS_URL/],
  ['a secret that can be guessed', { TOKEN_SECRET: 'short' }, /TOKEN_SECRET: needs at least 32 characters/],
])('a process refuses to start with %s, and says so', (_what, env, message) => {
  const cli = path.join(root, 'dist/cli/api.js');
  const { status, stderr } = spawnSync(process.execPath, [cli], {
    env: { ...system.env, PORT: '0', ...env },
    encoding: 'utf8',
  });
  expect(status).toBe(1);
  expect(stderr).toMatch(message);
  expect(stderr).not.toMatch(/\n\s+at /);
});

describe('with an identity provider', () => {
  let provider: Server;
  let api: ApiProcess;
  let privateKey: CryptoKey;
  let publicKey: CryptoKey;

  beforeAll(async () => {
    ({ privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true }));
    const keys = { keys: [{ ...(await exportJWK(publicKey)), kid: 'first', alg: 'ES256', use: 'sig' }] };
    provider = createServer((_req, res) => res.setHeader('content-type', 'application/json').end(JSON.stringify(keys)));
    await once(provider.listen(0, '127.0.0.1'), 'listening');
    const url = `http://127.0.0.1:${(provider.address() as AddressInfo).port}/keys`;
    api = await system.addApi({
      AUTH_MODE: 'jwks',
      AUTH_JWKS_URL: url,
      AUTH_ISSUER: ISSUER,
      AUTH_AUDIENCE: AUDIENCE,
      NODE_ENV: 'production',
    });
  });
  afterAll(() => void provider.close());

  const claims = (userId: number, more: JWTPayload = {}) => ({
    sub: String(userId),
    iss: ISSUER,
    aud: AUDIENCE,
    exp: inAnHour(),
    ...more,
  });

  test('a user whom only the provider knows can join and charge; their role comes from the token', async () => {
    const userId = 5_000_001;
    const fan = new Fan(api.url, userId, await sign(claims(userId), privateKey, 'ES256', 'first'));
    expect((await fan.asset()).body).toEqual({ userId, balance: 0, currency: 'KRW' });
    expect((await fan.join(sale.queue)).status).toBe(201);
    expect((await fan.charge(10)).body.balance).toBe(10);
    expect((await fan.queues()).problem?.code).toBe('forbidden');
    const chief = new Fan(api.url, userId, await sign(claims(userId, { role: 'admin' }), privateKey, 'ES256', 'first'));
    expect((await chief.queues()).status).toBe(200);
  });

  test.each<[string, () => Promise<string> | string]>([
    [
      'a key the provider does not have',
      async () => sign(claims(1), (await generateKeyPair('ES256')).privateKey, 'ES256', 'first'),
    ],
    ['a key id the provider does not have', () => sign(claims(1), privateKey, 'ES256', 'second')],
    [
      'the public key as a shared secret',
      async () => sign(claims(1), Buffer.from(JSON.stringify(await exportJWK(publicKey))), 'HS256', 'first'),
    ],
    ['a session of dev mode', async () => (await newFan(system)).accessToken],
    ['a token for another audience', () => sign(claims(1, { aud: 'urn:other' }), privateKey, 'ES256', 'first')],
    ['an expired token', () => sign(claims(1, { exp: anHourAgo() }), privateKey, 'ES256', 'first')],
  ])('%s is 401', async (_what, forge) => {
    expect((await new Fan(api.url, 1, await forge()).asset()).problem?.code).toBe('unauthenticated');
  });

  test('nobody can sign themselves in', async () => {
    const nobody = new Fan(api.url, 0, 'none');
    await expect(nobody.call('createSession', { json: { role: 'admin' } })).rejects.toThrow(
      'undocumented code not_found',
    );
  });
});
