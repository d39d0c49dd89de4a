import { Client, Connection } from '@temporalio/client';
import { pino } from 'pino';
import { createOverview } from '../../src/api/overview';
import { createQueueSnapshot } from '../../src/api/queue-snapshot';
import { loadConfig } from '../../src/config';
import { admitNext } from '../../src/db/admission';
import { listAllConcerts, listAllSchedules, updateConcert, updateSchedule } from '../../src/db/concert-admin';
import { findBookings } from '../../src/db/bookings';
import { readBoundedBacklog } from '../../src/db/dispatch';
import { checkInvariants, readLastSweep, ROW_INVARIANTS, saveInvariantResults } from '../../src/db/invariants';
import { leaveQueue } from '../../src/db/queue';
import { readOldestWaits, readQueueStates } from '../../src/db/queue-state';
import { cancelReservation } from '../../src/db/reservation';
import { readSales, readSalesHistory } from '../../src/db/sales';
import type { Transaction } from '../../src/db/connect';
import { select, write } from '../../src/db/sql';
import { rolledBack, until, useDatabase } from '../support/database';
import {
  hold,
  issueAll,
  makeBuyer,
  makeHoldOverdue,
  makeQueue,
  makeSale,
  makeUser,
  makeUsers,
  pay,
  refusedUnchanged,
} from '../support/fixtures';

const { db, url } = useDatabase();
/** Its tables are filled with rows that no product code would write. */
const strange = useDatabase({ checked: false });

describe('bookings', () => {
  test('are found by id, by user and by seat, newest first, with what happened when and what money moved', async () => {
    const sale = await makeSale(db, { seats: 3, price: 700 });
    const [a, b, c] = sale.seatIds as [number, number, number];
    const buyer = await makeBuyer(db, { balance: 5_000 });
    const cancelled = await hold(db, buyer, sale, [a]);
    await cancelReservation(db, buyer.userId, cancelled.id);
    const overdue = await hold(db, buyer, sale, [b]);
    await makeHoldOverdue(db, overdue.id);
    const open = await hold(db, buyer, sale, [c]);
    const paid = await hold(db, buyer, sale, [a]);
    const { payment } = await pay(db, buyer, paid.id);

    const found = await findBookings(db, { userId: buyer.userId });

    expect(found.map(({ reservation }) => reservation.id)).toEqual([paid.id, open.id, overdue.id, cancelled.id]);
    expect(found.map(({ timeline }) => timeline.steps.map(({ step }) => step))).toEqual([
      ['QUEUED', 'ADMITTED', 'HELD', 'PAID'],
      ['QUEUED', 'ADMITTED', 'HELD'],
      ['QUEUED', 'ADMITTED', 'HELD', 'EXPIRED'],
      ['QUEUED', 'ADMITTED', 'HELD', 'CANCELLED'],
    ]);
    // The overdue one was made to end before it began.
    for (const { timeline } of found.filter(({ reservation }) => reservation.id !== overdue.id)) {
      const times = timeline.steps.map(({ at }) => at);
      expect(times).toEqual([...times].sort());
    }
    expect(found.map(({ money }) => money)).toEqual([
      [{ entryId: expect.any(Number), kind: 'PAYMENT', amount: -700, at: payment.paidAt }],
      [],
      [],
      [],
    ]);
    expect(found[0]).toMatchObject({ userId: buyer.userId, queueTokenId: buyer.tokenId, timeline: { payment } });
    expect(await findBookings(db, { reservationId: open.id })).toEqual([found[1]]);
    const ofSeat = await findBookings(db, { scheduleId: sale.scheduleId, location: 'A-1' });
    expect(ofSeat).toEqual([found[0], found[3]]);
    expect(await findBookings(db, { scheduleId: sale.scheduleId, location: 'A-9' })).toEqual([]);
    expect(await findBookings(db, { reservationId: Number.MAX_SAFE_INTEGER })).toEqual([]);
  });
});

