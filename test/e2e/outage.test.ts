import { newFan, newFans, newGuest, newSale, type Fan } from '../support/fan';
import { send, type Reply } from '../support/http';
import { startLink, startLinks, type Links } from '../support/link';
import { eventually, startTestSystem, type TestSystem } from '../support/system';
import { expectInvariants } from '../support/database';
import { countOf } from '../support/fixtures';
import type { ReadinessView } from '../../src/contracts/health';
import type { ReservationView } from '../../src/contracts/reservation';
import { select } from '../../src/db/sql';
import { queueTokenWorkflowId, reservationWorkflowId } from '../../src/workflows/ids';

const PRICE = 99_000;
const HOLD_SECONDS = 60;
const SHORT_HOLD_SECONDS = 2;
/** Two of the dispatcher's batches, since one start of a batch may fail while Temporal comes back: whoever waits so far behind is started later. */
const BEHIND = 40;
const WAITING = BEHIND + 20;
/** The API promises an answer to a payment within 15 s; the rest is for a busy machine. */
const PAY_ANSWER_MS = 18_000;
/** Five seconds for each of its calls, four at a time. */
const LEFT_TO_DISPATCHER_MS = 40_000;
/** Connections are tried again every 2 s at the latest; without that limit, after up to two minutes. */
const BACK_MS = 15_000;
/** A connection that leads nowhere is noticed after 20 s, of which the payment has taken 15. */
const NOTICED_MS = 30_000;
/** On a busy machine one waiting token a second has its workflow started, and two that have a deadline. */
const CAUGHT_UP_MS = 120_000;
const OUTAGE_TEST_MS = 240_000;

let links: Links;
let system: TestSystem;
let admin: Fan;

beforeAll(async () => {
  links = await startLinks();
  system = await startTestSystem('outage', { links, env: { HOLD_SECONDS: String(HOLD_SECONDS) } });
  admin = await newFan(system, 'admin');
});
afterEach(async () => {
  await Promise.all([links.database.mend(), links.temporal.mend()]);
  await expectInvariants(system.db);
});
afterAll(async () => {
  await system.stop();
  await Promise.all([links.database.stop(), links.temporal.stop()]);
});

const ready = async () => send<ReadinessView>(system.url, { method: 'GET', path: '/readyz' });
const metric = async (series: string): Promise<number> => {
  const { text } = await send(system.url, { method: 'GET', path: '/metrics' });
  const line = text.split('\n').find((one) => one.startsWith(`${series} `));
  return Number(line?.split(' ').at(-1));
};

/** When the workflows began, by Temporal's clock. */
const startsOf = (workflowIds: string[]): Promise<number[]> =>
  Promise.all(
    workflowIds.map(async (id) => (await system.client.workflow.getHandle(id).describe()).startTime.getTime()),
  );

const liveTokenIds = async (status: string, since: Date): Promise<number[]> => {
  const rows = await select<{ id: number }>(
    system.db,
    'SELECT id FROM waiting_token WHERE status = ? AND issued_at >= ? ORDER BY ticket_no',
    [status, since],
  );
  return rows.map(({ id }) => id);
};

