import { leaveQueue } from '../../src/db/queue';
import { readSeatMap } from '../../src/db/concert';
import { holdSeats } from '../../src/db/hold';
import { saveHolds } from '../../src/db/hold-save';
import { KeyTaken } from '../../src/db/idempotency';
import { cancelReservation, findReservation } from '../../src/db/reservation';
import { releaseHold } from '../../src/db/release';
import { transact } from '../../src/db/transaction';
import { contents, rolledBack, useDatabase } from '../support/database';
import {
  CURRENCY,
  granted,
  hold,
  holdOf,
  issueAll,
  makeActiveToken,
  makeBuyer,
  makeHoldOverdue,
  makeQueue,
  makeSale,
  makeTokenOverdue,
  makeUser,
  pay,
  refusalOf,
  refusedUnchanged,
  rowOf,
  statusOf,
  TERMS,
} from '../support/fixtures';

const { db } = useDatabase();
type Two = [number, number];

describe('holdSeats', () => {
  test('holds all seats until one moment, with the prices of now', async () => {
    const sale = await makeSale(db, { price: 1_500 });
    const buyer = await makeBuyer(db);
    const [a, b] = sale.seatIds as Two;

    const held = await hold(db, buyer, sale, [b, a]);

    expect(held).toMatchObject({
      status: 'HELD',
      scheduleId: sale.scheduleId,
      totalPrice: 3_000,
      currency: CURRENCY,
      expiresInSeconds: 300,
      completedAt: null,
      paymentId: null,
    });
    expect(held.tickets.map(({ seatId, location, price }) => [seatId, location, price])).toEqual([
      [a, 'A-1', 1_500],
      [b, 'A-2', 1_500],
    ]);
    expect(Date.parse(held.expiresAt) - Date.parse(held.reservedAt)).toBe(300_000);
    expect(await findReservation(db, buyer.userId, held.id)).toEqual({ ...held, expiresInSeconds: expect.any(Number) });
    for (const id of [a, b]) {
      const seat = await rowOf(db, 'concert_seat', id);
      expect(seat).toMatchObject({ status: 'HELD', reservation_id: held.id, held_until: new Date(held.expiresAt) });
    }
    const { view, validUntil } = await readSeatMap(db, sale.scheduleId);
    expect(view).toMatchObject({ availableSeats: 2 });
    expect(validUntil).toEqual(new Date(held.expiresAt));
  });

  test('a token lives as long as what it holds, and takes new holds until its own end only', async () => {
    const queue = await makeQueue(db, { activeSeconds: 60 });
    const sale = await makeSale(db, { queue: queue.name });
    const buyer = await makeActiveToken(db, await makeUser(db), queue.name);
    const other = await makeActiveToken(db, await makeUser(db), queue.name);
    const before = await rowOf<{ expires_at: Date }>(db, 'waiting_token', buyer.tokenId);
    const otherBefore = await rowOf(db, 'waiting_token', other.tokenId);
    const [a, b] = sale.seatIds as Two;

    const held = await hold(db, buyer, sale, [a], { holdSeconds: 300 });

    expect(await rowOf(db, 'waiting_token', other.tokenId)).toEqual(otherBefore);
    const extended = await rowOf(db, 'waiting_token', buyer.tokenId);
    expect(extended).toMatchObject({ expires_at: new Date(held.expiresAt), holds_until: before.expires_at });
    await db.raw('UPDATE waiting_token SET holds_until = NOW(3) WHERE id = ?', [buyer.tokenId]);
    await refusedUnchanged(db, 'queue_token_ended', () => hold(db, buyer, sale, [b]));
  });

  test('a hold does not shorten the life of its token', async () => {
    const sale = await makeSale(db);
    const buyer = await makeBuyer(db);
    const before = await rowOf<{ expires_at: Date }>(db, 'waiting_token', buyer.tokenId);

    await hold(db, buyer, sale, sale.seatIds.slice(0, 1), { holdSeconds: 5 });

    expect(await rowOf(db, 'waiting_token', buyer.tokenId)).toMatchObject({ expires_at: before.expires_at });
  });

  test('taken seats: seat_taken names those and no others', async () => {
    const sale = await makeSale(db);
    const [a, b, c] = sale.seatIds as [number, number, number];
    const [one, two] = [await makeBuyer(db, { balance: 5_000 }), await makeBuyer(db)];
    await hold(db, one, sale, [a]);
    const sold = await hold(db, one, sale, [c]);
    await pay(db, one, sold.id);

    const refusal = await refusedUnchanged(db, 'seat_taken', () => hold(db, two, sale, [c, b, a]));

    expect(refusal.members).toEqual({ seatIds: [a, c] });
  });

  test('an expired hold is taken over in place; its late release does not free the seats of the new owner', async () => {
    const sale = await makeSale(db);
    const [a, b] = sale.seatIds as Two;
    const [one, two] = [await makeBuyer(db), await makeBuyer(db)];
    const old = await hold(db, one, sale, [a, b]);
    await makeHoldOverdue(db, old.id);

    const held = await hold(db, two, sale, [a]);
    expect(await statusOf(db, 'reservation', old.id)).toBe('HELD');
    expect(await releaseHold(db, old.id)).toEqual({ outcome: 'EXPIRED' });

    expect(await rowOf(db, 'concert_seat', a)).toMatchObject({ status: 'HELD', reservation_id: held.id });
    expect(await rowOf(db, 'concert_seat', b)).toMatchObject({ status: 'FREE', reservation_id: null });
    expect(await statusOf(db, 'reservation', held.id)).toBe('HELD');
  });

  test('a seat somebody is taking right now: seat_contended at once, without waiting or trying again', async () => {
    const sale = await makeSale(db);
    const buyer = await makeBuyer(db);
    const [a, b] = sale.seatIds as Two;
    const before = await contents(db);
    const { refusal, tookMs } = await rolledBack(db, async (other) => {
      await other.raw('SELECT id FROM concert_seat WHERE id = ? FOR UPDATE', [b]);
      const startedAt = Date.now();
      return { refusal: await refusalOf(hold(db, buyer, sale, [a, b])), tookMs: Date.now() - startedAt };
    });

    expect(refusal.code).toBe('seat_contended');
    expect(tookMs).toBeLessThan(500);
    expect(await contents(db)).toEqual(before);
    expect(await hold(db, buyer, sale, [a, b])).toMatchObject({ status: 'HELD' });
  });

  test("a hold does not wait for anybody else's token", async () => {
    const sale = await makeSale(db);
    const [buyer, other] = [await makeBuyer(db), await makeBuyer(db)];

    await rolledBack(db, async (trx) => {
      await trx.raw('SELECT id FROM waiting_token WHERE id = ? FOR UPDATE', [other.tokenId]);
      expect(await hold(db, buyer, sale, sale.seatIds)).toMatchObject({ status: 'HELD' });
    });
  });

  test.each(['HELD', 'SOLD'])(
    'the second guard: a seat that is %s when it is to be written takes all back',
    async (state) => {
      const sale = await makeSale(db);
      const [one, two] = [await makeBuyer(db, { balance: 5_000 }), await makeBuyer(db)];
      const [a, b] = sale.seatIds as Two;
      const held = await hold(db, one, sale, [b]);
      if (state === 'SOLD') await pay(db, one, held.id);
      const seats = [a, b].map((id) => ({ id, scheduleId: sale.scheduleId, location: '', price: 0, taken: 0 }));

      const refusal = await refusedUnchanged(db, 'seat_taken', () =>
        transact(db, (trx) => saveHolds(trx, TERMS, [{ input: holdOf(two, sale, [a, b]), seats }])),
      );

      expect(refusal.members).toEqual({ seatIds: [a, b] });
    },
  );

  test('seats of another date, or of none: a pointer to each', async () => {
    const [sale, other] = [await makeSale(db), await makeSale(db)];
    const buyer = await makeBuyer(db);
    const seatIds = [sale.seatIds[0] ?? 0, other.seatIds[0] ?? 0, 999_999];

    const refusal = await refusedUnchanged(db, 'validation_failed', () => hold(db, buyer, sale, seatIds));

    const faults = refusal.members['errors'] as { pointer: string }[];
    expect(faults.map((fault) => fault.pointer)).toEqual(['/seatIds/1', '/seatIds/2']);
  });

  test('a date sold through another queue, and one that does not exist', async () => {
    const sale = await makeSale(db, { queue: (await makeQueue(db)).name });
    const buyer = await makeBuyer(db);

    await refusedUnchanged(db, 'queue_token_of_another_queue', () => hold(db, buyer, sale, sale.seatIds));
    await refusedUnchanged(db, 'not_found', () => hold(db, buyer, { ...sale, scheduleId: 999_999 }, sale.seatIds));
  });

  test.each([
    ['not open yet', { saleFromDays: 1, saleToDays: 2 }],
    ['closed', { saleFromDays: -2, saleToDays: -1 }],
  ])('a sale that is %s', async (_, days) => {
    const sale = await makeSale(db, days);
    const buyer = await makeBuyer(db);

    await refusedUnchanged(db, 'sales_not_open', () => hold(db, buyer, sale, sale.seatIds));
  });

  test('the ticket limit counts held and paid tickets of the date, also of an earlier token; not ended ones', async () => {
    const [sale, other] = [await makeSale(db, { seats: 12 }), await makeSale(db)];
    const first = await makeBuyer(db, { balance: 9_000 });
    const seats = [...sale.seatIds];
    const take = (count: number) => seats.splice(0, count);
    const paid = await hold(db, first, sale, take(2));
    expect((await pay(db, first, paid.id)).tokenUsed).toBe(true);
    const buyer = await makeActiveToken(db, first.userId);
    const cancelled = await hold(db, buyer, sale, take(1));
    await cancelReservation(db, buyer.userId, cancelled.id);
    const overdue = await hold(db, buyer, sale, take(2));
    await makeHoldOverdue(db, overdue.id);
    await hold(db, buyer, other, other.seatIds);
    await hold(db, buyer, sale, take(1));

    await refusedUnchanged(db, 'ticket_limit_exceeded', () => hold(db, buyer, sale, seats.slice(0, 2)));
    expect(await hold(db, buyer, sale, take(1))).toMatchObject({ status: 'HELD' });
    await refusedUnchanged(db, 'ticket_limit_exceeded', () => hold(db, buyer, sale, take(1)));
  });

  test('a refusal for any other reason leaves the seats alone: nobody finds them contended for it', async () => {
    const sale = await makeSale(db);
    const buyer = await makeBuyer(db);
    const asked: string[] = [];
    const ask = ({ sql }: { sql: string }) => void asked.push(sql);
    db.on('query', ask);

    const refusal = await refusalOf(hold(db, buyer, sale, sale.seatIds, { maxTickets: 1 }));

    db.off('query', ask);
    expect(refusal.code).toBe('ticket_limit_exceeded');
    expect(asked.filter((sql) => sql.includes('waiting_token'))).toHaveLength(1);
    expect(asked.filter((sql) => sql.includes('concert_seat'))).toEqual([]);
  });

  test('a token that waits, has left, is overdue or does not exist', async () => {
    const queue = await makeQueue(db, { maxActive: 2 });
    const sale = await makeSale(db, { queue: queue.name });
    const [left, overdue] = [
      await makeActiveToken(db, await makeUser(db), queue.name),
      await makeActiveToken(db, await makeUser(db), queue.name),
    ];
    const userId = await makeUser(db);
    const [waiting] = (await issueAll(db, [{ userId, queue: queue.name }])).issued;
    expect(waiting?.status).toBe('WAITING');
    const before = { userId, tokenId: waiting?.id ?? 0, queueId: queue.id };
    await refusedUnchanged(db, 'queue_token_ended', () => hold(db, before, sale, sale.seatIds));
    await leaveQueue(db, left.tokenId);
    await makeTokenOverdue(db, overdue.tokenId);

    for (const buyer of [left, overdue, { ...left, tokenId: 0 }]) {
      await refusedUnchanged(db, 'queue_token_ended', () => hold(db, buyer, sale, sale.seatIds));
    }
  });

  test('a key that is taken rolls the hold back', async () => {
    const sale = await makeSale(db);
    const buyer = await makeBuyer(db);
    const [a, b] = sale.seatIds as Two;
    const input = holdOf(buyer, sale, [a]);
    granted((await holdSeats(db, TERMS, [input]))[0]);
    const before = await contents(db);

    expect(await holdSeats(db, TERMS, [{ ...input, seatIds: [b] }])).toEqual([expect.any(KeyTaken)]);

    expect(await contents(db)).toEqual(before);
  });
});
