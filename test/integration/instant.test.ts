import { admitNext } from '../../src/db/admission';
import { claimUntold } from '../../src/db/dispatch';
import { leaveQueue } from '../../src/db/queue';
import { endToken, expireTokens, releaseHold } from '../../src/db/release';
import { cancelReservation, findReservation } from '../../src/db/reservation';
import { findTokens } from '../../src/db/tokens';
import { altered } from '../support/altered';
import { useDatabase } from '../support/database';
import {
  hold,
  issueAll,
  makeActiveToken,
  makeBuyer,
  makeBuyers,
  makeQueue,
  makeSale,
  makeUser,
  pay,
  refusedUnchanged,
  rowOf,
  statusOf,
} from '../support/fixtures';

/** Not checked: what happens minutes from now contradicts the invariants of now. */
const database = useDatabase({ checked: false });
const { db } = database;
/** One connection, whose clock stands still; SYSDATE would go on. */
const still = altered(database.pool(1), (sql) => sql.replaceAll('SYSDATE(3)', 'NOW(3)'));

async function stopClock(at: Date | string, plusMs = 0): Promise<void> {
  await still.raw('SET timestamp = ?', [(new Date(at).getTime() + plusMs) / 1_000]);
}

/** The deadline of an ACTIVE token. */
async function endOf(tokenId: number): Promise<Date> {
  return (await rowOf<{ expires_at: Date }>(db, 'waiting_token', tokenId)).expires_at;
}

describe('at the millisecond of its deadline a hold is over, and a millisecond before it is not', () => {
  /** A hold that ends before the token it was made with; the clock stands that long before its end. */
  async function makeEndingHold(beforeMs: number) {
    const sale = await makeSale(db);
    const buyer = await makeBuyer(db, { balance: 9_000 });
    const held = await hold(db, buyer, sale, sale.seatIds.slice(0, 2));
    await stopClock(held.expiresAt, -beforeMs);
    return { sale, buyer, held };
  }

  test('for whoever reads it', async () => {
    const { buyer, held } = await makeEndingHold(0);
    const over = { status: 'EXPIRED', completedAt: held.expiresAt, expiresInSeconds: 0 };
    expect(await findReservation(still, buyer.userId, held.id)).toMatchObject(over);

    await stopClock(held.expiresAt, -1);
    const live = { status: 'HELD', completedAt: null, expiresInSeconds: 1 };
    expect(await findReservation(still, buyer.userId, held.id)).toMatchObject(live);
  });

  test('for its owner, who can neither pay nor cancel it', async () => {
    const { buyer, held } = await makeEndingHold(0);
    await refusedUnchanged(db, 'hold_expired', () => pay(still, buyer, held.id));
    expect(await cancelReservation(still, buyer.userId, held.id)).toMatchObject({ changed: false });
    expect((await leaveQueue(still, buyer.tokenId)).cancelledReservationIds).toEqual([]);

    const early = await makeEndingHold(1);
    expect((await pay(still, early.buyer, early.held.id)).tokenUsed).toBe(true);
  });

  test('for its timer', async () => {
    const { held } = await makeEndingHold(1);
    expect(await releaseHold(still, held.id)).toEqual({ outcome: 'TOO_EARLY', remainingMs: 50 });

    await stopClock(held.expiresAt);
    expect(await releaseHold(still, held.id)).toEqual({ outcome: 'EXPIRED' });
  });

  test('for whoever wants its seats', async () => {
    const { sale, held } = await makeEndingHold(1);
    const other = await makeBuyer(db);
    await refusedUnchanged(db, 'seat_taken', () => hold(still, other, sale, sale.seatIds.slice(0, 1)));

    await stopClock(held.expiresAt);
    expect(await hold(still, other, sale, sale.seatIds.slice(0, 1))).toMatchObject({ status: 'HELD' });
  });

  test("for its owner's ticket limit, and for the token's last payment", async () => {
    const { sale, buyer, held } = await makeEndingHold(1);
    const rest = sale.seatIds.slice(2);
    await refusedUnchanged(db, 'ticket_limit_exceeded', () => hold(still, buyer, sale, rest, { maxTickets: 2 }));

    await stopClock(held.expiresAt);
    const next = await hold(still, buyer, sale, rest, { maxTickets: 2 });
    expect((await pay(still, buyer, next.id)).tokenUsed).toBe(true);
  });

  test('for a departure that is repeated: only cancelled holds that would still run are given again', async () => {
    const { buyer, held } = await makeEndingHold(1);
    expect((await leaveQueue(still, buyer.tokenId)).cancelledReservationIds).toEqual([held.id]);
    expect((await leaveQueue(still, buyer.tokenId)).cancelledReservationIds).toEqual([held.id]);

    await stopClock(held.expiresAt);
    expect((await leaveQueue(still, buyer.tokenId)).cancelledReservationIds).toEqual([]);
  });
});

