import fc from 'fast-check';
import { updateSchedule } from '../../src/db/concert-admin';
import { readSeatMap } from '../../src/db/concert';
import { exportPlan, importPlan, readPlan } from '../../src/db/plan';
import { seedDemoData } from '../../src/db/demo-data';
import { select, write } from '../../src/db/sql';
import { readPricedPlan } from '../../src/plan/check';
import { walkSeats } from '../../src/plan/walk';
import type { PlanView } from '../../src/contracts/plan';
import { rolledBack, untilUnderWay, useDatabase } from '../support/database';
import { rowPlan } from '../support/fan';
import { countOf, hold, makeBuyer, makeSale, pay, refusalOf, refusedUnchanged, TERMS } from '../support/fixtures';
import { newestPlans, olderPlans } from '../support/plans';

const { db } = useDatabase();
const seeded = useDatabase();

/** Each run writes a plan and reads it back. */
const RUNS = 25;

const newDate = async () => (await makeSale(db, { seats: 0 })).scheduleId;
const PRICED = readPricedPlan({ plan: rowPlan(3), prices: { R: 1_000 } });

/** What a fan reads of a plan. */
async function planOf(scheduleId: number, from = db): Promise<PlanView> {
  return JSON.parse((await readPlan(from, scheduleId)) ?? 'null') as PlanView;
}

describe('importing a plan', () => {
  test('any sound plan makes its seats, each at the price of its category, and is given back: import, export, import', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(newestPlans, olderPlans), async (file) => {
        const [priced, first, second] = [readPricedPlan(file), await newDate(), await newDate()];
        const placed = [...walkSeats(priced.plan)];

        expect(await importPlan(db, first, priced)).toEqual({ added: placed.length });
        const exported = await exportPlan(db, first);
        expect(exported).toEqual(priced);
        await importPlan(db, second, readPricedPlan(exported));
        expect(await exportPlan(db, second)).toEqual(exported);

        const { plan, seats } = await planOf(first);
        expect(plan).toEqual(priced.plan);
        const { view } = await readSeatMap(db, first);
        const byId = new Map(view.seats.map((seat) => [seat.id, seat]));
        expect(placed.map(({ seat }) => byId.get(seats[seat.seat_guid] as number))).toEqual(
          placed.map(({ seat, location }) => ({
            id: seats[seat.seat_guid],
            location,
            price: priced.prices[seat.category],
            available: true,
          })),
        );
        expect(view.seats).toHaveLength(placed.length);
      }),
      { numRuns: RUNS },
    );
  });

  test('is refused where there are seats, by a plan or otherwise, and for a date that is not there', async () => {
    const [sale, planned] = [await makeSale(db, { seats: 1 }), await newDate()];
    await importPlan(db, planned, PRICED);
    for (const scheduleId of [sale.scheduleId, planned]) {
      await refusedUnchanged(db, 'schedule_has_seats', () => importPlan(db, scheduleId, PRICED));
    }
    expect(await importPlan(db, 0, PRICED)).toBeUndefined();
    expect(await readPlan(db, sale.scheduleId)).toBeUndefined();
    expect(await exportPlan(db, sale.scheduleId)).toBeUndefined();
  });

  test('two at once: one makes the seats, the other is refused', async () => {
    const scheduleId = await newDate();
    const results = await Promise.allSettled([importPlan(db, scheduleId, PRICED), importPlan(db, scheduleId, PRICED)]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await countOf(db, 'concert_seat', 'concert_schedule_id = ?', [scheduleId])).toBe(3);
  });

  test('waits for whoever adds seats at the same time, and is refused then', async () => {
    const scheduleId = await newDate();
    const adding = await db.transaction();
    await write(adding, 'INSERT INTO concert_seat (concert_schedule_id, location, price) VALUES (?, ?, ?)', [
      scheduleId,
      'Z-1',
      1,
    ]);
    const importing = refusalOf(importPlan(db, scheduleId, PRICED));
    await untilUnderWay(db, 'SELECT id FROM concert_schedule WHERE id = % FOR UPDATE');
    await adding.commit();
    expect((await importing).code).toBe('schedule_has_seats');
  });

  test('control: without the lock on the date, both would make seats', async () => {
    const scheduleId = await newDate();
    const looks = () => select(db, 'SELECT id FROM concert_seat WHERE concert_schedule_id = ?', [scheduleId]);
    await rolledBack(db, async (adding) => {
      await write(adding, 'INSERT INTO concert_seat (concert_schedule_id, location, price) VALUES (?, ?, ?)', [
        scheduleId,
        'Z-1',
        1,
      ]);
      expect(await looks()).toEqual([]);
    });
  });
});

