import { generateKeyPair, SignJWT } from 'jose';
import { operations, type Reply } from '../support/http';
import { Fan, newFan, newGuest, newSale, type Sale, rowPlan } from '../support/fan';
import { startTestSystem, type ApiProcess, type TestSystem } from '../support/system';
import { makeHoldOverdue } from '../support/fixtures';
import { untilUnderWay } from '../support/database';
import { businessState } from './business-state';
import { refusalsOf } from '../../src/api/operations/refusals';
import { ERRORS, type ErrorCode } from '../../src/errors';

const PRICE = 99_000;
const PER_MINUTE = 3;

let system: TestSystem;
/** Counts requests; its keys come from a server that is not there. */
let limited: ApiProcess;
let keyless: ApiProcess;
let admin: Fan;
let sale: Sale;
const cleanUps: (() => Promise<unknown>)[] = [];
const provoked = new Set<ErrorCode>();

beforeAll(async () => {
  system = await startTestSystem('errors');
  admin = await newFan(system, 'admin');
  sale = await newSale(admin, { seats: 40 });
  limited = await system.addApi({ RATE_LIMIT_PER_MINUTE: String(PER_MINUTE) });
  const jwks = { AUTH_JWKS_URL: 'http://127.0.0.1:1/', AUTH_ISSUER: 'urn:issuer', AUTH_AUDIENCE: 'urn:audience' };
  keyless = await system.addApi({ AUTH_MODE: 'jwks', ...jwks });
});
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});
afterAll(() => system.stop());

type Act = () => Promise<Reply>;

/** A test: after `arrange`, the one request that it gives is refused with this code (and `more`), and changes nothing. */
function refuses(code: ErrorCode, when: string, arrange: () => Promise<Act | [Act, more: object]>): void {
  test(`${code} when ${when}, and nothing has changed`, async () => {
    const arranged = await arrange();
    const [act, more] = Array.isArray(arranged) ? arranged : [arranged, {}];
    const before = await businessState(system.db);
    const reply = await act();
    expect(reply.problem).toMatchObject({ code, status: ERRORS[code].status, ...more });
    expect(await businessState(system.db)).toEqual(before);
    provoked.add(code);
  });
}

let nextSeat = 0;
/** Seats that no other case uses. */
const seats = (count: number) => sale.seatIds.slice(nextSeat, (nextSeat += count));

async function guestWithHold(balance = 0) {
  const fan = await newGuest(system, sale, balance);
  const { body: hold } = await fan.hold(sale.scheduleId, seats(1));
  return { fan, hold };
}

/** Locks a row in a transaction of this test, until the case is over. */
async function lockRow(sql: string, binding: number): Promise<void> {
  const trx = await system.db.transaction();
  cleanUps.unshift(() => trx.rollback());
  await trx.raw(sql, [binding]);
}

const fault = (pointer: string) => ({ errors: [expect.objectContaining({ pointer })] });

refuses('validation_failed', 'a field is missing', async () => {
  const fan = await newGuest(system, sale);
  return [() => fan.call('holdSeats', { json: { scheduleId: sale.scheduleId } }), fault('/seatIds')];
});

refuses('validation_failed', 'a seat is named twice', async () => {
  const [fan, [seat]] = [await newGuest(system, sale), seats(1) as [number]];
  return [() => fan.hold(sale.scheduleId, [seat, seat]), fault('/seatIds/1')];
});

refuses('validation_failed', 'a seat is of another schedule', async () => {
  const [fan, other, mine] = [await newGuest(system, sale), await newSale(admin, { seats: 1 }), seats(1)];
  return [() => fan.hold(sale.scheduleId, [...mine, ...other.seatIds]), fault('/seatIds/1')];
});

refuses('validation_failed', 'no seat is named', async () => {
  const fan = await newGuest(system, sale);
  return [() => fan.hold(sale.scheduleId, []), fault('/seatIds')];
});

refuses('validation_failed', 'a location exists already', async () => {
  return [
    () =>
      admin.addSeats(sale.scheduleId, {
        seats: [
          { location: 'new', price: 1 },
          { location: 'A-1', price: 1 },
        ],
      }),
    fault('/seats/1/location'),
  ];
});

refuses('idempotency_key_required', 'the key is missing', async () => {
  const fan = await newFan(system);
  return () => fan.call('chargeAsset', { json: { amount: 1 }, headers: { 'idempotency-key': undefined } });
});

refuses('unauthenticated', 'there is no bearer token', async () => {
  const fan = await newFan(system);
  return () => fan.call('getAsset', { headers: { authorization: undefined } });
});

refuses('queue_token_required', 'there is no queue token', async () => {
  const fan = await newFan(system);
  return () => fan.concerts();
});

refuses('queue_token_unknown', 'the queue token is forged', async () => {
  const fan = await newGuest(system, sale);
  fan.queueToken = `${fan.queueToken?.slice(0, -4)}AAAA`;
  return () => fan.concerts();
});

refuses('insufficient_balance', 'the price is higher than the balance', async () => {
  const { fan, hold } = await guestWithHold(PRICE - 1);
  return [() => fan.pay(hold.id), { balance: PRICE - 1, required: PRICE }];
});

refuses('forbidden', 'a user asks for what is for admins', async () => {
  const fan = await newFan(system);
  return () => fan.queues();
});

