import type { Operation } from '../../src/api/operations/operation';
import { API } from '../../src/api/paths';
import { operations, send, type Reply } from '../support/http';
import { Fan, newFan, newGuest, newSale, type Sale } from '../support/fan';
import { namedBy, validRequest, type Things } from '../support/requests';
import { startTestSystem, type TestSystem } from '../support/system';
import { businessState } from './business-state';

const PRICE = 99_000;

let system: TestSystem;
let sale: Sale;
/** Has a hold, a payment and an ACTIVE token; the other one is inside, too, with money, but has none of these. */
let owner: Fan;
let other: Fan;
let things: Things;

beforeAll(async () => {
  system = await startTestSystem('access');
  sale = await newSale(await newFan(system, 'admin'));
  [owner, other] = [await newGuest(system, sale, PRICE), await newGuest(system, sale, PRICE)];
  const { body: first } = await owner.hold(sale.scheduleId, [sale.seatIds[0]!]);
  const { body: open } = await owner.hold(sale.scheduleId, [sale.seatIds[1]!]);
  const { body: paid } = await owner.pay(first.id);
  const { concertId: concerts, scheduleId: schedules, queue: queues } = sale;
  things = { concerts, schedules, queues, reservations: open.id, payments: paid.id, seats: sale.seatIds[2]! };
});
afterAll(() => system.stop());

const all = [...operations.values()];
/** Things of one user; the rest are of everybody. What is new in a path or a body has to be entered here. */
const OWNED = new Set(['reservations', 'payments']);
const OF_EVERYBODY = new Set(['concerts', 'schedules', 'seats', 'queues']);
/** Every request is refused with this code, and nobody's business has changed. */
async function refusedUnchanged(requests: readonly [string, () => Promise<Reply>][], code: string): Promise<void> {
  expect(requests.length).toBeGreaterThan(0);
  const before = await businessState(system.db);
  const answers: Record<string, unknown> = {};
  for (const [name, request] of requests) {
    const reply = await request();
    answers[name] = reply.problem?.code ?? reply.status;
  }
  expect(answers).toEqual(Object.fromEntries(requests.map(([name]) => [name, code])));
  expect(await businessState(system.db)).toEqual(before);
}

/** The same call of each of these operations. */
const callEach = (some: readonly Operation[], call: (operation: Operation) => Promise<Reply>) =>
  some.map((operation): [string, () => Promise<Reply>] => [operation.operationId, () => call(operation)]);

test('whatever the API document lets a request name is known here: things of one user, or of everybody', () => {
  const named = new Set(all.flatMap(namedBy));
  expect([...named].filter((thing) => !OWNED.has(thing) && !OF_EVERYBODY.has(thing))).toEqual([]);
  expect([...OWNED, ...OF_EVERYBODY].filter((thing) => !named.has(thing))).toEqual([]);
});

test("every operation on another user's thing answers 404, as if it were not there", async () => {
  const some = all.filter((operation) => namedBy(operation).some((thing) => OWNED.has(thing)));
  expect(some.map(({ operationId }) => operationId)).toEqual(
    expect.arrayContaining(['getReservation', 'cancelReservation', 'getPayment', 'payReservation']),
  );
  await refusedUnchanged(
    callEach(some, (operation) => other.call(operation.operationId, validRequest(operation, things))),
    'not_found',
  );
});

test("every operation that takes a queue token answers 403 to another user's", async () => {
  const thief = new Fan(system.url, other.userId, other.accessToken, owner.queueToken);
  const some = all.filter(({ access }) => access === 'token' || access === 'guarded');
  await refusedUnchanged(
    callEach(some, (operation) => thief.call(operation.operationId, validRequest(operation, things))),
    'queue_token_of_another_user',
  );
});

test('every operation under /admin, and no other, needs the role admin', async () => {
  const some = all.filter(({ path }) => path.startsWith(`${API}/admin/`));
  expect(all.filter(({ access }) => access === 'admin')).toEqual(some);
  await refusedUnchanged(
    callEach(some, (operation) => other.call(operation.operationId, validRequest(operation, things))),
    'forbidden',
  );
});

test('every operation but those open to all answers 401 to nobody and to a token that is none', async () => {
  const some = all.filter(({ access }) => access !== 'open');
  expect(all.filter(({ access }) => access === 'open').map(({ operationId }) => operationId)).toEqual([
    'createSession',
    'getLiveness',
    'getReadiness',
    'getMetrics',
    'getOpenApi',
  ]);
  for (const authorization of [undefined, `Bearer ${owner.accessToken.slice(0, -2)}`]) {
    const call = (operation: Operation) =>
      owner.call(operation.operationId, { ...validRequest(operation, things), headers: { authorization } });
    await refusedUnchanged(callEach(some, call), 'unauthenticated');
  }
});

test('control: the same requests are granted to whom they belong', async () => {
  const admin = await newFan(system, 'admin');
  const addDate = () =>
    admin.call<{ id: number }>('createSchedule', validRequest(operations.get('createSchedule')!, things));
  const [withoutSeats, another] = [await addDate(), await addDate()];
  const answers: Record<string, number> = {};
  for (const operation of all.filter(({ access }) => access !== 'open')) {
    // These two end what the others are about.
    if (operation.operationId === 'leaveQueue' || operation.operationId === 'cancelReservation') continue;
    if (operation.operationId === 'payReservation') await owner.charge(PRICE);
    if (operation.operationId === 'addSeats') things.schedules = withoutSeats.body.id;
    if (operation.operationId === 'importPlan') things.schedules = another.body.id;
    const who = operation.access === 'admin' ? admin : owner;
    const reply = await who.call(operation.operationId, validRequest(operation, things));
    answers[operation.operationId] = reply.status;
  }
  expect(Object.entries(answers).filter(([, status]) => status >= 300)).toEqual([]);
});

test('every reply, a refusal too, tells browsers to be careful, and does not tell what it was made with', async () => {
  const paths = ['/livez', '/metrics', '/openapi.json', '/docs/', '/api/v1/asset', '/api/v1/nothing', '/nothing'];
  for (const path of paths) {
    const { headers } = await send(system.url, { method: 'GET', path });
    expect([path, headers]).toEqual([
      path,
      expect.objectContaining({
        'content-security-policy': expect.stringMatching(
          /default-src 'self'.*frame-ancestors 'self'.*object-src 'none'/,
        ),
        'strict-transport-security': expect.stringMatching(/^max-age=31536000/),
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'SAMEORIGIN',
        'referrer-policy': 'no-referrer',
        'cross-origin-opener-policy': 'same-origin',
      }),
    ]);
    expect([headers['x-powered-by'], headers.server, headers['access-control-allow-origin']]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  }
});
