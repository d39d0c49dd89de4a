import { newFan, newGuest, newSale, type Fan, type Sale } from '../support/fan';
import { eventually, startTestSystem, type TestSystem } from '../support/system';
import { untilUnderWay } from '../support/database';
import { businessState } from './business-state';
import { countOf, statusOf } from '../support/fixtures';

const PRICE = 99_000;

let system: TestSystem;
let admin: Fan;
let sale: Sale;

beforeAll(async () => {
  system = await startTestSystem('idempotency', { apis: 2 });
  admin = await newFan(system, 'admin');
  sale = await newSale(admin, { seats: 40 });
});
afterAll(() => system.stop());

let nextSeat = 0;
const seat = () => sale.seatIds[nextSeat++] as number;
const replayed = ({ headers }: { headers: object }) => (headers as Record<string, unknown>)['idempotency-replayed'];

/** Holds up whoever moves this fan's money until `work` is done. */
async function withAssetLocked<T>(fan: Fan, work: () => Promise<T>): Promise<T> {
  const trx = await system.db.transaction();
  try {
    await trx.raw('SELECT user_id FROM asset WHERE user_id = ? FOR UPDATE', [fan.userId]);
    return await work();
  } finally {
    await trx.rollback();
  }
}

const untilMoneyIsAsked = () => untilUnderWay(system.db, 'SELECT%FROM asset%FOR UPDATE%');

test('the same request with the same key is answered with what was stored, at any process', async () => {
  const fan = await newGuest(system, sale);
  const first = await fan.charge(200_000, 'charge');
  expect([first.status, replayed(first)]).toEqual([201, undefined]);
  const held = await fan.hold(sale.scheduleId, [seat()], 'hold');
  const before = await businessState(system.db);
  for (const api of system.apis) {
    const charge = await fan.at(api).charge(200_000, 'charge');
    expect([charge.status, replayed(charge), charge.body]).toEqual([201, 'true', first.body]);
    const hold = await fan.at(api).hold(
      held.body.scheduleId,
      held.body.tickets.map(({ seatId }) => seatId),
      'hold',
    );
    expect([hold.status, replayed(hold), hold.body]).toEqual([201, 'true', held.body]);
    expect(hold.headers.location).toBe(held.headers.location);
  }
  expect(await businessState(system.db)).toEqual(before);
});

test('a key belongs to its user: two users may use the same one', async () => {
  const [one, two] = [await newFan(system), await newFan(system)];
  expect((await one.charge(1, 'shared')).body.amount).toBe(1);
  const other = await two.charge(2, 'shared');
  expect([other.status, other.body.amount, replayed(other)]).toEqual([201, 2, undefined]);
});

test('a lost reply of a payment is had by repeating it with the same key and the token that it ended', async () => {
  const fan = await newGuest(system, sale, PRICE);
  const { body: held } = await fan.hold(sale.scheduleId, [seat()]);
  const gone = new AbortController();
  await withAssetLocked(fan, async () => {
    const reply = fan.call('payReservation', { json: { reservationId: held.id }, key: 'pay', signal: gone.signal });
    // Under way, but not decided: the client goes away now.
    await untilMoneyIsAsked();
    gone.abort();
    await expect(reply).rejects.toThrow(/abort/i);
  });
  await eventually(
    'it is paid',
    () => statusOf(system.db, 'reservation', held.id),
    (status) => status === 'PAID',
  );
  expect((await fan.poll()).body.status).toBe('USED');

  for (const api of system.apis) {
    const pay = () => fan.at(api).pay(held.id, 'pay');
    // The first request may still be under way in its process.
    const reply = await eventually('it is answered', pay, ({ problem }) => problem?.code !== 'idempotency_in_flight');
    expect([reply.status, replayed(reply)]).toEqual([201, 'true']);
    expect(reply.body).toMatchObject({ reservationId: held.id, price: PRICE, balance: 0 });
    expect(reply.headers.location).toBe(`/api/v1/payments/${reply.body.id}`);
  }
  // A new key is another request, but what is paid needs no token.
  expect((await fan.pay(held.id)).status).toBe(200);
});