refuses('queue_token_waiting', 'it is not their turn yet', async () => {
  const [fan, full] = [await newFan(system), await newSale(admin, { maxActive: 0 })];
  await fan.join(full.queue);
  return [() => fan.concerts(), { position: 1 }];
});

refuses('queue_token_ended', 'the token was given back', async () => {
  const fan = await newGuest(system, sale);
  await fan.leave();
  return () => fan.concerts();
});

refuses('queue_token_of_another_user', 'the token was found somewhere', async () => {
  const [fan, owner] = [await newFan(system), await newGuest(system, sale)];
  fan.queueToken = owner.queueToken;
  return () => fan.concerts();
});

refuses('queue_token_of_another_queue', 'the concert is sold through another queue', async () => {
  const [fan, other] = [await newGuest(system, sale), await newSale(admin)];
  return () => fan.hold(other.scheduleId, other.seatIds.slice(0, 1));
});

refuses('schedule_has_seats', 'a plan is imported where there are seats', async () => {
  return () => admin.importPlan(sale.scheduleId, { plan: rowPlan(1), prices: { R: 1 } });
});

refuses('validation_failed', 'a plan names a category that it does not have', async () => {
  return [
    () => admin.importPlan(sale.scheduleId, { plan: { ...rowPlan(1), categories: [] }, prices: {} }),
    fault('/plan/zones/0/rows/0/seats/0/category'),
  ];
});

refuses('not_found', 'the reservation is not there', async () => {
  const fan = await newFan(system);
  return () => fan.reservation(Number.MAX_SAFE_INTEGER);
});

refuses('not_found', 'the queue is not there', async () => {
  const fan = await newFan(system);
  return () => fan.call('issueQueueToken', { json: { queue: 'no-such-queue' } });
});

refuses('seat_taken', 'somebody has one of the seats', async () => {
  const [{ hold }, fan, free] = [await guestWithHold(), await newGuest(system, sale), seats(1)];
  const taken = hold.tickets[0]!.seatId;
  return [() => fan.hold(sale.scheduleId, [...free, taken]), { seatIds: [taken] }];
});

refuses('seat_contended', 'somebody is taking the seat at this moment', async () => {
  const [fan, wanted] = [await newGuest(system, sale), seats(1)];
  await lockRow('SELECT id FROM concert_seat WHERE id = ? FOR UPDATE', wanted[0]!);
  return () => fan.hold(sale.scheduleId, wanted);
});

refuses('sales_not_open', 'the sale begins tomorrow', async () => {
  const later = await newSale(admin, { fromDays: 1 });
  const fan = await newGuest(system, later);
  return () => fan.hold(later.scheduleId, later.seatIds.slice(0, 1));
});

refuses('reservation_not_payable', 'the reservation was cancelled', async () => {
  const { fan, hold } = await guestWithHold(PRICE);
  await fan.cancel(hold.id);
  return () => fan.pay(hold.id);
});

refuses('reservation_not_cancellable', 'the reservation is paid', async () => {
  const { fan, hold } = await guestWithHold(PRICE);
  await fan.pay(hold.id);
  return () => fan.cancel(hold.id);
});

refuses('ticket_limit_exceeded', 'the user has a ticket and asks for four more', async () => {
  const [{ fan }, four] = [await guestWithHold(), seats(4)];
  return () => fan.hold(sale.scheduleId, four);
});

refuses('idempotency_in_flight', 'the first request with the key is under way', async () => {
  const fan = await newFan(system);
  await lockRow('SELECT user_id FROM asset WHERE user_id = ? FOR UPDATE', fan.userId);
  const first = fan.charge(1, 'twice');
  cleanUps.push(() => first);
  await untilUnderWay(system.db, 'SELECT%FROM asset%FOR UPDATE%');
  return () => fan.charge(1, 'twice');
});

refuses('hold_expired', 'the time of the hold is over', async () => {
  const { fan, hold } = await guestWithHold(PRICE);
  await makeHoldOverdue(system.db, hold.id);
  return () => fan.pay(hold.id);
});

refuses('payload_too_large', 'the body has more than 64 kB', async () => {
  return () => admin.addConcert({ name: 'Long', description: 'x'.repeat(70_000) });
});

refuses('unsupported_media_type', 'the body is not JSON', async () => {
  return () =>
    admin.call('createConcert', {
      raw: 'name=Winter',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
});

refuses('idempotency_key_reused', 'the key belongs to another request', async () => {
  const fan = await newFan(system);
  await fan.charge(1, 'mine');
  return () => fan.charge(2, 'mine');
});

refuses('rate_limited', 'a user asks more often than allowed', async () => {
  const fan = (await newFan(system)).at(limited);
  for (let count = 0; count < PER_MINUTE; count += 1) await fan.asset();
  return () => fan.asset();
});

refuses('unavailable', 'the keys of the identity provider cannot be had', async () => {
  const { privateKey } = await generateKeyPair('ES256');
  const token = await new SignJWT({ sub: '1' })
    .setProtectedHeader({ alg: 'ES256' })
    .setExpirationTime('1h')
    .sign(privateKey);
  const fan = new Fan(keyless.url, 1, token);
  return () => fan.asset();
});

test('every code that the API document names was provoked above, except the one that stands for our own faults', () => {
  const documented = new Set([...operations.values()].flatMap(refusalsOf));
  documented.delete('internal');
  expect([...provoked].sort()).toEqual([...documented].sort());
});