describe('changing prices', () => {
  const changed = (scheduleId: number) =>
    select<{ location: string; price: number }>(
      db,
      'SELECT location, price FROM concert_seat WHERE concert_schedule_id = ? ORDER BY id',
      [scheduleId],
    );

  test('holds from then on are at the new price, holds made before keep theirs', async () => {
    const { scheduleId } = await makeSale(db, { seats: 0 });
    await importPlan(db, scheduleId, PRICED);
    const { seats } = await planOf(scheduleId);
    const [a, b] = [seats['a-1'], seats['a-2']] as [number, number];
    const buyer = await makeBuyer(db, { balance: 10_000 });
    const sale = { concertId: 0, scheduleId, seatIds: [a, b] };
    const before = await hold(db, buyer, sale, [a]);

    const date = await updateSchedule(db, scheduleId, { prices: { R: 2_500 } });

    expect(date).toMatchObject({ id: scheduleId, prices: { R: 2_500 }, seats: 3, availableSeats: 2 });
    expect((await changed(scheduleId)).map(({ price }) => price)).toEqual([2_500, 2_500, 2_500]);
    expect((await hold(db, buyer, sale, [b])).totalPrice).toBe(2_500);
    expect((await pay(db, buyer, before.id)).payment.price).toBe(1_000);
    expect((await exportPlan(db, scheduleId))?.prices).toEqual({ R: 2_500 });
  });

  test('touches the seats of its category only', async () => {
    const scheduleId = await newDate();
    const { plan } = PRICED;
    const [zone] = plan.zones as [(typeof plan.zones)[number]];
    const seats = zone.rows[0]!.seats.map((seat, index) => ({ ...seat, category: index === 1 ? 'S' : 'R' }));
    const mixed = {
      ...plan,
      categories: [{ name: 'R' }, { name: 'S' }],
      zones: [{ ...zone, rows: [{ ...zone.rows[0]!, seats }] }],
    };
    await importPlan(db, scheduleId, { plan: mixed, prices: { R: 3, S: 2 } });

    await updateSchedule(db, scheduleId, { prices: { S: 9 } });

    expect((await changed(scheduleId)).map(({ price }) => price)).toEqual([3, 9, 3]);
    expect((await exportPlan(db, scheduleId))?.prices).toEqual({ R: 3, S: 9 });
  });

  test('of what is no category is refused with its pointer, and nothing is changed', async () => {
    const [scheduleId, bare] = [await newDate(), await makeSale(db, { seats: 1 })];
    await importPlan(db, scheduleId, PRICED);
    for (const [id, prices] of [
      [scheduleId, { R: 5, toString: 1 }],
      [bare.scheduleId, { R: 5 }],
    ] as const) {
      const refusal = await refusedUnchanged(db, 'validation_failed', () =>
        updateSchedule(db, id, { place: 'Elsewhere', prices: { ...prices } }),
      );
      expect(refusal.members['errors']).toMatchObject([{ pointer: expect.stringMatching(/^\/prices\/(R|toString)$/) }]);
    }
  });

  test('while somebody is taking a seat waits for them, and neither fails', async () => {
    const { scheduleId } = await makeSale(db, { seats: 0 });
    await importPlan(db, scheduleId, PRICED);
    const { seats } = await planOf(scheduleId);
    const buyer = await makeBuyer(db);
    const sale = { concertId: 0, scheduleId, seatIds: Object.values(seats) };
    const results = await Promise.allSettled([
      hold(db, buyer, sale, [seats['a-2'] as number], TERMS),
      updateSchedule(db, scheduleId, { prices: { R: 7 }, place: 'Elsewhere' }),
    ]);
    const refused = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
    expect(refused.filter((reason) => (reason as { code?: string }).code !== 'seat_contended')).toEqual([]);
    expect((await changed(scheduleId)).map(({ price }) => price)).toEqual([7, 7, 7]);
  });
});

test('the demo halls are plans: every seat is on its plan, at the price of its category, and has room', async () => {
  await seedDemoData(seeded.db);
  const dates = await select<{ id: number }>(seeded.db, 'SELECT id FROM concert_schedule ORDER BY id');
  const sizes = new Set<number>();
  for (const { id } of dates) {
    const exported = await exportPlan(seeded.db, id);
    expect(readPricedPlan(exported)).toEqual(exported);
    const { plan, seats } = await planOf(id, seeded.db);
    const { view } = await readSeatMap(seeded.db, id);
    expect(Object.values(seats).sort((a, b) => a - b)).toEqual(view.seats.map((seat) => seat.id));
    sizes.add(view.seats.length);
    expect(crowded(plan)).toEqual([]);
  }
  expect([...sizes].sort((a, b) => a - b)).toEqual([50, 1_000, 8_000]);
  const { view } = await readSeatMap(seeded.db, 1);
  expect(view.seats.slice(0, 3).map(({ location, price }) => [location, price])).toEqual([
    ['A-1', 99_000],
    ['A-2', 99_000],
    ['A-3', 99_000],
  ]);
});

/** Seats of a plan that are drawn over each other, or outside of it. */
function crowded({ zones, size }: PlanView['plan']): string[] {
  const radius = 10;
  const cells = new Map<string, { x: number; y: number }[]>();
  const found: string[] = [];
  for (const zone of zones) {
    for (const { seats } of zone.rows) {
      for (const { position, seat_guid } of seats) {
        const [x, y] = [zone.position.x + position.x, zone.position.y + position.y];
        const inside = x >= radius && y >= radius && x <= size.width - radius && y <= size.height - radius;
        const near = [-1, 0, 1].flatMap((right) =>
          [-1, 0, 1].flatMap((down) => cells.get(`${Math.floor(x / 20) + right} ${Math.floor(y / 20) + down}`) ?? []),
        );
        if (!inside || near.some((other) => Math.hypot(other.x - x, other.y - y) < 2 * radius)) found.push(seat_guid);
        const cell = `${Math.floor(x / 20)} ${Math.floor(y / 20)}`;
        cells.set(cell, [...(cells.get(cell) ?? []), { x, y }]);
      }
    }
  }
  return found;
}
