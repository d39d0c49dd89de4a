import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import express, { type Response } from 'express';
import { pino } from 'pino';
import { retryFrame, toFrame, type LiveEvent } from '../../src/api/live/events';
import { createEventStreams, type EventStreams, type StreamLimits } from '../../src/api/live/streams';
import { problems } from '../../src/api/problem';
import { until } from '../support/database';
import { eventsOf } from '../support/http';

const LIMITS: StreamLimits = { atOnce: 100, ofOneUser: 100, heartbeatMs: 60_000, lifeMs: 60_000 };
/** More than all buffers between two sockets of one machine take (about 6 MB, seen 2026-11-26). */
const FULL_BYTES = 32_000_000;
const EVENT_BYTES = 1_000_000;

let server: Server | undefined;
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  server?.close();
  if (server) await once(server, 'close');
  server = undefined;
});

/** One state that all streams follow, as large as a test wants it. */
function createState() {
  const pushes = new Set<() => void>();
  let event: LiveEvent = { id: '0', frame: toFrame('state', '0', '0') };
  return {
    pushes,
    set: (id: number, more: Partial<LiveEvent> = {}, padding = 0) => {
      event = {
        id: String(id),
        frame: toFrame('state', JSON.stringify([id, 'x'.repeat(padding)]), String(id)),
        ...more,
      };
      for (const push of pushes) push();
    },
    source: (push: () => void) => {
      pushes.add(push);
      return {
        next: (hasId: string | undefined) => (event.id === hasId ? undefined : event),
        stop: () => void pushes.delete(push),
      };
    },
  };
}

/** Streams of the user that the path names, over real sockets. */
async function serve(over: Partial<StreamLimits> = {}, silenceMs = 60_000) {
  const streams = createEventStreams({ ...LIMITS, ...over });
  const state = createState();
  const replies: Response[] = [];
  const app = express();
  app.get('/:user', (req, res) => {
    replies.push(res);
    streams.open(req, res, { kind: 'seats', userId: Number(req.params.user) }, state.source);
  });
  app.use(problems(pino({ level: 'silent' })));
  server = createServer(app).listen(0, '127.0.0.1');
  server.timeout = silenceMs;
  await once(server, 'listening');
  return { streams, state, replies };
}

/** Sends a request and gathers what comes back, if it reads at all. */
function ask(user: number, { method = 'GET', headers = '', reads = true } = {}) {
  const socket = connect((server!.address() as AddressInfo).port, '127.0.0.1').setEncoding('utf8');
  socket.on('error', () => undefined);
  sockets.push(socket);
  const seen = { text: '', socket };
  if (reads) socket.on('data', (chunk: string) => (seen.text += chunk));
  else socket.pause();
  socket.write(`${method} /${user} HTTP/1.1\r\nhost: x\r\n${headers}\r\n`);
  return seen;
}

/** Asks, and waits until the stream has begun. */
async function open(streams: EventStreams, user = 1, options = {}) {
  const before = streams.count('seats');
  const seen = ask(user, options);
  await until('the stream is open', async () => streams.count('seats') > before);
  return seen;
}

/** The ids of the events in a reply, whose chunks have their lengths in between. */
const idsOf = (text: string) => [...text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id));

test('an event is written as its reader reads it', () => {
  const frame = toFrame('changes', JSON.stringify({ text: 'two\nlines' }), 'a-1').toString();
  expect(frame).toBe('event: changes\nid: a-1\ndata: {"text":"two\\nlines"}\n\n');
  expect(eventsOf(retryFrame(1_000.4) + frame)).toEqual([
    { event: 'changes', id: 'a-1', data: { text: 'two\nlines' } },
  ]);
});

test('a stream says how to come back, then the state, then what it changes to, and nothing twice', async () => {
  const { streams, state } = await serve();
  const seen = await open(streams);
  state.set(1);
  state.set(1);
  state.set(2);
  await until('all has come', async () => idsOf(seen.text).at(-1) === 2);
  expect(idsOf(seen.text)).toEqual([0, 1, 2]);
  expect(seen.text).toMatch(/^HTTP\/1.1 200 OK\r\n/);
  expect(seen.text).toMatch(/\r\nretry: \d+\n\n/);
  expect(seen.text).toMatch(/Cache-Control: no-store, no-transform\r\n/);
});

test('a stream is resumed from the id that the client has; one that is too long is none', async () => {
  const { streams, state } = await serve();
  const resumed = await open(streams, 1, { headers: 'last-event-id: 0\r\n' });
  const anew = await open(streams, 1, { headers: `last-event-id: ${'0'.repeat(65)}\r\n` });
  state.set(1);
  await until('both know', async () => [resumed, anew].every(({ text }) => idsOf(text).at(-1) === 1));
  expect([idsOf(resumed.text), idsOf(anew.text)]).toEqual([[1], [0, 1]]);
});

