import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { SeatMapView } from '../../src/contracts/concert';
import { newFan, newGuest, newGuests, newSale, type Fan, type Sale } from '../support/fan';
import { send } from '../support/http';
import { openStream } from '../support/stream';
import { eventually, startTestSystem, type TestSystem } from '../support/system';

const IDLE = 10_000;
const SLOW = 300;
const STREAMS = 10_000;
const STREAMS_EACH = 10;
const UNREAD_STREAMS = 5;
/** Of 50 kB, 100 kB, …: 69 MB in all. What the system keeps for a connection may be 33 MB at its reader and 4 at its sender (Linux). */
const UNREAD_MAPS = 52;
const SEATS_ADDED = 500;
const OPENED_AT_ONCE = 250;
const POLLS = 200;
const TEST_MS = 180_000;
/** The API gives up on headers after 10 s, on bodies after 15 s, and looks every 5 s; the rest is for a busy machine. */
const CLOSED_MS = 40_000;
/** 30 s of silence; where the system had taken a part of the last event, Node grants 30 s more from there. */
const CUT_OFF_MS = 75_000;
/** Several times what was seen (see docs/operations.md). */
const BYTES_PER_CONNECTION_MAX = 60_000;

let system: TestSystem;
let sale: Sale;
let fan: Fan;
const sockets: Socket[] = [];

// One for each test: what one has taken of memory says nothing about the next.
beforeEach(async () => {
  system = await startTestSystem('connections', { workers: 0 });
  sale = await newSale(await newFan(system, 'admin'), { seats: 500 });
  fan = await newGuest(system, sale);
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await system.stop();
});

/** That many connections, each with these first bytes; `answered` waits for the reply to them. */
async function open(count: number, first = '', answered = false): Promise<Socket[]> {
  const port = Number(new URL(system.url).port);
  const opened: Socket[] = [];
  while (opened.length < count) {
    const some = Array.from({ length: Math.min(OPENED_AT_ONCE, count - opened.length) }, () => {
      const socket = connect(port, '127.0.0.1').on('error', () => undefined);
      sockets.push(socket);
      return socket;
    });
    await Promise.all(some.map((socket) => once(socket, 'connect')));
    if (first !== '') for (const socket of some) socket.write(first);
    if (answered) await Promise.all(some.map((socket) => once(socket, 'data')));
    opened.push(...some);
  }
  return opened;
}

async function metric(name: string): Promise<number> {
  const { text } = await send(system.url, { method: 'GET', path: '/metrics' });
  return Number(
    text
      .split('\n')
      .find((line) => line.startsWith(`${name} `))
      ?.split(' ')[1],
  );
}

const memoryBytes = () => metric('process_resident_memory_bytes');

/** The p99 of polls one after the other, every one of them answered. */
async function p99Ms(): Promise<number> {
  const took: number[] = [];
  for (let index = 0; index < POLLS; index += 1) {
    const reply = await fan.poll();
    expect(reply.status).toBe(200);
    took.push(reply.tookMs);
  }
  return took.sort((a, b) => a - b)[Math.floor(POLLS * 0.99)]!;
}

test(
  `${IDLE} idle connections, slow senders and readers who do not read: the others are served, and memory is bounded`,
  async () => {
    const before = { bytes: await memoryBytes(), p99: await p99Ms() };
    const host = 'host: x\r\n';
    const identity = `authorization: Bearer ${fan.accessToken}\r\nx-queue-token: ${fan.queueToken}\r\n`;
    const seats = `GET /api/v1/schedules/${sale.scheduleId}/seats HTTP/1.1\r\n${host}${identity}\r\n`;
    const slow = [
      ...(await open(SLOW)),
      ...(await open(SLOW, `GET /api/v1/concerts HTTP/1.1\r\n${host}x-`)),
      ...(await open(
        SLOW,
        `POST /api/v1/reservations HTTP/1.1\r\n${host}${identity}content-type: application/json\r\ncontent-length: 100\r\n\r\n{`,
      )),
    ];
    // Each asks a hundred times for 40 kB and reads nothing.
    const unread = await open(SLOW, seats.repeat(100));
    for (const socket of unread) socket.pause();
    // As a fan's browser between two polls.
    const idle = await open(IDLE, `GET /livez HTTP/1.1\r\n${host}\r\n`, true);
    const during = { bytes: await memoryBytes(), p99: await p99Ms() };
    expect(idle.filter((socket) => !socket.closed)).toHaveLength(IDLE);
    process.stdout.write(
      `${IDLE} idle, ${3 * SLOW} slow, ${SLOW} unread connections: memory ${mega(before.bytes)} -> ${mega(during.bytes)} MB, ` +
        `p99 of a poll ${before.p99.toFixed(1)} -> ${during.p99.toFixed(1)} ms\n`,
    );
    expect(during.bytes - before.bytes).toBeLessThan(sockets.length * BYTES_PER_CONNECTION_MAX);

    const { body } = await fan.hold(sale.scheduleId, [sale.seatIds[0]!]);
    expect(body.status).toBe('HELD');
    // Whoever sends nothing, or not to the end, is closed by the server. To be seen, a close has to be read.
    for (const socket of slow) socket.resume();
    const left = async () => slow.filter((socket) => !socket.closed).length;
    await eventually('they are all closed', left, (count) => count === 0, CLOSED_MS);
  },
  TEST_MS,
);

