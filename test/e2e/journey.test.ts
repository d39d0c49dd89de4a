import { randomUUID } from 'node:crypto';
import { eventually, outcomeOf, startTestSystem, type TestSystem } from '../support/system';
import { newFan, newGuest, newSale, rowPlan, type Fan } from '../support/fan';
import { eventsOf, exercised, operations, send } from '../support/http';
import { statusOf } from '../support/fixtures';

const HOLD_SECONDS = 4;
const PRICE = 99_000;
/** What is promised for a system without a fresh corpse. */
const ADMITTED_WITHIN_MS = 1_000;
/** The snapshot is read four times a second. */
const SEEN_WITHIN_MS = 1_000;
const DAY_MS = 86_400_000;
/** A timer may shift by a second; the rest is for a busy machine. */
const TIMER_SLACK_MS = 5_000;

let system: TestSystem;
let admin: Fan;

beforeAll(async () => {
  system = await startTestSystem('journey', { env: { HOLD_SECONDS: String(HOLD_SECONDS) } });
  admin = await newFan(system, 'admin');
});
afterAll(() => system.stop());

test('a fan joins, looks, holds, charges and pays, and every reply is as documented', async () => {
  const sale = await newSale(admin);
  const fan = await newFan(system);

  const joined = await fan.join(sale.queue);
  expect(joined.status).toBe(201);
  expect(joined.body).toMatchObject({ queue: sale.queue, status: 'ACTIVE', position: 0, ahead: 0 });
  const again = await fan.join(sale.queue);
  expect([again.status, again.body.token]).toEqual([200, joined.body.token]);
  expect((await fan.poll()).body).toMatchObject({ status: 'ACTIVE', position: 0, expiresAt: joined.body.expiresAt });
  const [told] = eventsOf((await fan.call('followQueueToken')).text);
  expect(told).toMatchObject({ event: 'token', data: { status: 'ACTIVE', expiresAt: joined.body.expiresAt } });

  expect((await fan.concerts()).body).toMatchObject({ items: [{ id: sale.concertId }], nextCursor: null });
  expect((await fan.concert(sale.concertId)).body.name).toBe('Night Swim');
  expect((await fan.schedules(sale.concertId)).body.items).toMatchObject([{ id: sale.scheduleId, availableSeats: 8 }]);
  const map = await fan.seats(sale.scheduleId, { query: { available: true } });
  expect(map.body.seats.map((seat) => seat.location)).toEqual(sale.seatIds.map((_, index) => `A-${index + 1}`));
  const [seats] = eventsOf((await fan.call('followSeats', { id: sale.scheduleId })).text);
  expect(seats).toMatchObject({ event: 'seats', data: { seats: map.body.seats } });

  expect((await fan.queueSale()).body).toEqual({
    items: [{ concertId: sale.concertId, name: 'Night Swim', availableSeats: 8 }],
  });

  const held = await fan.hold(sale.scheduleId, sale.seatIds.slice(0, 3));
  expect(held.status).toBe(201);
  expect(held.headers.location).toBe(`/api/v1/reservations/${held.body.id}`);
  expect(held.body).toMatchObject({ status: 'HELD', totalPrice: 3 * PRICE, currency: 'KRW', paymentId: null });
  expect(held.body.expiresInSeconds).toBe(HOLD_SECONDS);
  expect(Date.parse(held.body.expiresAt) - Date.parse(held.body.reservedAt)).toBe(HOLD_SECONDS * 1_000);

  await fan.charge(500_000);
  const paid = await fan.pay(held.body.id);
  expect(paid.status).toBe(201);
  expect(paid.headers.location).toBe(`/api/v1/payments/${paid.body.id}`);
  expect(paid.body).toMatchObject({ reservationId: held.body.id, price: 3 * PRICE, balance: 500_000 - 3 * PRICE });
  expect((await fan.payment(paid.body.id)).body).toEqual(paid.body);
  expect((await fan.reservation(held.body.id)).body).toMatchObject({ status: 'PAID', paymentId: paid.body.id });
  expect((await fan.call<{ steps: object[] }>('getReservationTimeline', { id: held.body.id })).body.steps).toHaveLength(
    4,
  );
  expect((await fan.reservations()).body.items.map(({ id, status }) => [id, status])).toEqual([[held.body.id, 'PAID']]);
  const { steps, ...about } = (await fan.timeline(held.body.id)).body;
  expect(about).toMatchObject({ concertName: 'Night Swim', place: 'Lighthouse', payment: paid.body });
  expect(steps.map(({ step }) => step)).toEqual(['QUEUED', 'ADMITTED', 'HELD', 'PAID']);
  expect((await fan.poll()).body).toMatchObject({ status: 'USED', position: 0, estimatedWaitSeconds: null });
});

