import { pino } from 'pino';
import { createSeatFeeds } from '../../src/api/live/seat-feeds';
import { createTokenWatch, type WatchedToken } from '../../src/api/live/token-watch';
import { createQueueSnapshot } from '../../src/api/queue-snapshot';
import { createSeatMaps } from '../../src/api/seat-maps';
import { admitNext } from '../../src/db/admission';
import { leaveQueue } from '../../src/db/queue';
import { updateQueue } from '../../src/db/queue-settings';
import { readQueueStates } from '../../src/db/queue-state';
import { findTokens, type QueueToken } from '../../src/db/tokens';
import { until, useDatabase } from '../support/database';
import {
  hold,
  issueAll,
  makeBuyer,
  makeQueue,
  makeSale,
  makeTokenOverdue,
  makeUser,
  makeUsers,
  pay,
  printedSeed,
  randomFrom,
} from '../support/fixtures';

const MANY = 1_000;
const READINGS = 4;
/** Of seats, without being asked. */
const READ_EVERY_MS = 250;
const STEPS = 60;
const logger = pino({ level: 'silent' });
const { db, pool } = useDatabase();
/** The process that has the streams; what happens, other processes do. */
const ours = pool();

const statements: string[] = [];
ours.on('query', ({ sql }: { sql: string }) => void statements.push(sql));
const countOf = (kind: RegExp) => statements.filter((sql) => kind.test(sql)).length;
const READING = /FROM queue q/;
const LOOK = /FROM waiting_token t JOIN queue/;
const SEATS = /FROM concert_seat WHERE concert_schedule_id/;

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((part) => part.close()));
  statements.length = 0;
});

async function startWatch() {
  const snapshot = createQueueSnapshot({ db: ours, logger });
  const watch = createTokenWatch({ db: ours, snapshot, logger });
  open.push(snapshot, watch);
  await snapshot.start();
  await watch.start();
  return watch;
}

async function afterReadings(count: number): Promise<void> {
  const before = countOf(READING);
  await until(`${count} readings are over`, async () => countOf(READING) > before + count);
}

/** As long as that many turns of a feed take. */
const afterTurns = (count: number) => new Promise((resolve) => setTimeout(resolve, count * READ_EVERY_MS));

async function issueMany(queue: string): Promise<QueueToken[]> {
  const requests = (await makeUsers(db, MANY)).map((userId) => ({ userId, queue }));
  return (await issueAll(db, requests)).issued as QueueToken[];
}

const all = (watched: readonly WatchedToken[], status: QueueToken['status']) =>
  watched.every((token) => token.now().status === status);

test(`${MANY} waiting tokens are followed without a statement of their own, and their admission is found with one`, async () => {
  const queue = await makeQueue(db, { paused: true });
  const tokens = await issueMany(queue.name);
  const watch = await startWatch();
  let pushes = 0;
  const watched = tokens.map((token) => watch.watch(token, () => (pushes += 1)));
  await until('all were pushed some times', async () => pushes >= READINGS * MANY);
  expect(statements.filter((sql) => !READING.test(sql))).toEqual([]);

  await updateQueue(db, queue.name, { paused: false });
  await until('all are known to be active', async () => all(watched, 'ACTIVE'));
  expect(countOf(LOOK)).toBe(1);
});

test('active tokens are looked at again when one of their queue has ended, and only then', async () => {
  const queue = await makeQueue(db);
  const tokens = await issueMany(queue.name);
  const [leaver] = tokens as [QueueToken];
  const watch = await startWatch();
  const pushed = new Set<number>();
  const watched = tokens.map((token) => watch.watch(token, () => pushed.add(token.id)));
  // Each may have ended before it was watched.
  await until('each was looked at once', async () => countOf(LOOK) === 1);
  await makeBuyer(db, { queue: queue.name });
  const elsewhere = await makeBuyer(db);
  await leaveQueue(db, elsewhere.tokenId);
  await afterReadings(READINGS);
  expect(countOf(LOOK)).toBe(1);

  await leaveQueue(db, leaver.id);
  await until('its end is known', async () => watched[0]!.now().status === 'LEFT');
  expect([...pushed]).toEqual([leaver.id]);
  expect(countOf(LOOK)).toBe(2);
});

