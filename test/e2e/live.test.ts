import type { StreamEndView } from '../../src/contracts/common';
import type { SeatChangesView, SeatMapView } from '../../src/contracts/concert';
import type { QueueTokenView } from '../../src/contracts/queue';
import { Fan, newFan, newGuest, newSale } from '../support/fan';
import { eventually, startTestSystem, type TestSystem } from '../support/system';
import { openStream, type Stream } from '../support/stream';

/** The promise: what one fan does is seen by another within a second, at whatever process. */
const WITHIN_MS = 1_000;
const PRICE = 99_000;
const STREAMS_OF_ONE_USER = 10;
const DRAIN_SECONDS = 1;

let system: TestSystem;
let admin: Fan;
const streams: Stream[] = [];

beforeAll(async () => {
  system = await startTestSystem('live', { apis: 2 });
  admin = await newFan(system, 'admin');
});
afterEach(() => {
  for (const stream of streams.splice(0)) stream.close();
});
afterAll(() => system.stop());

const at = (fan: Fan, index: 0 | 1) => fan.at(system.apis[index]!);

async function followToken(fan: Fan, lastEventId?: string): Promise<Stream> {
  const stream = await openStream(fan, 'followQueueToken', { lastEventId });
  streams.push(stream);
  return stream;
}

async function followSeats(fan: Fan, id: number, lastEventId?: string): Promise<Stream> {
  const stream = await openStream(fan, 'followSeats', { id, lastEventId });
  streams.push(stream);
  return stream;
}

const isWhole = (_map: SeatMapView, event: string) => event === 'seats';
const frees = (id: number) => (map: SeatChangesView, event: string) =>
  event === 'changes' && map.seats.some((seat) => seat.id === id && seat.available);
const takes = (id: number) => (map: SeatChangesView, event: string) =>
  event === 'changes' && map.seats.some((seat) => seat.id === id && !seat.available);

/** Each process reads the queues a few times a second. */
const knownAt = (fan: Fan, index: 0 | 1, place: Partial<QueueTokenView>) =>
  eventually('the process knows the place', at(fan, index).poll, ({ body }) =>
    Object.entries(place).every(([name, value]) => body[name as keyof QueueTokenView] === value),
  );

describe('the place in line', () => {
  test('who waits is told the place, that others have left, and the admission, each within a second', async () => {
    const { queue } = await newSale(admin, { maxActive: 1 });
    const [inside, leaver, waiting] = [await newFan(system), await newFan(system), await newFan(system)];
    for (const fan of [inside, leaver, waiting]) await fan.join(queue);
    await knownAt(waiting, 1, { position: 2 });
    const stream = await followToken(at(waiting, 1));
    const first = await stream.next<QueueTokenView>(() => true, WITHIN_MS);
    expect(first).toEqual((await at(waiting, 1).poll()).body);
    expect(first).toMatchObject({ status: 'WAITING', position: 2, pollAfterMs: 1_018 });

    await at(leaver, 0).leave();
    // A place is told no more often than it may be asked for.
    await stream.next<QueueTokenView>(({ position }) => position === 1, WITHIN_MS + first.pollAfterMs);
    await at(inside, 0).leave();
    const admitted = await stream.next<QueueTokenView>(({ status }) => status === 'ACTIVE', WITHIN_MS);
    expect(admitted).toEqual((await at(waiting, 1).poll()).body);
  });

  test.each([
    ['leaving at another process', 'LEFT', (fan: Fan) => at(fan, 0).leave()],
    ['the payment of the last hold', 'USED', payAtOther],
  ])('the end by %s is the last event', async (_how, status, end) => {
    const sale = await newSale(admin);
    const [fan, other] = [await newGuest(system, sale, PRICE), await newGuest(system, sale)];
    const [ending, going] = [await followToken(at(fan, 1)), await followToken(at(other, 1))];
    await going.next<QueueTokenView>((token) => token.status === 'ACTIVE');
    await end(fan, sale);
    await ending.next<QueueTokenView>((token) => token.status === status, WITHIN_MS);
    expect(await ending.ended).toBe('ended');
    expect(ending.events.at(-1)?.data).toEqual((await fan.poll()).body);
    // Control: it was not the queue that ended.
    await other.leave();
    await going.next<QueueTokenView>((token) => token.status === 'LEFT', WITHIN_MS);
    // Whoever asks again is told the end once more, unless they know.
    expect((await followToken(at(fan, 1)).then(async (again) => (await again.ended) && again.events)).length).toBe(1);
    expect((await followToken(at(fan, 0), ending.lastId).then(async (a) => (await a.ended) && a.events)).length).toBe(
      0,
    );
  });

  test('a hold that puts off the end is told', async () => {
    const sale = await newSale(admin, { activeSeconds: 60 });
    const fan = await newGuest(system, sale);
    const stream = await followToken(fan);
    const { expiresAt } = await stream.next<QueueTokenView>(() => true);
    await fan.hold(sale.scheduleId, [sale.seatIds[0]!]);
    const later = await stream.next<QueueTokenView>((token) => token.expiresAt !== expiresAt, WITHIN_MS);
    expect(Date.parse(later.expiresAt!)).toBeGreaterThan(Date.parse(expiresAt!));
  });

  test('resumed at another process, it says nothing that the client has; control: without the id it does', async () => {
    const { queue } = await newSale(admin, { maxActive: 0 });
    const fan = await newFan(system);
    await fan.join(queue);
    for (const index of [0, 1] as const) await knownAt(fan, index, { position: 1, estimatedWaitSeconds: null });
    const before = await followToken(at(fan, 0));
    await before.next(() => true);
    before.close();
    const resumed = await followToken(at(fan, 1), before.lastId);
    const anew = await followToken(at(fan, 1));
    await anew.next<QueueTokenView>(({ status }) => status === 'WAITING');
    expect(resumed.events).toEqual([]);
    await admin.setQueue(queue, { maxActive: 1 });
    await resumed.next<QueueTokenView>(({ status }) => status === 'ACTIVE', WITHIN_MS);
    // What was missed is told at once.
    const late = await followToken(at(fan, 0), before.lastId);
    await late.next<QueueTokenView>(({ status }) => status === 'ACTIVE', WITHIN_MS);
  });
});