test('the balance is what was charged less what was paid, and the ledger says so, newest first', async () => {
  const sale = await newSale(admin);
  const fan = await newGuest(system, sale, 100_000);
  expect((await fan.asset()).body).toEqual({ userId: fan.userId, balance: 100_000, currency: 'KRW' });
  await fan.charge(50_000);
  const held = await fan.hold(sale.scheduleId, [sale.seatIds[0]!]);
  await fan.pay(held.body.id);

  expect((await fan.asset()).body.balance).toBe(150_000 - PRICE);
  const first = (await fan.entries({ limit: 2 })).body;
  expect(first.items.map(({ kind, amount, balanceAfter }) => [kind, amount, balanceAfter])).toEqual([
    ['PAYMENT', -PRICE, 150_000 - PRICE],
    ['CHARGE', 50_000, 150_000],
  ]);
  const second = (await fan.entries({ limit: 2, cursor: first.nextCursor as string })).body;
  expect(second.items.map(({ amount }) => amount)).toEqual([100_000]);
  expect(second.nextCursor).toBeNull();
});

test('a held seat is refused to another fan at once, with the seats that are taken', async () => {
  const sale = await newSale(admin);
  const [first, second] = [await newGuest(system, sale), await newGuest(system, sale)];
  const [a, b, c] = sale.seatIds as [number, number, number];
  await first.hold(sale.scheduleId, [a, b]);

  const refused = await second.hold(sale.scheduleId, [b, c]);
  expect(refused.problem).toMatchObject({ code: 'seat_taken', status: 409, seatIds: [b] });
  // All or none: the free one of the two was not taken either.
  expect((await second.seats(sale.scheduleId, { query: { available: false } })).body.seats.map(({ id }) => id)).toEqual(
    [a, b],
  );
});

test('a hold that nobody pays ends by the timer of its workflow: row EXPIRED, seat free, workflow COMPLETED', async () => {
  const sale = await newSale(admin);
  const fan = await newGuest(system, sale);
  const { body: held } = await fan.hold(sale.scheduleId, [sale.seatIds[0]!]);
  const handle = system.client.workflow.getHandle(`reservation-${held.id}`);

  // The row as it is written, not as a read would show it after the deadline.
  const row = () => statusOf(system.db, 'reservation', held.id);
  expect(await row()).toBe('HELD');
  await eventually('the row is EXPIRED', row, (status) => status === 'EXPIRED', HOLD_SECONDS * 1_000 + TIMER_SLACK_MS);
  expect(await statusOf(system.db, 'concert_seat', sale.seatIds[0]!)).toBe('FREE');
  expect((await fan.reservation(held.id)).body).toMatchObject({ status: 'EXPIRED', completedAt: held.expiresAt });

  expect(await handle.result()).toBe('EXPIRED');
  const { events } = await handle.fetchHistory();
  expect((await handle.describe()).status.name).toBe('COMPLETED');
  expect(events?.filter((event) => event.timerStartedEventAttributes)).toHaveLength(1);
  expect(events?.filter((event) => event.timerFiredEventAttributes)).toHaveLength(1);
  const other = await newGuest(system, sale);
  expect((await other.hold(sale.scheduleId, [sale.seatIds[0]!])).status).toBe(201);
});

test('a cancelled hold frees its seats at once', async () => {
  const sale = await newSale(admin);
  const [first, second] = [await newGuest(system, sale), await newGuest(system, sale)];
  const { body: held } = await first.hold(sale.scheduleId, [sale.seatIds[0]!]);
  expect((await first.cancel(held.id)).body).toMatchObject({ status: 'CANCELLED', expiresInSeconds: 0 });
  expect((await second.hold(sale.scheduleId, [sale.seatIds[0]!])).status).toBe(201);
  expect(await outcomeOf(system, `reservation-${held.id}`)).toBe('CANCELLED');
});