describe('sales', () => {
  test('seats free, held and sold add up, overdue holds are free, and revenue is what was paid', async () => {
    const sale = await makeSale(db, { seats: 6, price: 300 });
    const [a, b, c, d] = sale.seatIds as [number, number, number, number];
    const [one, two] = [await makeBuyer(db, { balance: 5_000 }), await makeBuyer(db)];
    await pay(db, one, (await hold(db, one, sale, [a, b])).id);
    await hold(db, two, sale, [c]);
    await makeHoldOverdue(db, (await hold(db, two, sale, [d])).id);

    const mine = (await readSales(db)).find(({ scheduleId }) => scheduleId === sale.scheduleId);

    expect(mine).toMatchObject({ concert: 'Test', free: 3, held: 1, sold: 2, revenue: 600 });
    expect((await readSales(db)).map(({ scheduleId }) => scheduleId)).toContain(sale.scheduleId);
  });

  test('dates on sale come first, and what is over is left out', async () => {
    const later = await makeSale(db, { saleFromDays: 1, saleToDays: 2 });
    const now = await makeSale(db, { saleToDays: 20 });
    const over = await makeSale(db, { saleFromDays: -9, saleToDays: -5 });
    const order = (await readSales(db)).map(({ scheduleId }) => scheduleId);
    expect(order.indexOf(now.scheduleId)).toBeGreaterThanOrEqual(0);
    expect(order.indexOf(later.scheduleId)).toBeGreaterThan(order.indexOf(now.scheduleId));
    expect(order).not.toContain(over.scheduleId);
  });

  test('a history has every piece of time, with seats and money where something was sold', async () => {
    const sale = await makeSale(db, { seats: 5, price: 250 });
    const [a, b, c, d, e] = sale.seatIds as [number, number, number, number, number];
    const [one, two] = [await makeBuyer(db, { balance: 5_000 }), await makeBuyer(db, { balance: 5_000 })];
    const earlier = await hold(db, one, sale, [a, b]);
    await pay(db, one, earlier.id);
    const age = `UPDATE reservation SET reserved_at = reserved_at - INTERVAL ? HOUR,
      completed_at = completed_at + INTERVAL ? HOUR WHERE id = ?`;
    await write(db, age, [4, -2, earlier.id]);
    await hold(db, await makeBuyer(db), sale, [d]);
    await makeHoldOverdue(db, (await hold(db, await makeBuyer(db), sale, [e])).id);
    await pay(db, two, (await hold(db, two, sale, [c])).id);

    const history = await readSalesHistory(db, sale.scheduleId, 3_600);

    const sold = history?.items.map((item) => item.sold) ?? [];
    expect(sold).toHaveLength(60);
    // The hour may end in between.
    expect(sold.join('')).toMatch(/^0+200?10*$/);
    expect(history?.items.map((item) => item.revenue)).toEqual(sold.map((seats) => seats * 250));
    // Two were held two hours long before they were sold; one is held now, and one was until a moment ago.
    expect(history?.items.map((item) => item.held).join('')).toMatch(/^0+220*1{1,2}$/);
    expect(history?.items.map((item) => item.free).join('')).toMatch(/^5+3+1*$/);
    const gaps = history?.items
      .slice(1)
      .map(({ from }, index) => Date.parse(from) - Date.parse(history.items[index]!.from));
    expect(new Set(gaps)).toEqual(new Set([3_600_000]));
    expect(await readSalesHistory(db, 0, 60)).toBeUndefined();
    // Restored: the row is older than its ledger entry, which is none of the invariants, but none of the truth either.
    await write(db, age, [-4, 2, earlier.id]);
  });
});

describe('the last sweep', () => {
  test('before the first one nobody knows; then each invariant has its result, until the sweep falls silent', async () => {
    expect(await readLastSweep(strange.db)).toEqual({ checkedAt: null, silent: true, invariants: [] });

    await saveInvariantResults(strange.db, await checkInvariants(strange.db));
    const sound = await readLastSweep(strange.db);
    expect(sound.silent).toBe(false);
    expect(sound.invariants.map(({ name }) => name)).toEqual(ROW_INVARIANTS);
    expect(sound.invariants.every(({ violations }) => violations === 0)).toBe(true);

    const userId = await makeUser(strange.db);
    await write(strange.db, 'UPDATE asset SET balance = 5 WHERE user_id = ?', [userId]);
    await saveInvariantResults(strange.db, await checkInvariants(strange.db));
    const broken = (await readLastSweep(strange.db)).invariants.filter(({ violations }) => violations > 0);
    expect(broken).toMatchObject([{ name: 'I4_balance', violations: 1, never: expect.any(String) }]);

    await write(strange.db, 'UPDATE invariant_result SET checked_at = NOW(3) - INTERVAL 4 MINUTE');
    expect((await readLastSweep(strange.db)).silent).toBe(true);
  });
});

test('a backlog is counted up to a bound', async () => {
  const queue = await makeQueue(strange.db, { paused: true });
  const userIds = await makeUsers(strange.db, 5);
  await issueAll(
    strange.db,
    userIds.map((userId) => ({ userId, queue: queue.name })),
  );
  expect(await readBoundedBacklog(strange.db, 100)).toEqual({ tokens: 5, reservations: 0 });
  expect(await readBoundedBacklog(strange.db, 3)).toEqual({ tokens: 3, reservations: 0 });
});

test('the first in line is who waits longest, whoever left before', async () => {
  const queue = await makeQueue(db, { paused: true });
  const userIds = await makeUsers(db, 3);
  const { issued } = await issueAll(
    db,
    userIds.map((userId) => ({ userId, queue: queue.name })),
  );
  const ages = [90, 60, 30];
  for (const [index, token] of issued.entries()) {
    await write(db, 'UPDATE waiting_token SET issued_at = issued_at - INTERVAL ? SECOND WHERE id = ?', [
      ages[index],
      token?.id,
    ]);
  }
  await leaveQueue(db, issued[0]?.id ?? 0);
  const seconds = (await readOldestWaits(db)).get(queue.id) ?? 0;
  expect([60, 61, 62, 63]).toContain(seconds);
});

