import { cancelReservation, findReservation, findReservations, listReservations } from '../../src/db/reservation';
import { listConcerts, listSchedules, readSeatMap } from '../../src/db/concert';
import { findPaymentState } from '../../src/db/payment-find';
import { findTokens } from '../../src/db/tokens';
import { readQueueStates } from '../../src/db/queue-state';
import { findTimeline } from '../../src/db/timeline';
import { releaseHold } from '../../src/db/release';
import { contents, useDatabase } from '../support/database';
import {
  hold,
  makeBuyer,
  makeHoldOverdue,
  makeSale,
  makeTokenOverdue,
  pay,
  refusedUnchanged,
  statusOf,
  type Buyer,
  type Sale,
} from '../support/fixtures';

const { db } = useDatabase();

interface Reservations {
  buyer: Buyer;
  sale: Sale;
  ids: Record<'HELD' | 'PAID' | 'CANCELLED' | 'EXPIRED' | 'OVERDUE', number>;
}

/** One user's reservations, one in each state; OVERDUE says HELD in its row. */
async function makeReservations(): Promise<Reservations> {
  const sale = await makeSale(db, { seats: 5 });
  const buyer = await makeBuyer(db, { balance: 5_000 });
  const [a, b, c, d, e] = sale.seatIds as [number, number, number, number, number];
  const take = async (seatId: number) => (await hold(db, buyer, sale, [seatId], { maxTickets: 9 })).id;
  const ids = {
    EXPIRED: await take(a),
    PAID: await take(b),
    CANCELLED: await take(c),
    OVERDUE: await take(d),
    HELD: await take(e),
  };
  await makeHoldOverdue(db, ids.EXPIRED);
  expect(await releaseHold(db, ids.EXPIRED)).toEqual({ outcome: 'EXPIRED' });
  await pay(db, buyer, ids.PAID);
  await cancelReservation(db, buyer.userId, ids.CANCELLED);
  await makeHoldOverdue(db, ids.OVERDUE);
  expect(await statusOf(db, 'reservation', ids.OVERDUE)).toBe('HELD');
  return { buyer, sale, ids };
}

describe('reading reservations', () => {
  test.each([
    ['HELD', 'HELD'],
    ['PAID', 'PAID'],
    ['CANCELLED', 'CANCELLED'],
    ['EXPIRED', 'EXPIRED'],
    ['OVERDUE', 'EXPIRED'],
  ] as const)('one that is %s reads %s', async (state, status) => {
    const { buyer, sale, ids } = await makeReservations();

    const view = await findReservation(db, buyer.userId, ids[state]);

    expect(view).toMatchObject({ id: ids[state], status, scheduleId: sale.scheduleId, totalPrice: 1_000 });
    expect(view?.tickets).toHaveLength(1);
    expect(view?.completedAt === null).toBe(status === 'HELD');
    expect(view?.paymentId === null).toBe(status !== 'PAID');
    if (status === 'EXPIRED') expect(view).toMatchObject({ completedAt: view?.expiresAt, expiresInSeconds: 0 });
    if (status === 'HELD') expect(view?.expiresInSeconds).toBeGreaterThan(290);
  });

  test('a list is newest first and goes on from where the page before ended', async () => {
    const { buyer, ids } = await makeReservations();
    const all = Object.values(ids).sort((a, b) => b - a);

    const first = await listReservations(db, buyer.userId, { limit: 2 });
    const rest = await listReservations(db, buyer.userId, { limit: 9, beforeId: first[1]?.id });

    expect([...first, ...rest].map((view) => view.id)).toEqual(all);
    expect(rest.map((view) => [view.id, view.tickets.length])).toEqual(all.slice(2).map((id) => [id, 1]));
  });

  test("somebody else's is not found, not listed and not cancelled", async () => {
    const { ids } = await makeReservations();
    const { userId } = await makeBuyer(db);
    const before = await contents(db);

    expect(await findReservation(db, userId, ids.HELD)).toBeUndefined();
    expect(await listReservations(db, userId, { limit: 9 })).toEqual([]);
    expect(await cancelReservation(db, userId, ids.HELD)).toBeUndefined();
    expect(await cancelReservation(db, userId, 999_999)).toBeUndefined();
    expect(await contents(db)).toEqual(before);
  });

  test('no read writes, however overdue what it reads (I13)', async () => {
    const { buyer, sale, ids } = await makeReservations();
    await makeTokenOverdue(db, buyer.tokenId);
    const before = await contents(db);

    await listReservations(db, buyer.userId, { limit: 9 });
    for (const id of Object.values(ids)) await findReservation(db, buyer.userId, id);
    const views = await findReservations(db, Object.values(ids));
    const [token] = await findTokens(db, [buyer.tokenId]);
    await findPaymentState(db, buyer.userId, ids.OVERDUE);
    await readQueueStates(db);
    await listConcerts(db, { queueId: buyer.queueId, limit: 9 });
    await listSchedules(db, sale.concertId);
    const { view } = await readSeatMap(db, sale.scheduleId);

    expect(views).toHaveLength(5);
    expect(views.every(({ userId }) => userId === buyer.userId)).toBe(true);
    expect(token?.status).toBe('EXPIRED');
    expect(view.availableSeats).toBe(3);
    expect(await contents(db)).toEqual(before);
  });

  test('control: the checksum sees the smallest write', async () => {
    const { ids } = await makeReservations();
    const before = await contents(db);

    await db.raw('UPDATE reservation SET workflow_started_at = NOW(3) WHERE id = ?', [ids.HELD]);

    expect(await contents(db)).not.toEqual(before);
  });
});

