import { randomUUID } from 'node:crypto';
import { checkProblem, operation, send, type Reply } from '../support/http';
import { newFan, newGuest, newSale, type Fan, type Sale } from '../support/fan';
import { startTestSystem, type TestSystem } from '../support/system';
import { printedSeed, randomFrom } from '../support/fixtures';
import { businessState } from './business-state';

let system: TestSystem;
let admin: Fan;
let fan: Fan;
let sale: Sale;

beforeAll(async () => {
  system = await startTestSystem('garbage', { workers: 0 });
  admin = await newFan(system, 'admin');
  sale = await newSale(admin);
  fan = await newGuest(system, sale, 1_000);
});
afterAll(() => system.stop());

/** Expects refusals with this code, with a fault at each pointer, that have changed nothing. */
async function refused(requests: (() => Promise<Reply>)[], code: string, ...pointers: string[]): Promise<void> {
  const before = await businessState(system.db);
  for (const request of requests) {
    const { problem } = await request();
    expect(problem?.code).toBe(code);
    expect([...new Set(problem?.errors?.map(({ pointer }) => pointer))]).toEqual(pointers);
  }
  expect(await businessState(system.db)).toEqual(before);
}

test.each(['{"amount": 1', '[', 'null', '"text"', '1', '[]', '{"amount": 01}', '\u0000', '{"amount": 1}}'])(
  'a body that is no JSON object is 400: %j',
  async (raw) => {
    const headers = { 'content-type': 'application/json' };
    await refused([() => fan.call('chargeAsset', { raw, headers })], 'validation_failed', '');
  },
);

test.each([
  [{ amount: 0 }, '/amount'],
  [{ amount: -1 }, '/amount'],
  [{ amount: 1.5 }, '/amount'],
  [{ amount: '1' }, '/amount'],
  [{ amount: 2 ** 53 }, '/amount'],
  [{ amount: 1e308 }, '/amount'],
  [{ amount: null }, '/amount'],
  [{ amount: 1_000_000_001 }, '/amount'],
  [{ amount: 1, 'a/b~c': 2 }, '/a~1b~0c'],
  [{}, '/amount'],
])('a charge of %j is 400 with a pointer to the fault', async (json, pointer) => {
  await refused([() => fan.call('chargeAsset', { json })], 'validation_failed', pointer);
});

test.each([
  ['limit', 0],
  ['limit', 101],
  ['limit', -1],
  ['limit', 'ten'],
  ['limit', ''],
  ['limit', '1e1'],
  ['limit', '9'.repeat(30)],
  ['cursor', 'x'],
  ['cursor', ''],
  ['cursor', 'aWQ6MA'],
  ['cursor', 'aWQ6LTE'],
  ['cursor', "' OR 1=1 --"],
  ['cursor', '9'.repeat(60)],
  ['page', 1],
])('a list asked for with %s=%j is 400 with a pointer to the parameter', async (name, value) => {
  const lists = ['listReservations', 'listAssetEntries', 'listConcerts'];
  await refused(
    lists.map((list) => () => fan.call(list, { query: { [name]: value } })),
    'validation_failed',
    `/${name}`,
  );
});

test('a parameter that is given twice is 400', async () => {
  const headers = { authorization: `Bearer ${fan.accessToken}` };
  const reply = await send(system.url, { method: 'GET', path: '/api/v1/reservations?limit=1&limit=2', headers });
  expect([checkProblem(reply), reply.problem?.errors?.[0]?.pointer]).toEqual(['validation_failed', '/limit']);
});

test.each([
  '0',
  '-1',
  '1.0',
  '01',
  '1e3',
  'one',
  '9'.repeat(16),
  '9'.repeat(40),
  '9007199254740993',
  '%00',
  "1' OR '1'='1",
  '1;--',
  '../1',
])('an id that cannot be one is 404: %s', async (id) => {
  const calls = [
    'getReservation',
    'cancelReservation',
    'getPayment',
    'getConcert',
    'listSchedules',
    'listSeats',
    'followSeats',
  ];
  await refused(
    calls.map((call) => () => fan.call(call, { id })),
    'not_found',
  );
});

