import { newFan, newGuest, newSale, type Fan, type Sale } from '../support/fan';
import { startTestSystem, type TestSystem } from '../support/system';
import { expectInvariants } from '../support/database';
import { countOf, printedSeed, randomFrom } from '../support/fixtures';

const BUYERS = 200;
/** "At once" for two hundred requests that arrive in the same moment, on a machine that also runs all of them. */
const ANSWERED_WITHIN_MS = 3_000;

let system: TestSystem;
let admin: Fan;

beforeAll(async () => {
  system = await startTestSystem('seats', { apis: 2, env: { QUEUE_MAX_ACTIVE: '1000' } });
  admin = await newFan(system, 'admin');
});
afterEach(() => expectInvariants(system.db));
afterAll(() => system.stop());

/** Fans inside, half of them at each process. */
const guests = (sale: Sale, count: number): Promise<Fan[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => newGuest(system.apis[index % 2]!, sale)));

test(`${BUYERS} fans want the same seat at once, at two processes: one gets it, all others are refused at once`, async () => {
  const sale = await newSale(admin, { seats: 2, maxActive: 1_000 });
  const fans = await guests(sale, BUYERS);
  const [seat] = sale.seatIds as [number];
  const replies = await Promise.all(fans.map((fan) => fan.hold(sale.scheduleId, [seat])));

  expect(replies.filter(({ status }) => status === 201)).toHaveLength(1);
  const refused = replies.filter(({ status }) => status === 409).map(({ problem }) => problem?.code);
  expect(refused).toHaveLength(BUYERS - 1);
  expect([...new Set(refused)].filter((code) => code !== 'seat_taken' && code !== 'seat_contended')).toEqual([]);
  for (const { problem } of replies) if (problem?.code === 'seat_taken') expect(problem.seatIds).toEqual([seat]);
  expect(Math.max(...replies.map(({ tookMs }) => tookMs))).toBeLessThan(ANSWERED_WITHIN_MS);
  expect(await countOf(system.db, 'reservation', 'concert_schedule_id = ?', [sale.scheduleId])).toBe(1);
  expect(await countOf(system.db, 'reservation_ticket', 'concert_seat_id = ?', [seat])).toBe(1);
});

test('fans want overlapping seats at once: each gets all of theirs or none, and no seat has two holders', async () => {
  const sale = await newSale(admin, { seats: 12, maxActive: 1_000 });
  const random = randomFrom(printedSeed());
  const fans = await guests(sale, 60);
  const wishes = fans.map(() => {
    const first = Math.floor(random() * (sale.seatIds.length - 3));
    // In any order: that of the request must not be that of the locks.
    return sale.seatIds.slice(first, first + 4).sort(() => random() - 0.5);
  });
  const replies = await Promise.all(fans.map((fan, index) => fan.hold(sale.scheduleId, wishes[index]!)));

  const held = replies.filter(({ status }) => status === 201);
  expect(held.length).toBeGreaterThan(0);
  replies.forEach((reply, index) => {
    if (reply.status === 201) {
      const seats = reply.body.tickets.map(({ seatId }) => seatId).sort((a, b) => a - b);
      expect(seats).toEqual([...wishes[index]!].sort((a, b) => a - b));
    } else expect(['seat_taken', 'seat_contended']).toContain(reply.problem?.code);
  });
  const owned = held.flatMap(({ body }) => body.tickets.map(({ seatId }) => seatId));
  expect(new Set(owned).size).toBe(owned.length);
  expect(
    await countOf(system.db, 'concert_seat', `concert_schedule_id = ? AND status = 'HELD'`, [sale.scheduleId]),
  ).toBe(owned.length);
});

test('one fan with many requests at once never gets more tickets than one may have', async () => {
  const sale = await newSale(admin, { seats: 12 });
  const fan = await newGuest(system, sale);
  const replies = await Promise.all(
    sale.seatIds.map((seat, index) => fan.at(system.apis[index % 2]!).hold(sale.scheduleId, [seat])),
  );
  expect(replies.filter(({ status }) => status === 201)).toHaveLength(4);
  expect(new Set(replies.filter(({ status }) => status !== 201).map(({ problem }) => problem?.code))).toEqual(
    new Set(['ticket_limit_exceeded']),
  );
});
