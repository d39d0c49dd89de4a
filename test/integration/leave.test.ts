import { lockQueue, admit, saveQueue } from '../../src/db/admission';
import { leaveQueue } from '../../src/db/queue';
import { cancelReservation } from '../../src/db/reservation';
import { findTokens } from '../../src/db/tokens';
import { contents, rolledBack, until, untilUnderWay, useDatabase } from '../support/database';
import {
  countOf,
  hold,
  issueAll,
  makeActiveToken,
  makeHoldOverdue,
  makeQueue,
  makeSale,
  makeTokenOverdue,
  makeUser,
  makeUsers,
  pay,
  rowOf,
  statusOf,
} from '../support/fixtures';

const { db } = useDatabase();

describe('leaveQueue', () => {
  test('a waiting token is LEFT and those behind move up', async () => {
    const queue = await makeQueue(db, { paused: true });
    const userIds = await makeUsers(db, 3);
    const { issued } = await issueAll(
      db,
      userIds.map((userId) => ({ userId, queue: queue.name })),
    );

    const { ended, cancelledReservationIds } = await leaveQueue(db, issued[1]?.id ?? 0);

    expect(ended).toMatchObject({ id: issued[1]?.id, status: 'LEFT', endedAt: expect.any(Date) });
    expect(cancelledReservationIds).toEqual([]);
    expect(await rowOf(db, 'queue', queue.id)).toMatchObject({ waiting_count: 2, next_departure_no: 2 });
    const next = await issueAll(db, [{ userId: await makeUser(db), queue: queue.name }]);
    expect(next.issued[0]).toMatchObject({ ahead: 2 });
  });

  test('an active token: its live holds are cancelled, their seats free, and its place passes on', async () => {
    const queue = await makeQueue(db, { maxActive: 1 });
    const sale = await makeSale(db, { queue: queue.name, seats: 6 });
    const elsewhere = await makeSale(db);
    const stranger = await hold(db, await makeActiveToken(db, await makeUser(db)), elsewhere, elsewhere.seatIds);
    const buyer = await makeActiveToken(db, await makeUser(db, 9_000), queue.name);
    const next = await issueAll(db, [{ userId: await makeUser(db), queue: queue.name }]);
    expect(next.issued[0]?.status).toBe('WAITING');
    const [a, b, c, d, e] = sale.seatIds as [number, number, number, number, number];
    const [paid, overdue, one, two] = [
      await hold(db, buyer, sale, [a]),
      await hold(db, buyer, sale, [b]),
      await hold(db, buyer, sale, [c, d], { maxTickets: 9 }),
      await hold(db, buyer, sale, [e], { maxTickets: 9 }),
    ];
    expect((await pay(db, buyer, paid.id)).tokenUsed).toBe(false);
    await makeHoldOverdue(db, overdue.id);

    const departure = await leaveQueue(db, buyer.tokenId);

    expect(departure.ended?.status).toBe('LEFT');
    expect(departure.cancelledReservationIds).toEqual([one.id, two.id]);
    expect(departure.admitted.map((token) => token.id)).toEqual([next.issued[0]?.id]);
    const states = await Promise.all(sale.seatIds.map((id) => statusOf(db, 'concert_seat', id)));
    expect(states).toEqual(['SOLD', 'HELD', 'FREE', 'FREE', 'FREE', 'FREE']);
    expect(await statusOf(db, 'reservation', stranger.id)).toBe('HELD');
    expect((await leaveQueue(db, buyer.tokenId)).cancelledReservationIds).toEqual([one.id, two.id]);
    expect(await statusOf(db, 'reservation', paid.id)).toBe('PAID');
    expect(await countOf(db, 'queue_departure', 'queue_id = ?', [queue.id])).toBe(0);
  });

  test('repeated, it changes nothing and says the same', async () => {
    const buyer = await makeActiveToken(db, await makeUser(db));
    const sale = await makeSale(db);
    const { id } = await hold(db, buyer, sale, sale.seatIds.slice(0, 1));
    const first = await leaveQueue(db, buyer.tokenId);
    const before = await contents(db);

    const again = await leaveQueue(db, buyer.tokenId);

    // The cancelled holds, too: a process that dies after its commit has not told their workflows.
    expect(first.cancelledReservationIds).toEqual([id]);
    expect(again).toEqual({ ...first, admitted: [] });
    expect(await contents(db)).toEqual(before);
  });

  test('repeated for a waiting token, it counts one departure', async () => {
    const queue = await makeQueue(db, { paused: true });
    const { issued } = await issueAll(db, [{ userId: await makeUser(db), queue: queue.name }]);

    const departures = await Promise.all([1, 2, 3, 4].map(() => leaveQueue(db, issued[0]?.id ?? 0)));

    expect(departures.map(({ ended }) => ended?.status)).toEqual(['LEFT', 'LEFT', 'LEFT', 'LEFT']);
    expect(await rowOf(db, 'queue', queue.id)).toMatchObject({ waiting_count: 0, next_departure_no: 2 });
  });

  test('an overdue token reads EXPIRED before, and is EXPIRED after', async () => {
    const buyer = await makeActiveToken(db, await makeUser(db));
    await makeTokenOverdue(db, buyer.tokenId);
    const before = await contents(db);
    expect((await findTokens(db, [buyer.tokenId]))[0]?.status).toBe('EXPIRED');
    expect(await contents(db)).toEqual(before);
    expect(await statusOf(db, 'waiting_token', buyer.tokenId)).toBe('ACTIVE');

    expect((await leaveQueue(db, buyer.tokenId)).ended?.status).toBe('EXPIRED');
    expect(await statusOf(db, 'waiting_token', buyer.tokenId)).toBe('EXPIRED');
  });

  test('a used token stays USED, and tells nobody anew', async () => {
    const buyer = await makeActiveToken(db, await makeUser(db, 1_000));
    const sale = await makeSale(db, { seats: 2 });
    const [a, b] = sale.seatIds as [number, number];
    const [cancelled, paid] = [await hold(db, buyer, sale, [a]), await hold(db, buyer, sale, [b])];
    await cancelReservation(db, buyer.userId, cancelled.id);
    expect((await pay(db, buyer, paid.id)).tokenUsed).toBe(true);

    const departure = await leaveQueue(db, buyer.tokenId);

    expect(departure).toMatchObject({ ended: { status: 'USED' }, cancelledReservationIds: [], admitted: [] });
  });

  test('a token that does not exist', async () => {
    expect(await leaveQueue(db, 0)).toEqual({ ended: undefined, cancelledReservationIds: [], admitted: [] });
    expect(await findTokens(db, [0])).toEqual([undefined]);
  });

  test('an active token does not wait for the line', async () => {
    const buyer = await makeActiveToken(db, await makeUser(db));

    const { leaving } = await rolledBack(db, async (trx) => {
      await trx.raw('SELECT id FROM queue WHERE id = ? FOR UPDATE', [buyer.queueId]);
      const departure = leaveQueue(db, buyer.tokenId);
      await until('it has left', async () => (await statusOf(db, 'waiting_token', buyer.tokenId)) === 'LEFT');
      return { leaving: departure };
    });

    expect(await leaving).toMatchObject({ ended: { status: 'LEFT' }, admitted: [] });
  });

  test('a hold that is being made while its owner leaves is cancelled, too', async () => {
    const buyer = await makeActiveToken(db, await makeUser(db));
    const sale = await makeSale(db, { seats: 1 });
    const { holding, leaving } = await rolledBack(db, async (trx) => {
      await trx.raw('SELECT id FROM user WHERE id = ? FOR UPDATE', [buyer.userId]);
      const held = hold(db, buyer, sale, sale.seatIds);
      await untilUnderWay(db, '%INSERT INTO reservation %');
      const departure = leaveQueue(db, buyer.tokenId);
      await untilUnderWay(db, '%FROM waiting_token WHERE id%FOR UPDATE%');
      return { holding: held, leaving: departure };
    });

    expect((await leaving).cancelledReservationIds).toEqual([(await holding).id]);
    expect(await statusOf(db, 'concert_seat', sale.seatIds[0] ?? 0)).toBe('FREE');
  });

  test('a token admitted while its owner leaves is ended as an active one: the line stays exact', async () => {
    const queue = await makeQueue(db, { paused: true, maxActive: 1 });
    const userIds = await makeUsers(db, 2);
    const { issued } = await issueAll(
      db,
      userIds.map((userId) => ({ userId, queue: queue.name })),
    );
    const admission = await db.transaction();
    const locked = await lockQueue(admission, { id: queue.id });
    if (!locked) throw new Error('there is no queue');

    const leaving = leaveQueue(db, issued[0]?.id ?? 0);
    await untilUnderWay(db, '%FROM queue WHERE id%FOR UPDATE%');
    await admission.raw('UPDATE queue SET paused = 0 WHERE id = ?', [queue.id]);
    expect(await admit(admission, { ...locked, paused: 0 })).toEqual([issued[0]?.id]);
    await saveQueue(admission, { ...locked, waiting_count: 1, served_ticket_no: 1 });
    await admission.commit();

    expect((await leaving).ended?.status).toBe('LEFT');
    expect((await leaving).admitted.map((token) => token.id)).toEqual([issued[1]?.id]);
    expect(await rowOf(db, 'queue', queue.id)).toMatchObject({
      waiting_count: 0,
      served_ticket_no: 2,
      next_departure_no: 1,
    });
  });
});