test(
  'without Temporal only payments wait, and lose nothing; when it is back, those let in are told before those who wait',
  async () => {
    const sale = await newSale(admin, { maxActive: 4, seats: 4 });
    const payer = await newGuest(system, sale, PRICE);
    const { body: unpaid } = await payer.hold(sale.scheduleId, [sale.seatIds[0]!]);
    const [inside, outside] = [await newFans(system, 3), await newFans(system, WAITING)];
    await links.temporal.refuse();
    const cutAt = new Date();

    const answer = payer.pay(unpaid.id, 'pay');
    const tokens = [];
    for (const fan of inside) tokens.push((await fan.join(sale.queue)).body.status);
    for (const fan of outside) tokens.push((await fan.join(sale.queue)).body.status);
    expect(tokens).toEqual([...inside.map(() => 'ACTIVE'), ...outside.map(() => 'WAITING')]);
    const held: ReservationView[] = [];
    for (const [index, fan] of inside.entries()) {
      held.push((await fan.hold(sale.scheduleId, [sale.seatIds[index + 1]!])).body);
    }
    const [first, second, third] = inside as [Fan, Fan, Fan];
    expect((await second.hold(sale.scheduleId, [sale.seatIds[1]!])).problem?.code).toBe('seat_taken');
    expect((await third.cancel(held.pop()!.id)).body.status).toBe('CANCELLED');
    expect((await first.seats(sale.scheduleId)).body.availableSeats).toBe(1);
    expect((await outside[7]!.poll()).body).toMatchObject({ status: 'WAITING', position: 8 });
    // The line moves.
    await third.leave();
    await eventually('the next is let in', outside[0]!.poll, ({ body }) => body.status === 'ACTIVE');

    const undecided = await answer;
    expect(undecided.problem).toMatchObject({ code: 'unavailable', retryable: true });
    expect(undecided.headers['retry-after']).toMatch(/^[1-9]/);
    expect(undecided.tookMs).toBeLessThan(PAY_ANSWER_MS);
    const missed = await eventually('Temporal is missed', ready, ({ body }) => body.checks.temporal === 'down');
    expect([missed.status, missed.body.status]).toEqual([200, 'ready']);
    await eventually(
      'the API has left it to the dispatcher',
      () => metric('frontrow_starter_calls{state="pending"}'),
      (pending) => pending === 0,
      LEFT_TO_DISPATCHER_MS,
    );
    const active = await liveTokenIds('ACTIVE', cutAt);

    await links.temporal.mend();
    const paid = await eventually(
      'the payment is made',
      () => payer.pay(unpaid.id, 'pay'),
      ({ status }) => status === 201,
      BACK_MS,
    );
    expect(paid.body).toMatchObject({ price: PRICE, balance: 0 });
    expect(await countOf(system.db, 'payment', 'reservation_id = ?', [unpaid.id])).toBe(1);

    await eventually(
      'every live token and hold has its workflow',
      async () =>
        (await countOf(system.db, 'waiting_token', 'live = 1 AND workflow_started_at IS NULL')) +
        (await countOf(system.db, 'reservation', `status = 'HELD' AND workflow_started_at IS NULL`)),
      (missing) => missing === 0,
      CAUGHT_UP_MS,
    );
    // Without the one whom the payment lets in once its workflow has ended the token: that start is no backlog.
    const waiting = await eventually(
      'the payment has let one in',
      () => liveTokenIds('WAITING', cutAt),
      ({ length }) => length === WAITING - 2,
    );
    const holds = await startsOf(held.map(({ id }) => reservationWorkflowId(id)));
    const insiders = await startsOf(active.map(queueTokenWorkflowId));
    const turns = await startsOf(waiting.map(queueTokenWorkflowId));
    expect([holds.length, insiders.length]).toEqual([2, 3]);
    expect(Math.max(...insiders)).toBeLessThanOrEqual(Math.min(...turns));
    // Holds are told beside the line, by a loop of their own; none is left when the line's turn comes.
    expect(Math.max(...holds)).toBeLessThan(Math.max(...turns));
    for (const [index, start] of turns.slice(BEHIND).entries()) expect(turns[index]).toBeLessThanOrEqual(start);
  },
  OUTAGE_TEST_MS,
);

test('with a Temporal that swallows everything, only payments wait, as long as they promise; they are made when it is back', async () => {
  const link = await startLink(new URL(`tcp://${links.temporal.address}`));
  const api = await system.addApi({ TEMPORAL_ADDRESS: link.address });
  const sale = await newSale(admin.at(api), { maxActive: 2, seats: 3 });
  const [payer, holder] = [await newGuest(api, sale, PRICE), await newGuest(api, sale)];
  const { body: unpaid } = await payer.hold(sale.scheduleId, [sale.seatIds[0]!]);
  try {
    link.silence();
    const answer = payer.pay(unpaid.id, 'pay');
    const next = await newFan(api);
    expect((await next.join(sale.queue)).body.status).toBe('WAITING');
    expect((await next.poll()).body.position).toBe(1);
    const { body: held } = await holder.hold(sale.scheduleId, [sale.seatIds[1]!]);
    expect((await payer.hold(sale.scheduleId, [sale.seatIds[1]!])).problem?.code).toBe('seat_taken');
    expect((await payer.seats(sale.scheduleId)).body.availableSeats).toBe(1);
    expect((await holder.cancel(held.id)).body.status).toBe('CANCELLED');
    await holder.leave();
    await eventually('the next is let in', next.poll, ({ body }) => body.status === 'ACTIVE');

    const undecided = await answer;
    expect(undecided.problem).toMatchObject({ code: 'unavailable', retryable: true });
    expect(undecided.headers['retry-after']).toMatch(/^[1-9]/);
    expect(undecided.tookMs).toBeLessThan(PAY_ANSWER_MS);
    await link.mend();
    const isPaid = ({ status }: Reply) => status === 201;
    await eventually('the payment is made', () => payer.pay(unpaid.id, 'pay'), isPaid, NOTICED_MS);
    expect(await countOf(system.db, 'payment', 'reservation_id = ?', [unpaid.id])).toBe(1);
  } finally {
    await api.stop();
    await link.stop();
  }
});

