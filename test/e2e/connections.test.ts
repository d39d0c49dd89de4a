import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { newFan, newGuest, newSale, type Fan, type Sale } from '../support/fan';
import { send } from '../support/http';
import { eventually, startTestSystem, type TestSystem } from '../support/system';

const IDLE = 10_000;
const SLOW = 300;
const OPENED_AT_ONCE = 250;
const POLLS = 200;
const TEST_MS = 120_000;
/** The API gives up on headers after 10 s, on bodies after 15 s, and looks every 5 s; the rest is for a busy machine. */
const CLOSED_MS = 40_000;
/** Several times what was seen (see docs/operations.md). */
const BYTES_PER_CONNECTION_MAX = 60_000;

let system: TestSystem;
let sale: Sale;
let fan: Fan;
const sockets: Socket[] = [];

beforeAll(async () => {
  system = await startTestSystem('connections', { workers: 0 });
  sale = await newSale(await newFan(system, 'admin'), { seats: 500 });
  fan = await newGuest(system, sale);
});
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
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

async function memoryBytes(): Promise<number> {
  const { text } = await send(system.url, { method: 'GET', path: '/metrics' });
  return Number(/^process_resident_memory_bytes (\S+)/m.exec(text)?.[1]);
}

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

const mega = (bytes: number): number => Math.round(bytes / 1e6);
