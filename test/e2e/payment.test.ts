import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { newFan, newGuest, newSale, type Fan, type Sale } from '../support/fan';
import { eventually, startTestSystem, type TestSystem } from '../support/system';
import { expectInvariants } from '../support/database';
import { countOf } from '../support/fixtures';

const PRICE = 99_000;
const PARALLEL = 50;
/** What the API promises at the most (15 s), and its way there and back. */
const DECIDED_WITHIN_MS = 17_000;

let system: TestSystem;
let admin: Fan;
let sale: Sale;
let nextSeat = 0;

beforeAll(async () => {
  system = await startTestSystem('payment', { apis: 2, env: { HOLD_SECONDS: '120' } });
  admin = await newFan(system, 'admin');
  sale = await newSale(admin, { seats: 60 });
});
afterEach(() => expectInvariants(system.db));
afterAll(() => system.stop());

async function guestWithHold(balance: number) {
  const fan = await newGuest(system, sale, balance);
  const { body: hold } = await fan.hold(sale.scheduleId, [sale.seatIds[nextSeat++] as number]);
  return { fan, hold };
}

const at = (fan: Fan, index: number) => fan.at(system.apis[index % system.apis.length]!);
const byStatus = (replies: { status: number }[]) => replies.map(({ status }) => status).sort((a, b) => a - b);

/** One debit and one payment, whatever was answered. */
async function expectPaidOnce(fan: Fan, reservationId: number, balance: number) {
  expect((await fan.asset()).body.balance).toBe(balance - PRICE);
  expect((await fan.entries()).body.items.filter(({ kind }) => kind === 'PAYMENT')).toHaveLength(1);
  expect(await countOf(system.db, 'payment', 'reservation_id = ?', [reservationId])).toBe(1);
}

test(`${PARALLEL} payments of one reservation at once, at two processes, are one payment and one debit`, async () => {
  const { fan, hold } = await guestWithHold(500_000);
  const replies = await Promise.all(Array.from({ length: PARALLEL }, (_, index) => at(fan, index).pay(hold.id)));
  expect(byStatus(replies)).toEqual([...Array<number>(PARALLEL - 1).fill(200), 201]);
  expect(new Set(replies.map(({ text }) => text)).size).toBe(1);
  await expectPaidOnce(fan, hold.id, 500_000);
});

test('payments that arrive while the first is being decided or has just ended the token are answered with it', async () => {
  for (let round = 0; round < 4; round += 1) {
    const { fan, hold } = await guestWithHold(500_000);
    const first = fan.pay(hold.id);
    const later: ReturnType<Fan['pay']>[] = [];
    let decided = false;
    void first.then(() => (decided = true));
    // As fast as they can be sent, until a little after the token has ended.
    for (let extra = 0; extra < 10; extra += decided ? 1 : 0) {
      later.push(at(fan, later.length).pay(hold.id));
      await new Promise((resolve) => setImmediate(resolve));
      if (later.length % 5 === 0) await later.at(-5);
    }
    const replies = await Promise.all([first, ...later]);
    expect(
      replies.filter(({ status }) => status !== 200).map(({ status, problem }) => problem?.code ?? status),
    ).toEqual([201]);
    await expectPaidOnce(fan, hold.id, 500_000);
  }
});

test('with the same key everywhere, the others are told that it is under way, or what came of it', async () => {
  const { fan, hold } = await guestWithHold(500_000);
  const key = randomUUID();
  const replies = await Promise.all(Array.from({ length: PARALLEL }, (_, index) => at(fan, index).pay(hold.id, key)));
  const answers = new Set(replies.map(({ status, problem }) => problem?.code ?? status));
  // 200 for one that looked for the stored reply just before it was stored, and for the payment just after.
  expect([...answers].filter((answer) => ![201, 200, 'idempotency_in_flight'].includes(answer))).toEqual([]);
  expect(answers).toContain(201);
  await expectPaidOnce(fan, hold.id, 500_000);
});

test('a payment that lacked money is made by the same call with the same key after a charge', async () => {
  const { fan, hold } = await guestWithHold(PRICE - 1);
  for (const attempt of [1, 2]) {
    const refused = await at(fan, attempt).pay(hold.id, 'pay');
    expect(refused.problem).toMatchObject({ code: 'insufficient_balance', balance: PRICE - 1, required: PRICE });
  }
  expect((await fan.reservation(hold.id)).body.status).toBe('HELD');
  await fan.charge(1);
  expect((await fan.pay(hold.id, 'pay')).status).toBe(201);
  await expectPaidOnce(fan, hold.id, PRICE);
});