test('without a worker for longer than a hold, expired seats are sold again; payments are decided when one is back', async () => {
  const short = await system.addApi({ HOLD_SECONDS: String(SHORT_HOLD_SECONDS) });
  const sale = await newSale(admin, { seats: 3 });
  const late = await Promise.all(sale.seatIds.map(() => newGuest(short, sale, PRICE)));
  const [worker] = system.workers;
  await worker!.stop();

  const holds: ReservationView[] = [];
  for (const [index, fan] of late.entries()) holds.push((await fan.hold(sale.scheduleId, [sale.seatIds[index]!])).body);
  const next = await newGuest(system, sale, 3 * PRICE);
  expect((await next.hold(sale.scheduleId, sale.seatIds)).problem?.code).toBe('seat_taken');
  await eventually(
    'every seat is free again',
    () => next.seats(sale.scheduleId),
    ({ body }) => body.availableSeats === sale.seatIds.length,
  );
  const { body: held } = await next.hold(sale.scheduleId, sale.seatIds);
  expect(held.tickets.map(({ seatId }) => seatId)).toEqual(sale.seatIds);
  const [paying, tooLate] = [next.pay(held.id, 'pay'), late[0]!.pay(holds[0]!.id, 'pay')];
  await worker!.restart();

  const decided = async (first: Promise<Reply>, again: () => Promise<Reply>): Promise<Reply> => {
    let reply = await first;
    while (reply.problem?.code === 'unavailable') reply = await again();
    return reply;
  };
  expect((await decided(paying, () => next.pay(held.id, 'pay'))).status).toBe(201);
  const refused = await decided(tooLate, () => late[0]!.pay(holds[0]!.id, 'pay'));
  expect(refused.problem?.code).toBe('hold_expired');
  expect((await late[0]!.asset()).body.balance).toBe(PRICE);
});

/** Somebody inside who looks, takes and gives back, until told to stop; every answer is kept with its time. */
async function busy(fan: Fan, scheduleId: number, seatId: number, over: () => boolean, answers: Answer[]) {
  while (!over()) {
    const startedAt = performance.now();
    const hold = await fan.hold(scheduleId, [seatId]);
    answers.push({ startedAt, reply: hold });
    if (hold.body) answers.push({ startedAt, reply: await fan.cancel(hold.body.id) });
    answers.push({ startedAt, reply: await fan.seats(scheduleId) });
  }
}
interface Answer {
  startedAt: number;
  reply: Reply;
}

test('without the database everything is 503 and readiness is off; all of it comes back by itself, no connection is lost', async () => {
  const sale = await newSale(admin, { seats: 21 });
  const [spare, ...seatIds] = sale.seatIds as [number, ...number[]];
  const fans = await Promise.all(seatIds.map(() => newGuest(system, sale)));
  const answers: Answer[] = [];
  let over = false;
  const load = Promise.all(fans.map((fan, own) => busy(fan, sale.scheduleId, seatIds[own]!, () => over, answers)));
  try {
    await eventually(
      'everybody is served',
      async () => answers.length,
      (count) => count > 100,
    );
    await links.database.refuse();
    const cutAt = performance.now();
    const notReady = await eventually('readiness is off', ready, ({ status }) => status === 503);
    expect(notReady.body).toMatchObject({ status: 'not ready', checks: { database: 'down' } });
    expect((await send(system.url, { method: 'GET', path: '/livez' })).status).toBe(200);
    const since = () => answers.filter(({ startedAt }) => startedAt > cutAt);
    await eventually(
      'requests were refused',
      async () => since().length,
      (count) => count > 200,
    );
    expect(new Set(since().map(({ reply }) => reply.problem?.code))).toEqual(new Set(['unavailable']));
    expect(since().every(({ reply }) => Number(reply.headers['retry-after']) >= 1)).toBe(true);

    await links.database.mend();
    await eventually('readiness is back', ready, ({ status }) => status === 200);
    const mendedAt = performance.now();
    const served = () => answers.filter(({ startedAt, reply }) => startedAt > mendedAt && reply.status < 300);
    await eventually(
      'everybody is served again',
      async () => served().length,
      (count) => count > 100,
    );
  } finally {
    over = true;
    await load;
  }
  await eventually(
    'no connection is kept',
    () => metric('frontrow_database_connections{state="used"}'),
    (used) => used === 0,
  );
  expect(await metric('frontrow_database_connections{state="waited"}')).toBe(0);

  // The worker has found its way back, too.
  const buyer = await newGuest(system, sale, PRICE);
  const { body: held } = await buyer.hold(sale.scheduleId, [spare]);
  const paid = await eventually(
    'it is paid',
    () => buyer.pay(held.id, 'pay'),
    ({ status }) => status === 201,
  );
  expect(paid.body).toMatchObject({ reservationId: held.id, balance: 0 });
});
