import { createHash, randomUUID } from 'node:crypto';
import { chargeAssets, createUser } from '../../src/db/asset';
import { addSeats, createConcert, createSchedule } from '../../src/db/concert';
import type { Database, Executor } from '../../src/db/connect';
import { holdSeats, type HoldInput, type HoldTerms } from '../../src/db/hold';
import type { IdempotencyKey } from '../../src/db/idempotency';
import { settlePayment, type Settled } from '../../src/db/payment';
import { issueTokens, type IssuedToken, type IssueRequest } from '../../src/db/queue';
import { selectOne, write } from '../../src/db/sql';
import type { QueueToken, TokenStatus } from '../../src/db/tokens';
import { Refusal } from '../../src/errors';
import type { Decided } from '../../src/db/together';
import type { ChargeView } from '../../src/contracts/asset';
import type { ReservationView } from '../../src/contracts/reservation';
import { contents, MAIN_QUEUE } from './database';

export const CURRENCY = 'KRW';
const DAY_MS = 86_400_000;

export function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** An idempotency key of a user, for `request`; a new one unless it is named. */
export function key(userId: number, name: string = randomUUID(), request = 'request'): IdempotencyKey {
  return { userId, hash: sha256(name), fingerprint: sha256(request) };
}

/** What a request that was decided with others was granted; throws what it was refused with. */
export function granted<Reply>(decided: Decided<Reply> | undefined): Reply {
  if (decided instanceof Error) throw decided;
  return decided as Reply;
}

/** One charge on its own. */
export async function charge(db: Database, userId: number, amount: number, withKey = key(userId)): Promise<ChargeView> {
  return granted((await chargeAssets(db, CURRENCY, [{ userId, amount, key: withKey }]))[0]);
}

/** `issueTokens` where no queue fails. */
export async function issueAll(
  db: Database,
  requests: readonly IssueRequest[],
): Promise<{ issued: (IssuedToken | undefined)[]; admitted: QueueToken[] }> {
  const { issued, admitted } = await issueTokens(db, requests);
  return { issued: issued.map(granted), admitted };
}

/** A user with this balance; returns the id. */
export async function makeUser(db: Database, balance = 0): Promise<number> {
  const userId = await createUser(db);
  if (balance > 0) await charge(db, userId, balance);
  return userId;
}

/** That many users, made with two statements. */
export async function makeUsers(db: Database, count: number): Promise<number[]> {
  const { insertId } = await write(
    db,
    `INSERT INTO user () VALUES ${Array.from({ length: count }, () => '()').join()}`,
  );
  const ids = Array.from({ length: count }, (_, index) => insertId + index);
  await write(db, 'INSERT INTO asset (user_id) VALUES ?', [ids.map((id) => [id])]);
  return ids;
}

export interface TestQueue {
  id: number;
  name: string;
}

/** A queue of its own, with room for everybody unless it says otherwise. */
export async function makeQueue(
  db: Database,
  settings: { maxActive?: number; activeSeconds?: number; admitPerMinute?: number; paused?: boolean } = {},
): Promise<TestQueue> {
  const name = `q-${randomUUID()}`;
  const { insertId } = await write(
    db,
    'INSERT INTO queue (name, max_active, active_seconds, admit_per_minute, paused) VALUES (?, ?, ?, ?, ?)',
    [
      name,
      settings.maxActive ?? MAIN_QUEUE.maxActive,
      settings.activeSeconds ?? MAIN_QUEUE.activeSeconds,
      settings.admitPerMinute ?? null,
      settings.paused ?? false,
    ],
  );
  return { id: insertId, name };
}

export interface Sale {
  concertId: number;
  scheduleId: number;
  seatIds: number[];
}