describe('at the millisecond of its deadline a token has ended, and a millisecond before it has not', () => {
  test('for whoever reads or ends it', async () => {
    const [one, two, three] = await makeBuyers(db, 3);
    const end = await endOf(one!.tokenId);
    await stopClock(end, -1);
    expect((await findTokens(still, [one!.tokenId]))[0]?.status).toBe('ACTIVE');
    expect(await endToken(still, one!.tokenId)).toEqual({ outcome: 'TOO_EARLY', remainingMs: 50 });
    await expireTokens(still);
    expect(await statusOf(db, 'waiting_token', three!.tokenId)).toBe('ACTIVE');

    await stopClock(end);
    expect((await findTokens(still, [one!.tokenId]))[0]?.status).toBe('EXPIRED');
    expect(await endToken(still, one!.tokenId)).toEqual({ outcome: 'EXPIRED' });
    expect((await leaveQueue(still, two!.tokenId)).ended?.status).toBe('EXPIRED');
    await expireTokens(still);
    expect(await statusOf(db, 'waiting_token', three!.tokenId)).toBe('EXPIRED');
  });

  test('for whoever is next, and for its user, who gets a new one', async () => {
    const queue = await makeQueue(db, { maxActive: 1 });
    const inside = await makeActiveToken(db, await makeUser(db), queue.name);
    const [next] = (await issueAll(db, [{ userId: await makeUser(db), queue: queue.name }])).issued;
    await stopClock(await endOf(inside.tokenId), -1);
    expect(await admitNext(still, queue.id)).toEqual([]);

    await stopClock(await endOf(inside.tokenId));
    expect((await admitNext(still, queue.id)).map(({ id }) => id)).toEqual([next?.id]);
    await stopClock(await endOf(next?.id ?? 0));
    const [again] = (await issueAll(still, [{ userId: next?.userId ?? 0, queue: queue.name }])).issued;
    expect(again).toMatchObject({ status: 'ACTIVE', created: true });
  });

  test('for its holds and payments', async () => {
    const sale = await makeSale(db);
    const buyer = await makeBuyer(db, { balance: 9_000 });
    const end = await endOf(buyer.tokenId);
    const held = await hold(db, buyer, sale, sale.seatIds.slice(0, 1), { holdSeconds: 900 });
    await stopClock(end);
    await refusedUnchanged(db, 'queue_token_ended', () => hold(still, buyer, sale, sale.seatIds.slice(1)));
    await db.raw('UPDATE waiting_token SET expires_at = ? WHERE id = ?', [end, buyer.tokenId]);
    await refusedUnchanged(db, 'queue_token_ended', () => pay(still, buyer, held.id));

    await stopClock(end, -1);
    expect((await pay(still, buyer, held.id)).tokenUsed).toBe(true);
  });
});

test('a sale opens at its first millisecond and is closed at its last', async () => {
  const sale = await makeSale(db, { saleToDays: 0.001 });
  const buyer = await makeBuyer(db);
  const { reservation_st_date: opens, reservation_end_date: closes } = await rowOf<{
    reservation_st_date: Date;
    reservation_end_date: Date;
  }>(db, 'concert_schedule', sale.scheduleId);
  await stopClock(closes);
  await refusedUnchanged(db, 'sales_not_open', () => hold(still, buyer, sale, sale.seatIds));
  await stopClock(opens, -1);
  await refusedUnchanged(db, 'sales_not_open', () => hold(still, buyer, sale, sale.seatIds));

  await stopClock(closes, -1);
  expect(await hold(still, buyer, sale, sale.seatIds.slice(0, 1))).toMatchObject({ status: 'HELD' });
  await db.raw('UPDATE concert_schedule SET reservation_st_date = ? WHERE id = ?', [new Date(), sale.scheduleId]);
  const opened = await rowOf<{ reservation_st_date: Date }>(db, 'concert_schedule', sale.scheduleId);
  await stopClock(opened.reservation_st_date);
  expect(await hold(still, buyer, sale, sale.seatIds.slice(1, 2))).toMatchObject({ status: 'HELD' });
});

test('a start counts as lost, and a claim as given up, at the end of its time', async () => {
  await db.raw('UPDATE reservation SET workflow_started_at = NOW(3)');
  await db.raw('UPDATE waiting_token SET workflow_started_at = NOW(3)');
  const sale = await makeSale(db);
  const buyer = await makeBuyer(db);
  const held = await hold(db, buyer, sale, sale.seatIds);
  const { activated_at: activatedAt } = await rowOf<{ activated_at: Date }>(db, 'waiting_token', buyer.tokenId);

  for (const [kind, id, since] of [
    ['hold', held.id, held.reservedAt],
    ['active-token', buyer.tokenId, activatedAt],
  ] as const) {
    await stopClock(since, 1_999);
    expect(await claimUntold(still, kind, 9)).toEqual([]);
    await stopClock(since, 2_000);
    expect(await claimUntold(still, kind, 9)).toEqual([id]);
    await stopClock(since, 31_999);
    expect(await claimUntold(still, kind, 9)).toEqual([]);
    await stopClock(since, 32_000);
    expect(await claimUntold(still, kind, 9)).toEqual([id]);
  }
});
