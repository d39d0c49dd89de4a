import {
  addSeats,
  createConcert,
  createSchedule,
  findConcert,
  findSchedule,
  listConcerts,
  listSchedules,
  readSeatMap,
} from '../../src/db/concert';
import { seedDemoData } from '../../src/db/demo-data';
import { useDatabase } from '../support/database';
import {
  countOf,
  hold,
  makeBuyer,
  makeHoldOverdue,
  makeQueue,
  makeSale,
  pay,
  refusedUnchanged,
} from '../support/fixtures';

const { db } = useDatabase();
const seeded = useDatabase();
const SETTINGS = { maxActive: 3, activeSeconds: 30 };

describe('concerts and dates', () => {
  test('a concert is listed while it has a date on sale, in the queue it is sold through', async () => {
    const queue = await makeQueue(db);
    const [now] = [await makeSale(db, { queue: queue.name }), await makeSale(db)];
    const soon = await makeSale(db, { queue: queue.name, saleFromDays: 1, saleToDays: 2 });
    const over = await makeSale(db, { queue: queue.name, saleFromDays: -2, saleToDays: -1 });
    const later = await makeSale(db, { queue: queue.name });

    const page = await listConcerts(db, { queueId: queue.id, limit: 9 });

    expect(page.map(({ id }) => id)).toEqual([now.concertId, later.concertId]);
    expect(await listConcerts(db, { queueId: queue.id, limit: 1, afterId: now.concertId })).toMatchObject([
      { id: later.concertId },
    ]);
    for (const { concertId } of [soon, over]) expect(await listSchedules(db, concertId)).toEqual([]);
    expect(await findConcert(db, now.concertId)).toMatchObject({ queueId: queue.id, name: 'Test' });
    expect(await findSchedule(db, soon.scheduleId)).toEqual({ id: soon.scheduleId, queueId: queue.id });
    expect(await findConcert(db, 0)).toBeUndefined();
    expect(await findSchedule(db, 0)).toBeUndefined();
  });

  test('a queue that does not exist is made with the concert; its settings are those of its making', async () => {
    const body = { name: 'One', description: 'Two', queue: 'new-queue' };

    const concert = await createConcert(db, body, SETTINGS);
    await createConcert(db, body, { maxActive: 99, activeSeconds: 99 });

    expect(concert).toEqual({ id: expect.any(Number), name: 'One', description: 'Two' });
    expect(await countOf(db, 'queue', `name = 'new-queue' AND max_active = 3 AND active_seconds = 30`)).toBe(1);
  });

  test('a date of no concert, and seats of no date, are not made', async () => {
    const at = new Date().toISOString();
    const date = { place: 'Hall', reservationStartAt: at, reservationEndAt: at, concertAt: at };

    expect(await createSchedule(db, 0, date)).toBeUndefined();
    expect(await addSeats(db, 0, [{ location: 'A-1', price: 1 }])).toBeUndefined();
  });
});

describe('seats', () => {
  test('a map counts free and overdue seats as available, and is valid until the next hold ends', async () => {
    const sale = await makeSale(db, { seats: 5 });
    const [one, two] = [await makeBuyer(db, { balance: 5_000 }), await makeBuyer(db)];
    const [a, b, c, d] = sale.seatIds as [number, number, number, number];
    await pay(db, one, (await hold(db, one, sale, [a])).id);
    const late = await hold(db, two, sale, [b], { holdSeconds: 300 });
    const early = await hold(db, two, sale, [c], { holdSeconds: 200 });
    await makeHoldOverdue(db, (await hold(db, two, sale, [d])).id);

    const { view, validUntil } = await readSeatMap(db, sale.scheduleId);

    expect(view.seats.map(({ available }) => available)).toEqual([false, false, false, true, true]);
    expect(view).toMatchObject({ scheduleId: sale.scheduleId, availableSeats: 2 });
    expect(validUntil?.toISOString()).toBe(early.expiresAt);
    expect(late.expiresAt > early.expiresAt).toBe(true);
    expect((await listSchedules(db, sale.concertId))[0]).toMatchObject({ id: sale.scheduleId, availableSeats: 2 });
  });

  test('calls add up; a location that exists is refused with its pointer, and nothing is added', async () => {
    const sale = await makeSale(db, { seats: 2 });
    expect(await addSeats(db, sale.scheduleId, [{ location: 'B-1', price: 5 }])).toEqual({ added: 1 });

    const refusal = await refusedUnchanged(db, 'validation_failed', () =>
      addSeats(db, sale.scheduleId, [
        { location: 'B-2', price: 5 },
        { location: 'A-2', price: 5 },
      ]),
    );

    expect(refusal.members['errors']).toMatchObject([{ pointer: '/seats/1/location' }]);
    expect((await readSeatMap(db, sale.scheduleId)).view.availableSeats).toBe(3);
  });

  test('two calls that add the same location at once: one is refused, whole', async () => {
    const sale = await makeSale(db, { seats: 1 });
    const add = (location: string) =>
      addSeats(db, sale.scheduleId, [
        { location, price: 5 },
        { location: 'C-9', price: 5 },
      ]);

    const results = await Promise.allSettled([add('C-1'), add('C-2')]);

    const refused = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
    expect(refused).toMatchObject([{ code: 'validation_failed' }]);
    expect((await readSeatMap(db, sale.scheduleId)).view.availableSeats).toBe(3);
  });
});

describe('seedDemoData', () => {
  test('fills an empty database once', async () => {
    expect(await seedDemoData(seeded.db)).toBe(4);
    expect(await seedDemoData(seeded.db)).toBe(0);

    expect(await countOf(seeded.db, 'concert')).toBe(4);
    expect(await countOf(seeded.db, 'concert_seat')).toBe(2 * 50 + 2 * 1_000 + 2 * 8_000 + 3 * 50);
  });
});