/** A date on sale now, with this many seats, or none. Days count from now. */
export async function makeSale(
  db: Database,
  { seats = 4, price = 1_000, queue = 'main', saleFromDays = -1, saleToDays = 1 } = {},
): Promise<Sale> {
  const { id: concertId } = await createConcert(db, { name: 'Test', description: 'Test', queue }, MAIN_QUEUE);
  const day = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString();
  const schedule = await createSchedule(db, concertId, {
    place: 'Hall',
    reservationStartAt: day(saleFromDays),
    reservationEndAt: day(saleToDays),
    concertAt: day(saleToDays + 1),
  });
  if (!schedule) throw new Error('no schedule was made');
  const locations = Array.from({ length: seats }, (_, index) => ({ location: `A-${index + 1}`, price }));
  if (seats > 0) await addSeats(db, schedule.id, locations);
  const [rows] = (await db.raw('SELECT id FROM concert_seat WHERE concert_schedule_id = ? ORDER BY id', [
    schedule.id,
  ])) as [{ id: number }[]];
  return { concertId, scheduleId: schedule.id, seatIds: rows.map((row) => row.id) };
}

/** Somebody inside a queue: what `holdSeats` and `settlePayment` want to know. */
export interface Buyer {
  userId: number;
  tokenId: number;
  queueId: number;
}

/** Gives a user an ACTIVE token; throws if the queue has no room. */
export async function makeActiveToken(db: Database, userId: number, queue = 'main'): Promise<Buyer> {
  const [token] = (await issueAll(db, [{ userId, queue }])).issued;
  if (token?.status !== 'ACTIVE') throw new Error(`the token is ${token?.status}, not ACTIVE`);
  return { userId, tokenId: token.id, queueId: token.queueId };
}

/** A new user with a balance and an ACTIVE token. */
export async function makeBuyer(db: Database, { balance = 0, queue = 'main' } = {}): Promise<Buyer> {
  return makeActiveToken(db, await makeUser(db, balance), queue);
}

/** New users with a balance and ACTIVE tokens, made together. */
export async function makeBuyers(db: Database, count: number, { balance = 0, queue = 'main' } = {}): Promise<Buyer[]> {
  const userIds = await makeUsers(db, count);
  if (balance > 0) {
    const inputs = userIds.map((userId) => ({ userId, amount: balance, key: key(userId) }));
    (await chargeAssets(db, CURRENCY, inputs)).forEach(granted);
  }
  const { issued } = await issueAll(
    db,
    userIds.map((userId) => ({ userId, queue })),
  );
  return issued.map((token) => {
    if (token?.status !== 'ACTIVE') throw new Error(`the token is ${token?.status}, not ACTIVE`);
    return { userId: token.userId, tokenId: token.id, queueId: token.queueId };
  });
}

/** Four tickets a user at the most, for five minutes. */
export const TERMS: HoldTerms = { holdSeconds: 300, maxTickets: 4, currency: CURRENCY };

/** The input of a hold of these seats. */
export function holdOf(
  { userId, tokenId, queueId }: Buyer,
  { scheduleId }: Sale,
  seatIds: readonly number[],
): HoldInput {
  return { userId, tokenId, queueId, scheduleId, seatIds, key: key(userId) };
}

export async function hold(
  db: Database,
  buyer: Buyer,
  sale: Sale,
  seatIds: readonly number[],
  over: Partial<HoldTerms> = {},
): Promise<ReservationView> {
  return granted((await holdSeats(db, { ...TERMS, ...over }, [holdOf(buyer, sale, seatIds)]))[0]);
}

export async function pay(
  db: Database,
  buyer: Buyer,
  reservationId: number,
  withKey: IdempotencyKey = key(buyer.userId),
): Promise<Settled> {
  return settlePayment(db, { ...buyer, reservationId, key: withKey });
}

/** Lets the time of holds be over since a second. They were still made while their tokens were active. */
export async function makeHoldsOverdue(db: Executor, reservationIds: readonly number[]): Promise<void> {
  await write(
    db,
    `UPDATE reservation r JOIN waiting_token t ON t.id = r.waiting_token_id
     SET r.reserved_at = GREATEST(t.activated_at, NOW(3) - INTERVAL 31 SECOND), r.expires_at = NOW(3) - INTERVAL 1 SECOND
     WHERE r.id IN (?) AND r.status = 'HELD'`,
    [reservationIds],
  );
  await write(
    db,
    `UPDATE concert_seat s JOIN reservation r ON r.id = s.reservation_id SET s.held_until = r.expires_at
     WHERE r.id IN (?) AND s.status = 'HELD'`,
    [reservationIds],
  );
}

