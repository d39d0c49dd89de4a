import { newFan, newFans, newGuest, newSale, type Fan } from '../support/fan';
import { eventually, startTestSystem, type TestSystem } from '../support/system';
import { contents, expectInvariants } from '../support/database';
import { countOf, makeHoldOverdue, makeTokenOverdue, statusOf } from '../support/fixtures';

/** The promise of PATCH, and of a line that moves. */
const WITHIN_MS = 1_000;
/** Two readings of a process's snapshot: by then a process knows what others did. */
const KNOWN_MS = 1_000;

let system: TestSystem;
let admin: Fan;

beforeAll(async () => {
  system = await startTestSystem('queue', { apis: 2 });
  admin = await newFan(system, 'admin');
});
afterEach(() => expectInvariants(system.db));
afterAll(() => system.stop());

const at = (fan: Fan, index: number) => fan.at(system.apis[index % system.apis.length]!);
const tokenId = (fan: Fan) => Number(fan.queueToken?.split('.')[0]);

/** These fans, in line in this order, each joined at another process than the one before. */
async function lineUp(queue: string, count: number): Promise<Fan[]> {
  const fans = (await newFans(system, count)).map((fan, index) => at(fan, index));
  for (const fan of fans) await fan.join(queue);
  return fans;
}

const statuses = async (fans: Fan[]) =>
  (await Promise.all(fans.map((fan) => fan.poll()))).map(({ body }) => body.status);
const positions = async (fans: Fan[]) =>
  (await Promise.all(fans.map((fan) => fan.poll()))).map(({ body }) => body.position);
const insideCount = async (fans: Fan[]) => (await statuses(fans)).filter((status) => status === 'ACTIVE').length;

/** Waits until each process has read the queue anew: what it does on its own about it, it does then. */
async function everyProcessSees(what: 'waiting' | 'active', queue: string, count: number): Promise<void> {
  for (const api of system.apis) {
    const metrics = async () => (await admin.at(api).call('getMetrics')).text;
    const line = `frontrow_queue_${what}{queue="${queue}"} ${count}\n`;
    await eventually(line, metrics, (text) => text.includes(line), KNOWN_MS);
  }
}

test('thirty requests of one user at once, at two processes, give one token', async () => {
  const { queue } = await newSale(admin);
  const fan = await newFan(system);
  const replies = await Promise.all(Array.from({ length: 30 }, (_, index) => at(fan, index).join(queue)));
  expect(new Set(replies.map(({ body }) => body.token)).size).toBe(1);
  expect(replies.filter(({ status }) => status === 201)).toHaveLength(1);
  expect(replies.filter(({ status }) => status === 200)).toHaveLength(29);
  expect(await countOf(system.db, 'waiting_token', 'user_id = ?', [fan.userId])).toBe(1);
});

test('a position counts exactly those who are still ahead, at every process', async () => {
  const { queue } = await newSale(admin, { maxActive: 0 });
  const line = await lineUp(queue, 10);
  // The other process may not have read yet that the visitor of `newSale` was let in.
  await eventually(
    'everybody has a place',
    () => positions(line),
    (seen) => seen.join() === '1,2,3,4,5,6,7,8,9,10',
    KNOWN_MS,
  );
  for (const leaver of [1, 4, 8]) await line[leaver]!.leave();
  const [left, stay] = [
    [1, 4, 8],
    [0, 2, 3, 5, 6, 7, 9],
  ];
  for (const process of [0, 1]) {
    const fans = stay.map((index) => at(line[index]!, process));
    await eventually(
      'the places have closed up',
      () => positions(fans),
      (seen) => seen.join() === '1,2,3,4,5,6,7',
      KNOWN_MS,
    );
  }
  expect(await statuses(left.map((index) => line[index]!))).toEqual(['LEFT', 'LEFT', 'LEFT']);
  // Asking for a token again gives the same one, in its place.
  expect((await line[9]!.join(queue)).body).toMatchObject({ position: 7, ahead: 6 });
  const late = await newFan(system);
  expect((await late.join(queue)).body).toMatchObject({ position: 8, ahead: 7 });
  // Who left and comes back is last.
  expect((await line[1]!.join(queue)).body).toMatchObject({ status: 'WAITING', position: 9 });
});

test('the places of those who leave go to the next in line, in order', async () => {
  const { queue } = await newSale(admin, { maxActive: 2 });
  const line = await lineUp(queue, 6);
  expect(await statuses(line)).toEqual(['ACTIVE', 'ACTIVE', 'WAITING', 'WAITING', 'WAITING', 'WAITING']);
  await line[3]!.leave();
  await line[0]!.leave();
  await eventually('the third is inside', line[2]!.poll, ({ body }) => body.status === 'ACTIVE', WITHIN_MS);
  await line[1]!.leave();
  await eventually('the fifth is inside', line[4]!.poll, ({ body }) => body.status === 'ACTIVE', WITHIN_MS);
  await eventually(
    'the last is next, at another process too',
    line[5]!.poll,
    ({ body }) => body.position === 1,
    KNOWN_MS,
  );
});

test('a paused queue lets nobody in; resumed, it does within a second', async () => {
  const { queue } = await newSale(admin, { paused: true });
  const line = await lineUp(queue, 3);
  // Whoever overlooks the pause would let them in now.
  await everyProcessSees('waiting', queue, 3);
  const waiting = await line[0]!.poll();
  expect(waiting.body).toMatchObject({ status: 'WAITING', position: 1, estimatedWaitSeconds: null });
  expect(await insideCount(line)).toBe(0);
  await at(admin, 1).setQueue(queue, { paused: false });
  await eventually(
    'all are inside',
    () => insideCount(line),
    (count) => count === 3,
    WITHIN_MS,
  );
});

