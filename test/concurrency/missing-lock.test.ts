import { updateSchedule } from '../../src/db/concert-admin';
import type { Database } from '../../src/db/connect';
import { exportPlan, importPlan } from '../../src/db/plan';
import { leaveQueue } from '../../src/db/queue';
import { select } from '../../src/db/sql';
import { readPricedPlan } from '../../src/plan/check';
import { altered, stopAt, withoutLock } from '../support/altered';
import { brokenInvariants, until, untilUnderWay, useDatabase } from '../support/database';
import { rowPlan } from '../support/fan';
import { hold, makeBuyer, makeSale, pay, refusalOf, rowOf, statusOf, TERMS } from '../support/fixtures';

const database = useDatabase({ checked: false });
const { db } = database;
const opened: Database[] = [];
afterEach(async () => {
  for (const pool of opened.splice(0)) await pool.destroy();
});

const alter = (change: Parameters<typeof altered>[1]): Database => {
  const pool = altered(database.url, change);
  opened.push(pool);
  return pool;
};

/** Nothing is left out of any statement. */
const NONE = /$^/;
const DAY_MS = 86_400_000;

describe.each([
  ['with', NONE],
  ['without', /FROM waiting_token WHERE id = \?/],
])('%s the lock of the token, which keeps the order of locks', (_how, lock) => {
  /** A hold that is made all but its commit, and somebody who comes in between. */
  async function whileHolding<T>(buyer: Awaited<ReturnType<typeof makeBuyer>>, work: (on: Database) => Promise<T>) {
    const sale = await makeSale(db, { seats: 1 });
    const stop = stopAt(/^COMMIT/);
    const holding = hold(alter(stop.change), buyer, sale, sale.seatIds);
    await stop.reached;
    const working = work(alter(withoutLock(lock)));
    await untilUnderWay(db, '%waiting_token%');
    stop.go();
    return { held: await holding, result: await working };
  }

  test('a token is not used up by paying one hold while another is being made', async () => {
    const buyer = await makeBuyer(db, { balance: 10_000 });
    const sale = await makeSale(db, { seats: 1 });
    const first = await hold(db, buyer, sale, sale.seatIds);

    const { result } = await whileHolding(buyer, (on) => pay(on, buyer, first.id));

    expect(result.tokenUsed).toBe(false);
    expect(await statusOf(db, 'waiting_token', buyer.tokenId)).toBe('ACTIVE');
    expect(await brokenInvariants(db)).toEqual([]);
  });

  test('who leaves takes back a hold that was being made', async () => {
    const buyer = await makeBuyer(db);

    const { held, result } = await whileHolding(buyer, (on) => leaveQueue(on, buyer.tokenId));

    expect(result.cancelledReservationIds).toEqual([held.id]);
    expect(await brokenInvariants(db)).toEqual([]);
  });
});

describe('the lock of the seats in paying', () => {
  /** A hold runs out while its payment is between reading the clock and selling, and somebody wants the seat. */
  async function payLate(lock: RegExp) {
    const sale = await makeSale(db, { seats: 1 });
    const [buyer, other] = [await makeBuyer(db, { balance: 10_000 }), await makeBuyer(db)];
    const held = await hold(db, buyer, sale, sale.seatIds, { ...TERMS, holdSeconds: 1 });
    const stop = stopAt(/INSERT INTO payment/);
    const change = withoutLock(lock);
    const paying = pay(
      alter((sql) => stop.change(change(sql))),
      buyer,
      held.id,
    );
    await stop.reached;
    await until('the hold is over', async () => {
      const sql = 'SELECT id FROM reservation WHERE id = ? AND expires_at <= NOW(3)';
      return (await select(db, sql, [held.id])).length === 1;
    });
    const taking = hold(db, other, sale, sale.seatIds);
    return { taking, finish: async () => (stop.go(), await paying), seatId: sale.seatIds[0] as number, held };
  }

  test('with it, nobody takes a seat that is being paid', async () => {
    const { taking, finish, seatId, held } = await payLate(NONE);
    expect((await refusalOf(taking)).code).toBe('seat_contended');
    await finish();
    expect(await rowOf(db, 'concert_seat', seatId)).toMatchObject({ status: 'SOLD', reservation_id: held.id });
    expect(await brokenInvariants(db)).toEqual([]);
  });

  test('control: without it, the seat is sold to one and held by another', async () => {
    const { taking, finish, seatId } = await payLate(/FROM concert_seat WHERE reservation_id = \?/);
    const { id } = await taking;
    await finish();
    expect(await rowOf(db, 'concert_seat', seatId)).toMatchObject({ status: 'SOLD', reservation_id: id });
    expect(await brokenInvariants(db)).toContain('I1_seat_owner');
  });
});

describe.each([
  ['with the lock of the row nothing is lost', NONE, 'New Hall', 2_000],
  ['control: without it the second undoes the first', /FROM (concert_schedule|seating_plan) WHERE/, 'Hall', 1_000],
])('two operators change different things of one date: %s', (_how, lock, place, price) => {
  async function changeBoth(one: Parameters<typeof updateSchedule>[2], two: typeof one): Promise<number> {
    const { scheduleId } = await makeSale(db, { seats: 0 });
    const plan = rowPlan(4, 2);
    const seats = plan.zones[0]!.rows[1]!.seats;
    for (const seat of seats) seat.category = 'S';
    plan.categories.push({ name: 'S', color: '#336699' });
    await importPlan(db, scheduleId, readPricedPlan({ plan, prices: { R: 1_000, S: 1_000 } }));
    const stop = stopAt(/^COMMIT/);
    const first = updateSchedule(alter(stop.change), scheduleId, one);
    await stop.reached;
    const second = updateSchedule(alter(withoutLock(lock)), scheduleId, two);
    await untilUnderWay(db, '%');
    stop.go();
    await Promise.all([first, second]);
    return scheduleId;
  }

  test('its place and its time', async () => {
    const concertAt = new Date(Date.now() + 90 * DAY_MS).toISOString();
    const id = await changeBoth({ place: 'New Hall' }, { concertAt });
    expect((await rowOf<{ place: string }>(db, 'concert_schedule', id)).place).toBe(place);
  });

  test('the prices of two categories', async () => {
    const id = await changeBoth({ prices: { R: 2_000 } }, { prices: { S: 3_000 } });
    expect((await exportPlan(db, id))?.prices).toEqual({ R: price, S: 3_000 });
  });
});