async function payAtOther(fan: Fan, sale: { scheduleId: number; seatIds: number[] }): Promise<void> {
  const { body } = await at(fan, 0).hold(sale.scheduleId, [sale.seatIds[0]!]);
  expect((await at(fan, 0).pay(body.id)).status).toBe(201);
}

describe('the seats of a date', () => {
  test.each([0, 1] as const)('what others hold and give back is seen within a second (process %d)', async (process) => {
    const sale = await newSale(admin);
    const [watcher, buyer] = [await newGuest(system, sale), await newGuest(system, sale)];
    const [seat] = sale.seatIds as [number];
    const stream = await followSeats(at(watcher, process), sale.scheduleId);
    const map = await stream.next<SeatMapView>(isWhole);
    expect(map).toEqual({ ...(await watcher.seats(sale.scheduleId)).body, asOf: map.asOf });
    const { body: hold } = await at(buyer, 0).hold(sale.scheduleId, [seat]);
    const taken = await stream.next<SeatChangesView>(takes(seat), WITHIN_MS);
    expect(taken).toMatchObject({ availableSeats: 7, seats: [{ id: seat, available: false }] });
    await at(buyer, 0).cancel(hold.id);
    await stream.next<SeatChangesView>(frees(seat), WITHIN_MS);
  });

  test('seats that are added are told as a whole map', async () => {
    const sale = await newSale(admin);
    const stream = await followSeats(await newGuest(system, sale), sale.scheduleId);
    await stream.next<SeatMapView>(isWhole);
    await admin.addSeats(sale.scheduleId, { seats: [{ location: 'B-1', price: 1 }] });
    expect((await stream.next<SeatMapView>(isWhole, WITHIN_MS)).seats).toHaveLength(9);
  });

  test('resumed, only what has changed is told; nothing where nothing has', async () => {
    const sale = await newSale(admin);
    const [watcher, buyer] = [await newGuest(system, sale), await newGuest(system, sale)];
    const [one, two] = sale.seatIds as [number, number];
    const kept = await followSeats(watcher, sale.scheduleId);
    await kept.next<SeatMapView>(isWhole);
    const same = await followSeats(watcher, sale.scheduleId, kept.lastId);
    await buyer.hold(sale.scheduleId, [one]);
    await Promise.all([kept, same].map((stream) => stream.next<SeatChangesView>(takes(one), WITHIN_MS)));
    expect(same.events).toHaveLength(1);
    same.close();
    await buyer.hold(sale.scheduleId, [two]);
    await kept.next<SeatChangesView>(takes(two), WITHIN_MS);
    const later = await followSeats(watcher, sale.scheduleId, same.lastId);
    const missed = await later.next<SeatChangesView>((_changes, event) => event === 'changes');
    expect(missed).toMatchObject({ availableSeats: 6, seats: [{ id: two, available: false }] });
    // Control: of an id that nobody knows, everything has changed.
    await (await followSeats(watcher, sale.scheduleId, 'of-yesterday')).next<SeatMapView>(isWhole);
  });

  test.each([
    ['leaving', (fan: Fan) => at(fan, 0).leave()],
    ['paying', payAtOther],
  ])('whose token has ended by %s at another process reads no further; the others do', async (_how, end) => {
    const sale = await newSale(admin);
    const [fan, other] = [await newGuest(system, sale, PRICE), await newGuest(system, sale)];
    const [ending, going] = [
      await followSeats(at(fan, 1), sale.scheduleId),
      await followSeats(at(other, 1), sale.scheduleId),
    ];
    for (const stream of [ending, going]) await stream.next<SeatMapView>(isWhole);
    await end(fan, sale);
    const last = await ending.next<StreamEndView>((_end, event) => event === 'end', WITHIN_MS);
    expect(last.code).toBe('queue_token_ended');
    expect(await ending.ended).toBe('ended');
    expect((await at(fan, 1).call('followSeats', { id: sale.scheduleId })).problem?.code).toBe('queue_token_ended');
    await at(other, 0).hold(sale.scheduleId, [sale.seatIds[1]!]);
    await going.next<SeatChangesView>(takes(sale.seatIds[1]!), WITHIN_MS);
  });

  test('whose time is over reads no further', async () => {
    const sale = await newSale(admin, { activeSeconds: 1 });
    const stream = await followSeats(await newGuest(system, sale), sale.scheduleId);
    const end = await stream.next<StreamEndView>((_end, event) => event === 'end', 1_000 + WITHIN_MS);
    expect(end).toEqual({ code: 'queue_token_ended', detail: expect.stringContaining('EXPIRED') });
    expect(await stream.ended).toBe('ended');
  });
});