describe('the overview', () => {
  test('shows the queues as they move, and what is stored, while Temporal is away', async () => {
    const queue = await makeQueue(db, { maxActive: 2 });
    const snapshot = createQueueSnapshot({ db, logger: pino({ level: 'silent' }) });
    const connection = Connection.lazy({ address: '127.0.0.1:1' });
    const config = loadConfig({
      DATABASE_URL: url,
      TOKEN_SECRET: 'a-secret-of-this-test-and-of-nothing-else',
      AUTH_MODE: 'dev',
      TEMPORAL_UI_URL: 'http://localhost:8233',
    });
    const overview = createOverview({ db, client: new Client({ connection }), snapshot, config });
    await snapshot.start();
    try {
      const userIds = await makeUsers(db, 5);
      const { issued } = await issueAll(
        db,
        userIds.map((userId) => ({ userId, queue: queue.name })),
      );
      await leaveQueue(db, issued[4]?.id ?? 0);
      await leaveQueue(db, issued[0]?.id ?? 0);
      await admitNext(db, queue.id);
      const mine = async () => (await overview.read()).queues.find(({ name }) => name === queue.name);
      await until('the snapshot has seen all of it', async () => {
        const seen = await mine();
        return seen?.admittedPerMinute === 3 && seen.active === 2;
      });
      expect(await mine()).toMatchObject({
        waiting: 1,
        active: 2,
        maxActive: 2,
        admittedPerMinute: 3,
        departedPerMinute: 1,
        finishedPerMinute: 1,
        oldestWaitSeconds: expect.any(Number),
        drainSeconds: expect.any(Number),
      });
      const { workflows, sales, sweep, currency } = await overview.read();
      expect(workflows).toMatchObject({ state: 'down', open: null, failed: null, uiUrl: 'http://localhost:8233' });
      expect(workflows.notStarted.tokens).toBeGreaterThan(0);
      expect([sales.length > 0, sweep.silent, currency]).toEqual([true, true, 'KRW']);
    } finally {
      await snapshot.close();
      await overview.close();
      await connection.close();
    }
  });

  test('reads no more rows however many wait', async () => {
    const limit = 50;
    const queue = await makeQueue(db, { paused: true });
    const cost = () =>
      rolledBack(db, async (trx) => {
        const before = await rowsRead(trx);
        for (const read of [readQueueStates, readOldestWaits, readSales, readLastSweep]) await read(trx);
        await readBoundedBacklog(trx, limit);
        return (await rowsRead(trx)) - before;
      });
    const empty = await cost();
    const userIds = await makeUsers(db, 3_000);
    await issueAll(
      db,
      userIds.map((userId) => ({ userId, queue: queue.name })),
    );
    expect((await cost()) - empty).toBeLessThan(4 * limit);
  });
});

/** How many rows this connection has read from tables and indexes. */
async function rowsRead(trx: Transaction): Promise<number> {
  const rows = await select<{ Value: string }>(trx, `SHOW SESSION STATUS LIKE 'Handler_read%'`);
  return rows.reduce((sum, { Value }) => sum + Number(Value), 0);
}

describe('administration', () => {
  test('all concerts are listed and can be renamed; the queue stays', async () => {
    const queue = await makeQueue(db);
    const sale = await makeSale(db, { queue: queue.name, saleFromDays: 5, saleToDays: 6 });
    expect(await listAllConcerts(db, { limit: 1, afterId: sale.concertId - 1 })).toEqual([
      { id: sale.concertId, name: 'Test', description: 'Test', queue: queue.name },
    ]);
    const renamed = await updateConcert(db, sale.concertId, { name: 'Other' });
    expect(renamed).toEqual({ id: sale.concertId, name: 'Other', description: 'Test', queue: queue.name });
    expect(await updateConcert(db, sale.concertId, { description: '' })).toMatchObject({
      name: 'Other',
      description: '',
    });
    expect(await updateConcert(db, 0, { name: 'Nothing' })).toBeUndefined();
  });

  test('all dates are listed, and moved only to times in their order', async () => {
    const sale = await makeSale(db, { seats: 2, saleFromDays: 5, saleToDays: 6 });
    const [date] = (await listAllSchedules(db, sale.concertId)) ?? [];
    expect(date).toMatchObject({ id: sale.scheduleId, seats: 2, availableSeats: 2, prices: null });
    const moved = await updateSchedule(db, sale.scheduleId, { reservationStartAt: '2020-01-01T09:00:00+09:00' });
    expect(moved).toEqual({ ...date, reservationStartAt: '2020-01-01T00:00:00.000Z' });
    const refusal = await refusedUnchanged(db, 'validation_failed', () =>
      updateSchedule(db, sale.scheduleId, { concertAt: '2020-01-02T00:00:00Z' }),
    );
    expect(refusal.members['errors']).toMatchObject([{ pointer: '/concertAt' }]);
    expect(await updateSchedule(db, 0, { place: 'Nowhere' })).toBeUndefined();
    expect(await listAllSchedules(db, 0)).toBeUndefined();
  });
});