test('with one place, who waits is let in within a second after the one inside has paid', async () => {
  const sale = await newSale(admin, { maxActive: 1 });
  const [inside, waiting] = [await newGuest(system, sale, PRICE), await newFan(system)];
  expect((await waiting.join(sale.queue)).body).toMatchObject({ status: 'WAITING', position: 1, ahead: 0 });
  const tooEarly = await waiting.concerts();
  expect(tooEarly.problem).toMatchObject({ code: 'queue_token_waiting', position: 1 });

  const { body: held } = await inside.hold(sale.scheduleId, [sale.seatIds[0]!]);
  expect((await waiting.poll()).body.status).toBe('WAITING');
  expect((await inside.pay(held.id)).status).toBe(201);
  await eventually('the next one is inside', waiting.poll, ({ body }) => body.status === 'ACTIVE', ADMITTED_WITHIN_MS);
  expect((await waiting.concerts()).status).toBe(200);
});

test('a seat map is answered 304 until a seat changes', async () => {
  const sale = await newSale(admin);
  const fan = await newGuest(system, sale);
  const { etag } = (await fan.seats(sale.scheduleId)).headers;
  const unchanged = await fan.seats(sale.scheduleId, { headers: { 'if-none-match': etag } });
  expect([unchanged.status, unchanged.headers.etag]).toEqual([304, etag]);
  await fan.hold(sale.scheduleId, [sale.seatIds[0]!]);
  const changed = await fan.seats(sale.scheduleId, { headers: { 'if-none-match': etag } });
  expect([changed.status, changed.body.availableSeats]).toEqual([200, 7]);
});

test('leaving ends the token and cancels its holds', async () => {
  const sale = await newSale(admin);
  const fan = await newGuest(system, sale);
  const { body: held } = await fan.hold(sale.scheduleId, [sale.seatIds[0]!]);
  expect((await fan.leave()).status).toBe(204);
  expect((await fan.leave()).status).toBe(204);
  expect((await fan.poll()).body.status).toBe('LEFT');
  expect((await fan.reservation(held.id)).body.status).toBe('CANCELLED');
});

test('operators see the queues and the health of the process; the document and its page are there', async () => {
  const { queue } = await newSale(admin, { maxActive: 3, admitPerMinute: 600 });
  const { items } = (await admin.queues()).body;
  expect(items.find(({ name }) => name === queue)).toMatchObject({
    maxActive: 3,
    admitPerMinute: 600,
    paused: false,
    active: 0,
  });
  for (const probe of ['getLiveness', 'getReadiness', 'getMetrics', 'getOpenApi']) {
    expect((await admin.call(probe)).status).toBe(200);
  }
  const page = await send(system.url, { method: 'GET', path: '/docs' });
  expect([page.status, page.text.includes('/docs/swagger-ui-bundle.js')]).toEqual([200, true]);
});