test('the last event ends the stream; what follows it is not sent', async () => {
  const { streams, state } = await serve();
  const seen = await open(streams);
  state.set(1, { isLast: true });
  state.set(2);
  await until('it has ended', async () => seen.text.endsWith('0\r\n\r\n'));
  expect(idsOf(seen.text)).toEqual([0, 1]);
  await until('nobody follows any more', async () => state.pushes.size === 0 && streams.count('seats') === 0);
});

test('a client that goes away is forgotten', async () => {
  const { streams, state } = await serve({ ofOneUser: 1 });
  const { socket } = await open(streams);
  socket.destroy();
  await until('it is forgotten', async () => streams.count('seats') === 0 && state.pushes.size === 0);
  await open(streams);
});

test('HEAD is answered as GET would begin, and ends', async () => {
  const { state } = await serve();
  const seen = ask(1, { method: 'HEAD', headers: 'connection: close\r\n' });
  await once(seen.socket, 'close');
  expect(seen.text).toMatch(/200 OK[^]*text\/event-stream[^]*\r\n\r\n$/);
  await until('nobody follows', async () => state.pushes.size === 0);
});

test.each([
  ['of one user', { ofOneUser: 2 }, 429, [1, 1, 1]],
  ['of all users', { atOnce: 2 }, 503, [1, 2, 3]],
])(
  'more streams %s than allowed are refused with Retry-After, until one has ended',
  async (_of, limits, status, users) => {
    const { streams } = await serve(limits);
    const [first, second, third] = users as [number, number, number];
    const [leaving] = [await open(streams, first), await open(streams, second)];
    const refused = ask(third);
    await until('it is refused', async () => refused.text.includes('"code"'));
    expect(refused.text).toMatch(new RegExp(`^HTTP/1.1 ${status} [^]*problem\\+json[^]*\r\nRetry-After: \\d\r\n`));
    leaving.socket.destroy();
    await until('there is room', async () => streams.count('seats') === 1);
    await open(streams, third);
  },
);

test('a stream without news is kept open by comments; control: without them silence ends it', async () => {
  const { streams } = await serve({ heartbeatMs: 40 }, 200);
  const kept = await open(streams);
  await until('comments come', async () => kept.text.split('\n:\n\n').length > 10);
  expect(kept.socket.closed).toBe(false);
  kept.socket.destroy();
  server?.close();
  const silent = await serve({}, 200);
  const lost = await open(silent.streams);
  await once(lost.socket, 'close');
});

test('a stream ends when its client has to show who it is again', async () => {
  const { streams } = await serve({ lifeMs: 50 });
  const seen = await open(streams);
  await until('it has ended', async () => seen.text.endsWith('0\r\n\r\n'));
});

/** Changes the state again and again, more than the buffers take; gives the last state, and the most that a reply held. */
async function fill({ state, replies }: Awaited<ReturnType<typeof serve>>) {
  let [last, most] = [0, 0];
  while (last * EVENT_BYTES < FULL_BYTES) {
    state.set((last += 1), {}, EVENT_BYTES);
    await new Promise(setImmediate);
    most = Math.max(most, ...replies.map((res) => res.writableLength));
  }
  return { last, most };
}

test('who does not read has one event waiting at the most, and the last state soon after reading again', async () => {
  const api = await serve();
  const seen = await open(api.streams, 1, { reads: false });
  const { last, most } = await fill(api);
  expect(most).toBeGreaterThan(0);
  expect(most).toBeLessThan(2 * EVENT_BYTES);
  seen.socket.on('data', (chunk: string) => (seen.text += chunk)).resume();
  await until('it has the last state', async () => idsOf(seen.text).at(-1) === last);
  expect(idsOf(seen.text).length).toBeLessThan(last);
});

test('who does not read at all is cut off, in spite of news and comments that others get', async () => {
  const api = await serve({ heartbeatMs: 20 }, 300);
  await open(api.streams, 1, { reads: false });
  await open(api.streams, 2);
  await fill(api);
  await until('it is forgotten', async () => api.state.pushes.size === 1 && api.streams.count('seats') === 1);
});

test('control: an event for everybody at once fills the memory with what nobody reads', async () => {
  const { replies, streams } = await serve();
  await open(streams, 1, { reads: false });
  const frame = toFrame('state', JSON.stringify('x'.repeat(EVENT_BYTES)));
  for (let written = 0; written < FULL_BYTES; written += EVENT_BYTES) replies[0]!.write(frame);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(replies[0]!.writableLength).toBeGreaterThan(FULL_BYTES / 2);
});

test('hung up, every stream ends with a time to come back, who reads nothing too, and no more are opened', async () => {
  const api = await serve();
  const { streams } = api;
  const seen = await open(api.streams);
  await open(api.streams, 2, { reads: false });
  await fill(api);
  streams.hangUp();
  await until('it has ended', async () => /retry: \d+\n\n\r\n0\r\n\r\n$/.test(seen.text));
  await until('nobody is left', async () => streams.count('seats') === 0);
  const late = ask(3);
  await until('it is refused', async () => late.text.includes('"unavailable"'));
});