test('who paid at the deadline and was told 410, is told so however often they ask; the reservation reads EXPIRED', async () => {
  const short = await system.addApi({ HOLD_SECONDS: '1' });
  const late = await Promise.all(
    [-100, -20, 0, 20].map(async (afterMs) => {
      const fan = (await newGuest(system, sale, PRICE)).at(short);
      const { body: hold } = await fan.hold(sale.scheduleId, [sale.seatIds[nextSeat++] as number]);
      return { fan, hold, payAtMs: Date.parse(hold.expiresAt) + afterMs };
    }),
  );

  const answers = await Promise.all(
    late.map(async ({ fan, hold, payAtMs }) => {
      await sleep(payAtMs - Date.now());
      const first = await fan.pay(hold.id, 'pay');
      const again = [
        await fan.pay(hold.id, 'pay'),
        await at(fan, 0).pay(hold.id, 'pay'),
        await at(fan, 1).pay(hold.id),
      ];
      const { status } = (await fan.reservation(hold.id)).body;
      return {
        codes: [first, ...again].map((reply) => reply.problem?.code ?? 'paid'),
        first,
        again,
        status,
        fan,
        hold,
      };
    }),
  );

  expect(answers.at(-1)?.first.status).toBe(410);
  for (const { first, again, codes, status, fan, hold } of answers) {
    if (first.status === 201) {
      expect([new Set(codes), status]).toEqual([new Set(['paid']), 'PAID']);
      await expectPaidOnce(fan, hold.id, PRICE);
      continue;
    }
    expect([new Set(codes), status]).toEqual([new Set(['hold_expired']), 'EXPIRED']);
    expect(new Set([first, ...again].map((reply) => reply.problem?.detail)).size).toBe(1);
    expect((await fan.asset()).body.balance).toBe(PRICE);
    expect(await countOf(system.db, 'payment', 'reservation_id = ?', [hold.id])).toBe(0);
  }
});

test('paying what is paid needs no live token and takes no money', async () => {
  const { fan, hold } = await guestWithHold(500_000);
  const paid = await fan.pay(hold.id);
  expect((await fan.poll()).body.status).toBe('USED');
  const again = await at(fan, 1).pay(hold.id);
  expect([again.status, again.body, again.headers['idempotency-replayed']]).toEqual([200, paid.body, undefined]);
  fan.queueToken = undefined;
  expect((await fan.pay(hold.id)).status).toBe(200);
  await expectPaidOnce(fan, hold.id, 500_000);
});

test('the token is used up with the last of its holds, not before', async () => {
  const { fan, hold } = await guestWithHold(500_000);
  const second = await fan.hold(sale.scheduleId, [sale.seatIds[nextSeat++] as number]);
  await fan.pay(hold.id);
  expect((await fan.poll()).body.status).toBe('ACTIVE');
  await fan.pay(second.body.id);
  expect((await fan.poll()).body.status).toBe('USED');
});

test('two payments of two holds at once debit both, one after the other', async () => {
  const { fan, hold } = await guestWithHold(500_000);
  const second = await fan.hold(sale.scheduleId, [sale.seatIds[nextSeat++] as number]);
  const replies = await Promise.all([at(fan, 0).pay(hold.id), at(fan, 1).pay(second.body.id)]);
  expect(byStatus(replies)).toEqual([201, 201]);
  expect((await fan.asset()).body.balance).toBe(500_000 - 2 * PRICE);
});

test('without a worker a payment is 503 in time; once there is one, the same key gives the outcome', async () => {
  const { fan, hold } = await guestWithHold(PRICE);
  const [worker] = system.workers;
  await worker!.stop();
  const undecided = await fan.pay(hold.id, 'pay');
  expect(undecided.problem).toMatchObject({ code: 'unavailable', retryable: true });
  expect(undecided.headers['retry-after']).toBeDefined();
  expect(undecided.tookMs).toBeLessThan(DECIDED_WITHIN_MS);
  // Nothing else waits for workers.
  const other = await newFan(system);
  expect((await other.join(sale.queue)).body.status).toBe('ACTIVE');
  expect((await other.hold(sale.scheduleId, [sale.seatIds[nextSeat++] as number])).status).toBe(201);

  await worker!.restart();
  const reply = await eventually(
    'the payment is decided',
    () => fan.pay(hold.id, 'pay'),
    ({ status }) => status !== 503,
  );
  expect([reply.status, reply.body.price]).toEqual([201, PRICE]);
  await expectPaidOnce(fan, hold.id, PRICE);
});