test("another's queue token opens no stream, nor does one that waits or is of another queue; control: one's own does", async () => {
  const [sale, elsewhere] = [await newSale(admin), await newSale(admin)];
  const [owner, stranger] = [await newGuest(system, sale), await newGuest(system, elsewhere)];
  const thief = new Fan(system.url, stranger.userId, stranger.accessToken, owner.queueToken);
  const waiting = await newFan(system);
  await waiting.join((await newSale(admin, { maxActive: 0 })).queue);
  const code = async (fan: Fan, operationId: string) => {
    const reply = await fan.call(operationId, operationId === 'followSeats' ? { id: sale.scheduleId } : {});
    return reply.problem?.code ?? reply.status;
  };
  expect(await code(thief, 'followQueueToken')).toBe('queue_token_of_another_user');
  expect(await code(thief, 'followSeats')).toBe('queue_token_of_another_user');
  expect(await code(waiting, 'followSeats')).toBe('queue_token_waiting');
  expect(await code(stranger, 'followSeats')).toBe('queue_token_of_another_queue');
  expect([await code(owner, 'followQueueToken'), await code(owner, 'followSeats')]).toEqual([200, 200]);
});

test('one user may have so many streams and no more, until one is closed; others may, and all requests are served', async () => {
  const sale = await newSale(admin);
  const [fan, other] = [await newGuest(system, sale), await newGuest(system, sale)];
  for (let count = 0; count < STREAMS_OF_ONE_USER; count += 1) await followSeats(fan, sale.scheduleId);
  const refused = await fan.call('followQueueToken');
  expect(refused.problem?.code).toBe('rate_limited');
  await followSeats(other, sale.scheduleId);
  expect((await fan.seats(sale.scheduleId)).status).toBe(200);
  const { text } = await admin.call('getMetrics');
  expect(text).toMatch(/^frontrow_event_streams\{kind="seats"\} 11$/m);
  // None of them is a request under way.
  expect(text).toMatch(/^frontrow_requests\{lane="inside",state="running"\} 0$/m);
  expect(text).not.toMatch(/route="[^"]*events",status="200"/);
});

test('a process that is told to stop ends its streams in order when its drain time is over, and stops at once', async () => {
  const api = await system.addApi({ DRAIN_SECONDS: String(DRAIN_SECONDS) });
  const sale = await newSale(admin);
  const [watcher, buyer] = [await newGuest(system, sale), await newGuest(system, sale)];
  const seats = await followSeats(watcher.at(api), sale.scheduleId);
  const token = await followToken(buyer.at(api));
  await seats.next<SeatMapView>(isWhole);
  const startedMs = performance.now();
  const stopped = api.stop();
  // As long as the load balancer may not have noticed, it serves.
  await buyer.hold(sale.scheduleId, [sale.seatIds[0]!]);
  await seats.next<SeatChangesView>(takes(sale.seatIds[0]!), WITHIN_MS);
  expect(await Promise.all([seats.ended, token.ended])).toEqual(['ended', 'ended']);
  expect(performance.now() - startedMs).toBeGreaterThan(DRAIN_SECONDS * 1_000 - 50);
  for (const { text } of [seats, token]) expect(text).toMatch(/retry: \d+\n\n$/);
  await stopped;
  expect(await api.exited).toMatch(/code 0/);
  expect(performance.now() - startedMs).toBeLessThan((DRAIN_SECONDS + 5) * 1_000);
  const { lastId } = seats;
  const resumed = await followSeats(watcher, sale.scheduleId, lastId);
  await buyer.hold(sale.scheduleId, [sale.seatIds[1]!]);
  // Where this process has not met that version, the whole map says it.
  const isTaken = ({ seats: told }: SeatChangesView) =>
    told.some(({ id, available }) => id === sale.seatIds[1] && !available);
  await resumed.next<SeatChangesView>(isTaken, WITHIN_MS);
});