test.each([
  '/api/v1',
  '/api/v1/nothing',
  '/api/v2/concerts',
  '/index.html.bak',
  '/assets/../package.json',
  '/api/v1/reservations/%zz',
  '/docs/../../package.json',
  '/docs/package.json',
])('an address where nothing is, is 404: %s', async (path) => {
  expect(checkProblem(await send(system.url, { method: 'GET', path }))).toBe('not_found');
});

test('a method that an address does not have is 405, and Allow names those it has', async () => {
  const reply = await send(system.url, { method: 'PUT', path: '/api/v1/reservations' });
  expect([checkProblem(reply), reply.headers.allow]).toEqual(['method_not_allowed', 'POST, GET, HEAD, OPTIONS']);
  const options = await send(system.url, { method: 'OPTIONS', path: '/api/v1/payments/1' });
  expect([options.status, options.headers.allow]).toEqual([204, 'GET, HEAD, OPTIONS']);
});

test.each(["'); DROP TABLE user; --", '" OR ""="', '\\', '%_?:name ??', '🎻 Ω', '${7*7}{{7*7}}', '<script>'])(
  'text that looks like something else is text: %s',
  async (text) => {
    const { body } = await admin.addConcert({ name: text, description: text, queue: sale.queue });
    expect(body).toMatchObject({ name: text, description: text });
    expect((await admin.call('issueQueueToken', { json: { queue: text } })).problem?.code).toBe('validation_failed');
    expect((await admin.call('updateQueue', { id: text, json: { paused: true } })).problem?.code).toBe('not_found');
  },
);

test.each([
  ['two lines', 'two\nlines'],
  ['white space before it', ' space'],
  ['half a character', '\ud800'],
  ['nothing', ''],
  ['201 characters', 'x'.repeat(201)],
])('a name that is no name is 400: %s', async (_what, name) => {
  await refused([() => admin.addConcert({ name, description: '' })], 'validation_failed', '/name');
});

const HEADERS = [
  'authorization',
  'x-queue-token',
  'idempotency-key',
  'content-type',
  'content-encoding',
  'accept',
  'accept-encoding',
  'if-none-match',
  'if-modified-since',
  'traceparent',
  'x-request-id',
  'x-forwarded-for',
  'range',
  'expect',
  'cookie',
  'origin',
];

test('garbage in any header is refused or ignored, and never makes the server fail', async () => {
  const random = randomFrom(printedSeed());
  /** Any byte that a header value may have. */
  const byte = () =>
    String.fromCharCode(random() < 0.5 ? 33 + Math.floor(random() * 94) : 128 + Math.floor(random() * 128));
  const garbage = () => Array.from({ length: 1 + Math.floor(random() * 60) }, byte).join('');
  for (const name of HEADERS) {
    for (const value of [
      garbage(),
      garbage(),
      `Bearer ${garbage()}`,
      `1.${garbage()}`,
      `application/json; ${garbage()}`,
      'x'.repeat(6_000),
    ]) {
      if (name === 'expect') continue; // answered 417 by Node's server itself
      const get = await fan.call('listSeats', { id: sale.scheduleId, headers: { [name]: value } });
      const post = await fan.call('chargeAsset', {
        json: { amount: 1 },
        key: randomUUID(),
        headers: { [name]: value },
      });
      expect([get.status, post.status].every((status) => status < 500)).toBe(true);
    }
  }
});

test('a traceparent is the trace id of its reply; one that is malformed is not', async () => {
  const id = '4bf92f3577b34da6a3ce929d0e0e4736';
  const ask = (traceparent: string) => fan.call('getAsset', { headers: { traceparent } });
  expect((await ask(`00-${id}-00f067aa0ba902b7-01`)).headers['x-request-id']).toBe(id);
  expect((await ask(`00-${'0'.repeat(32)}-00f067aa0ba902b7-01`)).headers['x-request-id']).not.toBe('0'.repeat(32));
});

test('every operation that needs a user refuses nobody, before it looks at anything else', async () => {
  const raw = { method: 'POST', headers: { 'content-type': 'text/plain' }, raw: 'x'.repeat(70_000) };
  for (const id of ['issueQueueToken', 'holdSeats', 'payReservation', 'chargeAsset', 'createConcert']) {
    expect(checkProblem(await send(system.url, { ...raw, path: operation(id).path }))).toBe('unauthenticated');
  }
});
