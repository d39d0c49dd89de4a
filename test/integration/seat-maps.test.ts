import pino from 'pino';
import { createSeatFeeds } from '../../src/api/live/seat-feeds';
import { createSeatMaps } from '../../src/api/seat-maps';
import { altered, stopAt } from '../support/altered';
import { until, useDatabase } from '../support/database';
import { hold, makeBuyer, makeSale, rowOf, type Sale } from '../support/fixtures';

const database = useDatabase();
const { db } = database;

const SEATS = /FROM concert_seat WHERE concert_schedule_id = \?/;
const stops: ReturnType<typeof stopAt>[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop.go();
});

/** The maps of one process, by a clock that moves by `takesMs` with every reading; `change` is what becomes of its statement. */
function openMaps(takesMs: number, change: (sql: string, nth: number) => string | Promise<string> = (sql) => sql) {
  const seen = { nowMs: 0, readings: 0 };
  const read = (sql: string) => {
    seen.nowMs += takesMs;
    seen.readings += 1;
    return change(sql, seen.readings);
  };
  const on = altered(database.pool(2), (sql) => (SEATS.test(sql) ? read(sql) : sql));
  const maps = createSeatMaps(on, () => seen.nowMs);
  const free = async ({ scheduleId }: Sale) => (await maps.read(scheduleId, undefined)).view.availableSeats;
  return { maps, seen, free };
}

/** Another process takes a seat. */
const take = async (sale: Sale, index: number) => hold(db, await makeBuyer(db), sale, [sale.seatIds[index] as number]);

test.each([
  [5, 100],
  [30, 120],
  [200, 800],
  [600, 1_000],
])(
  'a map that took %i ms to read is good for %i ms from when that began, and then is read again',
  async (takes, good) => {
    const sale = await makeSale(db, { seats: 4 });
    const { seen, free } = openMaps(takes);
    expect(await free(sale)).toBe(4);
    await take(sale, 0);
    seen.nowMs = good - 1;
    expect([await free(sale), seen.readings]).toEqual([4, 1]);
    seen.nowMs = good;
    expect([await free(sale), seen.readings]).toEqual([3, 2]);
  },
);

test('a reading that takes longer than any map is good for is shared by those who wait for it, and kept for nobody', async () => {
  const sale = await makeSale(db, { seats: 4 });
  const { seen, free } = openMaps(5_000);
  expect([await Promise.all([free(sale), free(sale)]), seen.readings]).toEqual([[4, 4], 1]);
  await take(sale, 0);
  expect(await free(sale)).toBe(3);
});

test.each(['invalidate', 'invalidateAll'] as const)(
  'what this process has changed is in the next map, however long the last one took to read: %s',
  async (how) => {
    const [sale, other] = [await makeSale(db, { seats: 4 }), await makeSale(db, { seats: 4 })];
    const { maps, seen, free } = openMaps(250);
    for (const each of [sale, other]) expect(await free(each)).toBe(4);
    for (const each of [sale, other]) await take(each, 0);
    maps[how](sale.scheduleId);
    expect([await free(sale), seen.nowMs]).toEqual([3, 750]);
    // Control: nobody said that of the other one.
    expect(await free(other)).toBe(how === 'invalidate' ? 4 : 3);
  },
);

test('who asks after a change by this process neither waits for a reading that began before it, nor gets it later', async () => {
  const sale = await makeSale(db, { seats: 4 });
  const stop = stopAt(SEATS);
  stops.push(stop);
  const { maps, seen, free } = openMaps(0, (sql, nth) => (nth === 1 ? stop.change(sql) : sql));
  const before = free(sale);
  await stop.reached;
  await take(sale, 0);
  maps.invalidate(sale.scheduleId);
  const asked = maps.read(sale.scheduleId, undefined);
  await until('it is read again', async () => seen.readings === 2);
  const after = await asked;
  expect(after.view.availableSeats).toBe(3);
  stop.go();
  await before;
  expect(await maps.read(sale.scheduleId, undefined)).toBe(after);
});

test('a map is good for no longer than until its first hold runs out', async () => {
  const sale = await makeSale(db, { seats: 4 });
  await take(sale, 0);
  const { held_until: heldUntil } = await rowOf<{ held_until: Date }>(db, 'concert_seat', sale.seatIds[0] as number);
  /** The database's clock, so long before that. */
  const at = (ms: number) => `CAST('${new Date(heldUntil.getTime() - ms).toISOString().slice(0, -1)}' AS DATETIME(3))`;
  const { seen, free } = openMaps(250, (sql, nth) => sql.replaceAll('NOW(3)', at(nth === 1 ? 300 : 0)));
  expect(await free(sale)).toBe(3);
  seen.nowMs = 299;
  expect([await free(sale), seen.readings]).toEqual([3, 1]);
  seen.nowMs = 300;
  expect([await free(sale), seen.readings]).toEqual([4, 2]);
});

test('a reading that failed is tried again by the next who asks', async () => {
  const sale = await makeSale(db, { seats: 4 });
  const { free } = openMaps(250, (sql, nth) => (nth === 1 ? 'SELECT nothing_like_this' : sql));
  await expect(free(sale)).rejects.toThrow('nothing_like_this');
  expect(await free(sale)).toBe(4);
});

test('who follows a date hears of a change by this process while the last map is good, and of any other when it no longer is', async () => {
  const sale = await makeSale(db, { seats: 4 });
  const { maps, seen } = openMaps(250);
  const feeds = createSeatFeeds({ seatMaps: maps, logger: pino({ enabled: false }) });
  await feeds.start();
  let told = 0;
  feeds.watch(sale.scheduleId, () => (told += 1));
  try {
    await until('the map is known', async () => told === 1);
    await take(sale, 0);
    maps.invalidate(sale.scheduleId);
    await until('the change is known', async () => told === 2);
    await take(sale, 1);
    seen.nowMs += 1_000;
    await until('that of another process is known', async () => told === 3);
    expect(seen.readings).toBe(3);
  } finally {
    await feeds.close();
  }
});
