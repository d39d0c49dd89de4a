import { updateSchedule } from '../../src/db/concert-admin';
import type { Database } from '../../src/db/connect';
import { exportPlan, importPlan } from '../../src/db/plan';
import { leaveQueue } from '../../src/db/queue';
import { endToken } from '../../src/db/release';
import { select } from '../../src/db/sql';
import { readPricedPlan } from '../../src/plan/check';
import { altered, stopAt, withoutLock } from '../support/altered';
import { brokenInvariants, until, untilLockWait, useDatabase } from '../support/database';
import { rowPlan } from '../support/fan';
import { hold, makeBuyer, makeQueue, makeSale, pay, refusalOf, rowOf, statusOf, TERMS } from '../support/fixtures';

const database = useDatabase({ checked: false });
const { db } = database;
const stops: ReturnType<typeof stopAt>[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop.go();
});

/** A stop that `work` gets to; an error of its own if it ends before. */
async function stopped<T>(pattern: RegExp, work: (change: Change) => Promise<T>) {
  const stop = stopAt(pattern);
  stops.push(stop);
  const working = work(stop.change);
  await Promise.race([stop.reached, working.then(() => Promise.reject(new Error(`nothing like ${pattern}`)))]);
  return { go: stop.go, working };
}

type Change = Parameters<typeof altered>[1];
const alter = (change: Change): Database => altered(database.pool(1), change);

/** Nothing is left out of any statement. */
const NONE = /$^/;
const OF_TOKEN = /FROM waiting_token (WHERE id = \?|t LEFT JOIN)/;
const DAY_MS = 86_400_000;

describe.each([
  ['with', NONE],
  ['without', OF_TOKEN],
])('%s the lock of the token, because the statements that follow see to it as well', (_how, lock) => {
  /** A hold that is made all but its commit, and somebody who comes in between. */
  async function whileHolding<T>(buyer: Awaited<ReturnType<typeof makeBuyer>>, work: (on: Database) => Promise<T>) {
    const sale = await makeSale(db, { seats: 1 });
    const holding = await stopped(/^COMMIT/, (change) => hold(alter(change), buyer, sale, sale.seatIds));
    const working = work(alter(withoutLock(lock)));
    await untilLockWait(db);
    holding.go();
    return { held: await holding.working, result: await working };
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

describe('the locks of a payment whose time runs out between its look at the clock and its sale', () => {
  const HOLD_SECONDS = 3;

  /** With these locks left out; the token is over no later than its hold. */
  async function payLate(lock: RegExp) {
    const queue = (await makeQueue(db, { activeSeconds: HOLD_SECONDS })).name;
    const sale = await makeSale(db, { seats: 1, queue });
    const buyer = await makeBuyer(db, { balance: 10_000, queue });
    const held = await hold(db, buyer, sale, sale.seatIds, { ...TERMS, holdSeconds: HOLD_SECONDS });
    const without = withoutLock(lock);
    const paying = await stopped(/INSERT INTO payment/, (change) =>
      pay(
        alter((sql) => change(without(sql) as string)),
        buyer,
        held.id,
      ),
    );
    await until('hold and token are over', async () => {
      const sql = `SELECT r.id FROM reservation r JOIN waiting_token t ON t.id = r.waiting_token_id
        WHERE r.id = ? AND r.expires_at <= NOW(3) AND t.expires_at <= NOW(3)`;
      return (await select(db, sql, [held.id])).length === 1;
    });
    const finish = async (): Promise<void> => {
      paying.go();
      await paying.working;
    };
    const takeSeat = async () => hold(db, await makeBuyer(db, { queue }), sale, sale.seatIds);
    return { seatId: sale.seatIds[0] as number, buyer, held, takeSeat, finish };
  }

  test('with them, nobody takes a seat that is being paid, and its token is used up', async () => {
    const { seatId, buyer, held, takeSeat, finish } = await payLate(NONE);
    expect((await refusalOf(takeSeat())).code).toBe('seat_contended');
    const ending = endToken(db, buyer.tokenId);
    await untilLockWait(db);
    await finish();
    expect(await ending).toEqual({ outcome: 'USED' });
    expect(await rowOf(db, 'concert_seat', seatId)).toMatchObject({ status: 'SOLD', reservation_id: held.id });
    expect(await brokenInvariants(db)).toEqual([]);
  });

  test('control: without that of the seats, the seat is sold to one and held by another', async () => {
    const { seatId, takeSeat, finish } = await payLate(/FROM concert_seat WHERE reservation_id = \?/);
    const { id } = await takeSeat();
    await finish();
    expect(await rowOf(db, 'concert_seat', seatId)).toMatchObject({ status: 'SOLD', reservation_id: id });
    expect(await brokenInvariants(db)).toContain('I1_seat_owner');
  });

  test('control: without that of the token, it has expired for its workflow and is used up afterwards', async () => {
    const { buyer, finish } = await payLate(OF_TOKEN);
    expect(await endToken(db, buyer.tokenId)).toEqual({ outcome: 'EXPIRED' });
    await finish();
    expect(await statusOf(db, 'waiting_token', buyer.tokenId)).toBe('USED');
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
    const first = await stopped(/^COMMIT/, (change) => updateSchedule(alter(change), scheduleId, one));
    const second = updateSchedule(alter(withoutLock(lock)), scheduleId, two);
    await untilLockWait(db);
    first.go();
    await Promise.all([first.working, second]);
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