/** `makeHoldsOverdue` for one. */
export async function makeHoldOverdue(db: Executor, reservationId: number): Promise<void> {
  await makeHoldsOverdue(db, [reservationId]);
}

/** Lets the time of an ACTIVE token be over since a second. */
export async function makeTokenOverdue(db: Executor, tokenId: number): Promise<void> {
  await write(
    db,
    `UPDATE waiting_token SET holds_until = NOW(3) - INTERVAL 1 SECOND, expires_at = NOW(3) - INTERVAL 1 SECOND
     WHERE id = ? AND status = 'ACTIVE'`,
    [tokenId],
  );
}

/** One row of a table as it is written, whatever the clock says. */
export async function rowOf<Row = Record<string, unknown>>(db: Executor, table: string, id: number): Promise<Row> {
  const row = await selectOne<Row>(db, 'SELECT * FROM ?? WHERE id = ?', [table, id]);
  if (!row) throw new Error(`${table} has no row ${id}`);
  return row;
}

export async function statusOf(db: Executor, table: 'waiting_token' | 'reservation' | 'concert_seat', id: number) {
  return (await rowOf<{ status: TokenStatus | 'HELD' | 'PAID' | 'CANCELLED' | 'FREE' | 'SOLD' }>(db, table, id)).status;
}

export async function countOf(db: Executor, table: string, where = '1 = 1', bindings: unknown[] = []): Promise<number> {
  const row = await selectOne<{ count: number }>(db, `SELECT COUNT(*) AS count FROM ${table} WHERE ${where}`, bindings);
  return row?.count ?? 0;
}

export async function balanceOf(db: Executor, userId: number): Promise<number> {
  const row = await selectOne<{ balance: number }>(db, 'SELECT balance FROM asset WHERE user_id = ?', [userId]);
  return row?.balance ?? 0;
}

/** The refusal this ends with; throws if it succeeds or fails in another way. */
export async function refusalOf(work: Promise<unknown>): Promise<Refusal> {
  try {
    await work;
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  throw new Error('was not refused');
}

/** Expects a refusal with this code that has changed nothing in any table. */
export async function refusedUnchanged(
  db: Database,
  code: Refusal['code'],
  work: () => Promise<unknown>,
): Promise<Refusal> {
  const before = await contents(db);
  const refusal = await refusalOf(work());
  expect(refusal.code).toBe(code);
  expect(await contents(db)).toEqual(before);
  return refusal;
}

/** Numbers in [0, 1) that are the same for the same seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A new seed, or the one of a run to repeat; printed, so that a failure can be run again with TEST_SEED. */
export function printedSeed(): number {
  const seed = Number(process.env['TEST_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
  process.stdout.write(`${expect.getState().currentTestName}: TEST_SEED=${seed}\n`);
  return seed;
}

/** Does all of these, at most `width` at a time, and gives what became of each in their order. */
export async function inParallel<Item, Result>(
  items: readonly Item[],
  width: number,
  work: (item: Item, index: number) => Promise<Result>,
): Promise<PromiseSettledResult<Result>[]> {
  const results: PromiseSettledResult<Result>[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let index = next++; index < items.length; index = next++) {
      const [result] = await Promise.allSettled([work(items[index] as Item, index)]);
      results[index] = result;
    }
  };
  await Promise.all(Array.from({ length: width }, lane));
  return results;
}

/** What those that succeeded gave. */
export function fulfilled<Result>(results: readonly PromiseSettledResult<Result>[]): Result[] {
  return results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
}

/** The codes of the refusals; throws what is not a refusal. */
export function refusalCodes(results: readonly PromiseSettledResult<unknown>[]): string[] {
  return results.flatMap((result) => {
    if (result.status === 'fulfilled') return [];
    if (result.reason instanceof Refusal) return [result.reason.code];
    throw result.reason;
  });
}