test('an end before a token was watched is found, and one that this process makes is found by its own word', async () => {
  const queue = await makeQueue(db);
  const [one, two] = (await issueMany(queue.name)) as [QueueToken, QueueToken];
  const watch = await startWatch();
  await leaveQueue(db, one.id);
  await afterReadings(1);
  const late = watch.watch(one, () => {});
  await until('its end is known', async () => late.now().status === 'LEFT');

  const sale = await makeSale(db, { queue: queue.name });
  const extended = watch.watch(two, () => {});
  await afterReadings(1);
  const { userId, id: tokenId, queueId } = two;
  await hold(db, { userId, tokenId, queueId }, sale, sale.seatIds.slice(0, 1), { holdSeconds: 3_000 });
  watch.changed(two.id);
  await until('its new end is known', async () => Number(extended.now().expiresAt) > Number(two.expiresAt));
});

test('a token that two streams follow is as far as either has read it', async () => {
  const queue = await makeQueue(db, { maxActive: 1 });
  const [active, waiting] = (await issueMany(queue.name)) as [QueueToken, QueueToken];
  const watch = await startWatch();
  const first = watch.watch(waiting, () => {});
  const inside: QueueToken = { ...waiting, status: 'ACTIVE', activatedAt: new Date(), expiresAt: active.expiresAt };
  expect(watch.watch(inside, () => {}).now().status).toBe('ACTIVE');
  expect(first.now().status).toBe('ACTIVE');
  expect(watch.watch(waiting, () => {}).now().status).toBe('ACTIVE');
});

test('the number of those who have ended is right, whatever has happened', async () => {
  const random = randomFrom(printedSeed());
  const queue = await makeQueue(db, { maxActive: 6 });
  const sale = await makeSale(db, { queue: queue.name, seats: STEPS });
  let tokens: QueueToken[] = [];
  const pick = (status: string) => tokens.find((token) => token.status === status && random() < 0.5);
  const buy = async ({ userId, id: tokenId, queueId }: QueueToken, seatId: number) => {
    const held = await hold(db, { userId, tokenId, queueId }, sale, [seatId]);
    await pay(db, { userId, tokenId, queueId }, held.id);
  };
  const endings = new Set<string>();
  for (let step = 0; step < STEPS; step += 1) {
    const what = random();
    const [active, waiting] = [pick('ACTIVE'), pick('WAITING')];
    if (what < 0.4) {
      const { issued } = await issueAll(db, [{ userId: await makeUser(db, 1_000), queue: queue.name }]);
      tokens.push(issued[0] as QueueToken);
    } else if (what < 0.5 && waiting) await leaveQueue(db, waiting.id);
    else if (what < 0.6 && active) await leaveQueue(db, active.id);
    else if (what < 0.75 && active) await makeTokenOverdue(db, active.id);
    else if (what < 0.9 && active) await buy(active, sale.seatIds[step]!);
    else await admitNext(db, queue.id);
    tokens = (await findTokens(
      db,
      tokens.map(({ id }) => id),
    )) as QueueToken[];
    const ended = tokens.filter(({ status, activatedAt }) => activatedAt && status !== 'ACTIVE');
    for (const { status } of ended) endings.add(status);
    expect((await readQueueStates(db)).find(({ id }) => id === queue.id)?.ended).toBe(ended.length);
  }
  expect([...endings].sort()).toEqual(['EXPIRED', 'LEFT', 'USED']);
});

test(`${MANY} streams of a date share its readings; nobody there, nothing is read`, async () => {
  const sale = await makeSale(db);
  const feeds = createSeatFeeds({ seatMaps: createSeatMaps(ours), logger });
  open.push(feeds);
  await feeds.start();
  const startedMs = performance.now();
  let told = 0;
  const watches = Array.from({ length: MANY }, () => feeds.watch(sale.scheduleId, () => (told += 1)));
  await until('all know the map', async () => told === MANY);
  await until('it was read some times', async () => countOf(SEATS) > READINGS);
  // Nothing has changed, so nobody was told again.
  expect(told).toBe(MANY);
  expect(new Set(watches.map((watch) => watch.since(undefined)?.frame)).size).toBe(1);
  await hold(db, await makeBuyer(db), sale, sale.seatIds.slice(0, 1));
  await until('all know of the hold', async () => told === 2 * MANY);
  expect(countOf(SEATS)).toBeLessThanOrEqual(2 + (performance.now() - startedMs) / READ_EVERY_MS);
  for (const watch of watches) watch.stop();
  // One reading may still be under way.
  await afterTurns(1);
  const before = statements.length;
  await afterTurns(READINGS);
  expect(statements.length).toBe(before);
});