describe('an administrator', () => {
  test('makes a concert and a date by a seating plan, changes both, and gets the plan back', async () => {
    const queue = `q-${randomUUID().slice(0, 8)}`;
    const { body: concert } = await admin.addConcert({ name: 'Small Hours', description: '', queue });
    const renamed = await admin.call('updateConcert', { id: concert.id, json: { name: 'Late Hours' } });
    expect(renamed.body).toEqual({ ...concert, name: 'Late Hours', queue });
    const day = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString();
    const times = { reservationStartAt: day(1), reservationEndAt: day(2), concertAt: day(3) };
    const { body: date } = await admin.addSchedule(concert.id, { place: 'Mill', ...times });

    const file = { plan: rowPlan(8_000, 1_000), prices: { R: 500 } };
    expect((await admin.importPlan(date.id, file)).body).toEqual({ added: 8_000 });
    expect((await admin.importPlan(date.id, file)).problem?.code).toBe('schedule_has_seats');
    expect((await admin.exportPlan(date.id)).body).toEqual(file);

    const fan = await newFan(system);
    await fan.join(queue);
    expect((await fan.concerts()).body.items).toEqual([]);
    await admin.changeSchedule(date.id, { reservationStartAt: day(-1), prices: { R: 700 } });
    expect((await fan.concerts()).body.items).toEqual([{ ...concert, name: 'Late Hours' }]);
    expect((await fan.seats(date.id)).body.seats[7_999]).toMatchObject({ location: 'H-1000', price: 700 });
    const plan = await fan.plan(date.id);
    expect([plan.body.plan, Object.keys(plan.body.seats).length]).toEqual([file.plan, 8_000]);
    const again = await fan.plan(date.id, { headers: { 'if-none-match': plan.headers.etag } });
    expect([again.status, again.headers.etag]).toEqual([304, plan.headers.etag]);
    const authorization = `Bearer ${fan.accessToken}`;
    const { body: map, text: mapText } = await fan.seats(date.id);
    for (const [what, content, long] of [
      ['plan', plan.body, plan.text.length],
      ['seats', { ...map, asOf: expect.any(String) }, mapText.length],
    ] as const) {
      const zipped = await fetch(`${system.url}/api/v1/schedules/${date.id}/${what}`, {
        headers: { authorization, 'x-queue-token': String(fan.queueToken), 'accept-encoding': 'gzip' },
      });
      expect(await zipped.json()).toEqual(content);
      const { 'content-encoding': encoding, vary, 'content-length': length } = Object.fromEntries(zipped.headers);
      expect([encoding, vary]).toEqual(['gzip', expect.stringContaining('Accept-Encoding')]);
      expect(Number(length)).toBeLessThan(long / 5);
    }
    expect((await admin.addSeats(date.id, { seats: [{ location: 'Box', price: 900 }] })).body).toEqual({ added: 1 });
    expect((await admin.call<{ items: object[] }>('listAllSchedules', { id: concert.id })).body.items).toMatchObject([
      { id: date.id, seats: 8_001, prices: { R: 700 } },
    ]);
    const page = await admin.call<{ items: { id: number }[] }>('listAllConcerts', { query: { limit: 100 } });
    expect(page.body.items.map(({ id }) => id)).toContain(concert.id);
  });

  test('pauses a queue and lets it go on, and sees it within a second; sees what was sold, and each booking', async () => {
    const sale = await newSale(admin);
    const mine = async () => (await admin.overview()).body.queues.find(({ name }) => name === sale.queue);
    await admin.setQueue(sale.queue, { paused: true });
    const fan = await newFan(system);
    await fan.join(sale.queue);
    await eventually('it is seen', mine, (queue) => queue?.paused === true && queue.waiting === 1, SEEN_WITHIN_MS);
    await admin.setQueue(sale.queue, { paused: false });
    const open = await eventually('and seen', mine, (queue) => queue?.active === 1, SEEN_WITHIN_MS);
    expect(open).toMatchObject({ paused: false, waiting: 0, oldestWaitSeconds: null });
    expect(open?.admittedPerMinute).toBeGreaterThanOrEqual(1);

    await fan.charge(PRICE);
    const { body: held } = await fan.hold(sale.scheduleId, [sale.seatIds[1]!]);
    await fan.pay(held.id);
    const sold = await eventually(
      'the date has sold a seat',
      async () => (await admin.overview()).body.sales.find(({ scheduleId }) => scheduleId === sale.scheduleId),
      (found) => found?.sold === 1,
    );
    expect(sold).toMatchObject({ free: 7, held: 0, revenue: PRICE });
    const history = (await admin.sales(sale.scheduleId, { bucketSeconds: '3600' })).body.items;
    expect(history.reduce((sum, { revenue }) => sum + revenue, 0)).toBe(PRICE);
    const [booking] = (await admin.bookings({ schedule: sale.scheduleId, location: 'A-2' })).body.items;
    expect(booking).toMatchObject({ userId: fan.userId, reservation: { id: held.id }, money: [{ amount: -PRICE }] });
    expect((await admin.bookings({ user: fan.userId })).body.items).toEqual([booking]);
    expect((await admin.bookings({})).problem?.errors).toMatchObject([{ pointer: '' }]);
  });

  test('sees the workflows that run, and the result of the sweep once it has been', async () => {
    const { state, namespace, open, notStarted } = await eventually(
      'workflows are counted',
      async () => (await admin.overview()).body.workflows,
      ({ open: running }) => (running?.queueToken ?? 0) > 0,
    );
    expect([state, namespace]).toEqual(['up', system.env['TEMPORAL_NAMESPACE']]);
    expect([open?.reservation, notStarted.reservations]).toEqual([expect.any(Number), 0]);
    const { sweep } = (await admin.overview()).body;
    expect(sweep.invariants.filter(({ violations }) => violations > 0)).toEqual([]);
  });
});

test('every operation of the API document was called in this file', () => {
  expect([...exercised].sort()).toEqual([...operations.keys()].sort());
});