/** As a client of its own would ask. */
const asking = (who: Fan, path: string) =>
  `GET /api/v1${path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${who.accessToken}\r\nx-queue-token: ${who.queueToken}\r\n\r\n`;

/** Opens streams that nobody reads, and sends them more than all buffers on the way take. */
async function openUnread(): Promise<void> {
  const admin = await newFan(system, 'admin');
  const large = await newSale(admin, { seats: 1 });
  const [reader, idler] = [await newGuest(system, large), await newGuest(system, large)];
  const path = `/schedules/${large.scheduleId}/seats/events`;
  for (const socket of await open(UNREAD_STREAMS, asking(idler, path))) socket.pause();
  const stream = await openStream(reader, 'followSeats', { id: large.scheduleId });
  for (let count = 0; count < UNREAD_MAPS; count += 1) {
    const location = (index: number) => `${'x'.repeat(30)} ${count}-${index}`;
    const seats = Array.from({ length: SEATS_ADDED }, (_, index) => ({ location: location(index), price: 1 }));
    await admin.addSeats(large.scheduleId, { seats });
    await stream.next<SeatMapView>((map) => map.seats.length === 1 + (count + 1) * SEATS_ADDED);
  }
  stream.close();
}

/** Opens that many streams of both kinds, of users with some each; gives how many of these events have come. */
async function openStreams({ scheduleId }: Sale, fans: Fan[]): Promise<() => Record<'token' | 'changes', number>> {
  const heard = { token: 0, changes: 0 };
  const paths = { token: '/queue/token/events', changes: `/schedules/${scheduleId}/seats/events` };
  for (const one of fans) {
    for (const event of ['token', 'changes'] as const) {
      for (const socket of await open(STREAMS_EACH / 2, asking(one, paths[event]), true)) {
        socket.on('data', (chunk) => {
          if (chunk.includes(`event: ${event}\n`)) heard[event] += 1;
        });
      }
    }
  }
  return () => heard;
}

test(
  `${STREAMS} idle streams: the others are served, memory is bounded, and news reaches all; who reads none is cut off`,
  async () => {
    await openUnread();
    const crowd = await newSale(await newFan(system, 'admin'), { maxActive: STREAMS });
    const guests = await newGuests(system, crowd, STREAMS / STREAMS_EACH);
    const buyer = await newGuest(system, crowd);
    const before = { bytes: await memoryBytes(), p99: await p99Ms() };
    const heard = await openStreams(crowd, guests);
    const during = { bytes: await memoryBytes(), p99: await p99Ms() };
    expect(await metric('frontrow_event_streams{kind="token"}')).toBe(STREAMS / 2);
    const startedMs = performance.now();
    await buyer.hold(crowd.scheduleId, [crowd.seatIds[0]!]);
    await eventually(
      'all know of it',
      async () => heard().changes,
      (count) => count === STREAMS / 2,
    );
    process.stdout.write(
      `${STREAMS} idle streams: memory ${mega(before.bytes)} -> ${mega(during.bytes)} MB, p99 of a poll ` +
        `${before.p99.toFixed(1)} -> ${during.p99.toFixed(1)} ms, half of them told after ${Math.round(performance.now() - startedMs)} ms\n`,
    );
    expect(during.bytes - before.bytes).toBeLessThan(STREAMS * BYTES_PER_CONNECTION_MAX);
    const open = () => metric('frontrow_event_streams{kind="seats"}');
    await eventually('who does not read is cut off', open, (count) => count === STREAMS / 2, CUT_OFF_MS);
  },
  TEST_MS,
);

const mega = (bytes: number): number => Math.round(bytes / 1e6);