test('a raised cap acts within a second; under a lowered one nobody gets in until enough have left', async () => {
  const { queue } = await newSale(admin, { maxActive: 1 });
  const line = await lineUp(queue, 5);
  expect(await insideCount(line)).toBe(1);
  await at(admin, 1).setQueue(queue, { maxActive: 4 });
  await eventually(
    'four are inside',
    () => insideCount(line),
    (count) => count === 4,
    WITHIN_MS,
  );

  await admin.setQueue(queue, { maxActive: 2 });
  expect(await insideCount(line)).toBe(4);
  await line[0]!.leave();
  await line[1]!.leave();
  // Two are inside and two may be: as long as nobody leaves, the fifth waits.
  await everyProcessSees('active', queue, 2);
  expect((await line[4]!.poll()).body.status).toBe('WAITING');
  await line[2]!.leave();
  await eventually('the fifth is inside', line[4]!.poll, ({ body }) => body.status === 'ACTIVE', WITHIN_MS);
});

test('a rate lets in so many a minute, after a burst of two seconds, and can be taken away', async () => {
  const { queue } = await newSale(admin, { maxActive: 0, admitPerMinute: 60 });
  const line = await lineUp(queue, 12);
  const startedMs = performance.now();
  await admin.setQueue(queue, { maxActive: 100 });
  // One a second, and two at once at the beginning.
  await eventually(
    'five are inside',
    () => insideCount(line),
    (count) => count >= 5,
  );
  const seconds = (performance.now() - startedMs) / 1_000;
  expect(seconds).toBeGreaterThan(2);
  expect(await insideCount(line)).toBeLessThanOrEqual(3 + (performance.now() - startedMs) / 1_000);
  await admin.setQueue(queue, { admitPerMinute: null });
  await eventually(
    'all are inside',
    () => insideCount(line),
    (count) => count === 12,
    WITHIN_MS,
  );
});

test('activeSeconds holds for later admissions', async () => {
  const sale = await newSale(admin);
  const early = await newGuest(system, sale);
  await admin.setQueue(sale.queue, { activeSeconds: 77 });
  const late = await newGuest(system, sale);
  const lifeSeconds = async (fan: Fan) => {
    const { activatedAt, expiresAt } = (await fan.poll()).body;
    return (Date.parse(expiresAt!) - Date.parse(activatedAt!)) / 1_000;
  };
  expect([await lifeSeconds(early), await lifeSeconds(late)]).toEqual([600, 77]);
});

describe('with every worker stopped', () => {
  beforeAll(async () => {
    for (const worker of system.workers) await worker.stop();
  });
  afterAll(async () => {
    for (const worker of system.workers) await worker.restart();
  });

  test('the line moves on when the time of the one inside is over', async () => {
    const { queue } = await newSale(admin, { maxActive: 1, activeSeconds: 1 });
    const line = await lineUp(queue, 3);
    // Nobody calls and no timer fires: each place is passed on because its time is over.
    await eventually(
      'the last has had a turn',
      line[2]!.poll,
      ({ body }) => body.activatedAt !== null,
      2_000 + 2 * WITHIN_MS,
    );
    expect(await statuses(line.slice(0, 2))).toEqual(['EXPIRED', 'EXPIRED']);
  });

  test('reading changes nothing, not even a row whose time is over', async () => {
    const sale = await newSale(admin);
    const fan = await newGuest(system, sale, 99_000);
    const { body: paid } = await fan.hold(sale.scheduleId, [sale.seatIds[0]!]);
    const { body: overdue } = await fan.hold(sale.scheduleId, [sale.seatIds[1]!]);
    const reader = await newGuest(system, sale);
    const late = await newGuest(system, sale);
    await makeHoldOverdue(system.db, overdue.id);
    await makeTokenOverdue(system.db, tokenId(late));
    // That a workflow was started is noted a moment later, and no change by a GET.
    await system.db.raw('UPDATE waiting_token SET workflow_started_at = COALESCE(workflow_started_at, NOW(3))');
    await system.db.raw('UPDATE reservation SET workflow_started_at = COALESCE(workflow_started_at, NOW(3))');
    const before = await contents(system.db);
    for (const api of system.apis) {
      expect((await fan.at(api).reservation(overdue.id)).body.status).toBe('EXPIRED');
      expect((await late.at(api).poll()).body.status).toBe('EXPIRED');
      expect((await reader.at(api).seats(sale.scheduleId)).body.availableSeats).toBe(7);
      for (const call of [fan.asset, fan.entries, fan.reservations, fan.poll, reader.concerts]) await call();
      await reader.at(api).concert(sale.concertId);
      await reader.at(api).schedules(sale.concertId);
      await fan.at(api).reservation(paid.id);
      await fan.at(api).payment(1);
      await admin.at(api).queues();
      for (const probe of ['getLiveness', 'getReadiness', 'getMetrics', 'getOpenApi']) await admin.at(api).call(probe);
    }
    expect(await contents(system.db)).toEqual(before);
    expect(await statusOf(system.db, 'reservation', overdue.id)).toBe('HELD');
    expect(await statusOf(system.db, 'waiting_token', tokenId(late))).toBe('ACTIVE');
  });
});