describe('cancelReservation', () => {
  test('a live hold is CANCELLED and its seats are free at once', async () => {
    const { buyer, sale, ids } = await makeReservations();
    const [, , , , seatId] = sale.seatIds as [number, number, number, number, number];

    const result = await cancelReservation(db, buyer.userId, ids.HELD);

    expect(result).toMatchObject({
      changed: true,
      reservation: { id: ids.HELD, status: 'CANCELLED', expiresInSeconds: 0 },
    });
    expect(await statusOf(db, 'concert_seat', seatId)).toBe('FREE');
    expect(await hold(db, await makeBuyer(db), sale, [seatId])).toMatchObject({ status: 'HELD' });
  });

  test.each([
    ['CANCELLED', 'CANCELLED'],
    ['EXPIRED', 'EXPIRED'],
    ['OVERDUE', 'EXPIRED'],
  ] as const)('one that is %s is given back as %s, unchanged', async (state, status) => {
    const { buyer, ids } = await makeReservations();
    const before = await contents(db);

    const result = await cancelReservation(db, buyer.userId, ids[state]);

    expect(result).toMatchObject({ changed: false, reservation: { id: ids[state], status } });
    expect(await contents(db)).toEqual(before);
  });

  test('a paid one is refused', async () => {
    const { buyer, ids } = await makeReservations();

    await refusedUnchanged(db, 'reservation_not_cancellable', () => cancelReservation(db, buyer.userId, ids.PAID));
  });

  test('the seats another one has taken over meanwhile stay with it', async () => {
    const { buyer, sale, ids } = await makeReservations();
    const [, , , seatId] = sale.seatIds as [number, number, number, number];
    const held = await hold(db, await makeBuyer(db), sale, [seatId]);

    expect(await cancelReservation(db, buyer.userId, ids.OVERDUE)).toMatchObject({ changed: false });

    expect(await findReservation(db, buyer.userId, held.id)).toBeUndefined();
    expect(await statusOf(db, 'reservation', held.id)).toBe('HELD');
    expect(await statusOf(db, 'concert_seat', seatId)).toBe('HELD');
  });
});

describe('how a reservation went', () => {
  test.each([
    ['HELD', []],
    ['PAID', ['PAID']],
    ['CANCELLED', ['CANCELLED']],
    ['EXPIRED', ['EXPIRED']],
    ['OVERDUE', ['EXPIRED']],
  ] as const)('one that is %s was queued, admitted and held, then %j', async (state, ends) => {
    const { buyer, ids } = await makeReservations();
    const found = await findTimeline(db, buyer.userId, ids[state]);
    expect(found).toMatchObject({ reservationId: ids[state], concertName: 'Test', place: 'Hall' });
    expect(found!.steps.map(({ step }) => step)).toEqual(['QUEUED', 'ADMITTED', 'HELD', ...ends]);
    expect(found!.payment?.reservationId).toBe(state === 'PAID' ? ids.PAID : undefined);
  });

  test("somebody else's is not to be found", async () => {
    const { buyer, ids } = await makeReservations();
    expect(await findTimeline(db, buyer.userId + 1, ids.PAID)).toBeUndefined();
  });
});