test('a key that was used for another request is 422, and changes nothing', async () => {
  const fan = await newGuest(system, sale);
  await fan.charge(10, 'mine');
  const before = await businessState(system.db);
  expect((await fan.charge(11, 'mine')).problem?.code).toBe('idempotency_key_reused');
  expect((await fan.hold(sale.scheduleId, [seat()], 'mine')).problem?.code).toBe('idempotency_key_reused');
  expect((await fan.at(system.apis[1]!).pay(1, 'mine')).problem?.code).toBe('idempotency_key_reused');
  expect(await businessState(system.db)).toEqual(before);
});

test('white space and the order of members do not make another request', async () => {
  const fan = await newGuest(system, sale);
  const wanted = seat();
  const headers = { 'content-type': 'application/json' };
  const hold = (raw: string) => fan.call('holdSeats', { raw, headers, key: 'spaces' });
  await hold(`{"scheduleId": ${sale.scheduleId}, "seatIds": [${wanted}]}`);
  expect(replayed(await hold(`{ "seatIds":[ ${wanted} ],"scheduleId":${sale.scheduleId} }`))).toBe('true');
});

test('while the first request with a key is under way, the second is 409 and told to come again', async () => {
  const fan = await newFan(system);
  const first = await withAssetLocked(fan, async () => {
    const underWay = fan.charge(5, 'twice');
    await untilMoneyIsAsked();
    const second = await fan.charge(5, 'twice');
    expect(second.problem?.code).toBe('idempotency_in_flight');
    return { reply: underWay };
  });
  expect((await first.reply).status).toBe(201);
  expect(replayed(await fan.charge(5, 'twice'))).toBe('true');
  expect((await fan.asset()).body.balance).toBe(5);
});

test('the same key at two processes at once has one effect: the other is answered with it', async () => {
  const fan = await newFan(system);
  // Both have met this user: nothing but the effect itself waits for the lock.
  for (const api of system.apis) await fan.at(api).charge(1);
  const { replies } = await withAssetLocked(fan, async () => {
    const both = system.apis.map((api) => fan.at(api).charge(7, 'both'));
    await eventually(
      'both wait for the lock',
      () =>
        countOf(
          system.db,
          'information_schema.processlist',
          `db = DATABASE() AND info LIKE 'SELECT%FROM asset%FOR UPDATE%'`,
        ),
      (waiting) => waiting === 2,
    );
    return { replies: Promise.all(both) };
  });
  const answered = await replies;
  expect(answered.map(({ status }) => status)).toEqual([201, 201]);
  expect(answered.filter((reply) => replayed(reply) === 'true')).toHaveLength(1);
  expect(answered[0]?.body).toEqual(answered[1]?.body);
  expect((await fan.asset()).body.balance).toBe(2 + 7);
});

test('a refusal is not stored: the same key succeeds once its reason is gone', async () => {
  const [first, second] = [await newGuest(system, sale), await newGuest(system, sale)];
  const wanted = seat();
  const { body: held } = await first.hold(sale.scheduleId, [wanted]);
  expect((await second.hold(sale.scheduleId, [wanted], 'patient')).problem?.code).toBe('seat_taken');
  await first.cancel(held.id);
  const reply = await second.hold(sale.scheduleId, [wanted], 'patient');
  expect([reply.status, replayed(reply)]).toEqual([201, undefined]);
});

test.each([
  ['a space', 'two words'],
  ['256 characters', 'k'.repeat(256)],
  ['a letter outside of ASCII', 'schlüssel'],
])('a key with %s is 400', async (_what, key) => {
  const fan = await newFan(system);
  const { problem } = await fan.charge(1, key);
  expect(problem).toMatchObject({ code: 'validation_failed', errors: [{ pointer: '/Idempotency-Key' }] });
});

test('a key may have 255 characters', async () => {
  const fan = await newFan(system);
  expect((await fan.charge(1, 'k'.repeat(255))).status).toBe(201);
});
