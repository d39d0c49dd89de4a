import { once } from 'node:events';
import { createServer, request, type ClientRequest, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import express, { type RequestHandler } from 'express';
import { createLanes, LANE_LIMITS, laneOf, type Lane, type LaneLimits, type Lanes } from '../../src/api/lanes';
import { readBody } from '../../src/api/body';
import { sendProblem } from '../../src/api/problem';
import { docsRoutes } from '../../src/api/routes/docs';
import { BUSY, createShed } from '../../src/api/shed';
import { until } from '../support/database';
import { checkProblem, send, type Reply } from '../support/http';

/** The same at ease and under strain. */
const bounds = (running: number, waiting: number): LaneLimits => ({
  running: { atEase: running, strained: running },
  waiting: { atEase: waiting, strained: waiting },
});
const WIDE: Record<Lane, LaneLimits> = { inside: bounds(500, 0), outside: bounds(500, 0), joining: bounds(500, 0) };
const JOIN = '/api/v1/queue/tokens';
const POLL = '/api/v1/queue/token';
const HOLD = '/api/v1/reservations';

let server: Server | undefined;
const outgoing: ClientRequest[] = [];
afterEach(async () => {
  for (const one of outgoing.splice(0)) one.destroy();
  server?.closeAllConnections();
  server?.close();
  if (server) await once(server, 'close');
  server = undefined;
});

interface Served {
  url: string;
  lanes: Lanes;
}

/** An API with these lanes in which every request that gets through them is answered by `answer`. */
async function serve(
  limits: Partial<typeof WIDE>,
  answer: RequestHandler,
  { ease, draining }: { ease: number; draining: boolean } = { ease: 1, draining: false },
): Promise<Served> {
  const deps = { ease: () => ease, shed: createShed(() => draining) };
  const lanes = createLanes({ limits: { ...WIDE, ...limits }, ...deps });
  const app = express().disable('x-powered-by').use(readBody(), lanes.enter, answer);
  server = createServer(lanes.before(app)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, lanes };
}

/** Answers of handlers that are held back until the test opens them. */
function gate() {
  const held: (() => void)[] = [];
  const answer: RequestHandler = (_req, res) => void held.push(() => res.json({}));
  const open = (): void => {
    for (const go of held.splice(0)) go();
  };
  return { held, answer, open };
}

const connections = () => new Promise<number>((resolve) => server?.getConnections((_error, count) => resolve(count)));
const joinAt = (url: string) => send(url, { method: 'POST', path: JOIN, json: {} });
const untilRuns = (lanes: Lanes, lane: Lane, running: number, waiting = 0) =>
  until(`${running} run and ${waiting} wait`, async () => {
    const state = lanes.state(lane);
    return state.running === running && state.waiting === waiting;
  });

test.each([
  ['POST', JOIN, 'joining'],
  ['POST', '/API/v1/Queue/Tokens', 'joining'],
  ['POST', '/api/v1/dev/sessions', 'joining'],
  ['GET', POLL, 'outside'],
  ['DELETE', POLL, 'outside'],
  ['GET', '/docs/swagger-ui-bundle.js', 'outside'],
  ['GET', '/', 'outside'],
  ['POST', HOLD, 'inside'],
  ['POST', '/api/v1/payments', 'inside'],
  ['GET', '/api/v1/schedules/1/seats', 'inside'],
  ['PATCH', '/api/v1/admin/queues/main', 'inside'],
  ['GET', '/livez', undefined],
  ['GET', '/readyz', undefined],
  ['GET', '/metrics', undefined],
])('%s %s takes the lane %s', (method, path, lane) => {
  expect(laneOf(method, path)).toBe(lane);
});

test('a full lane refuses the next, before its body has come, and no other lane', async () => {
  const { held, answer, open } = gate();
  const { url, lanes } = await serve({ joining: bounds(1, 1) }, (req, res, next) =>
    req.path === JOIN ? answer(req, res, next) : void res.json({}),
  );
  const served = [joinAt(url), joinAt(url)];
  await untilRuns(lanes, 'joining', 1, 1);

  const early = request(new URL(JOIN, url), { method: 'POST', headers: { 'content-length': 5 } });
  outgoing.push(early.on('error', () => undefined));
  early.flushHeaders();
  const [reply] = (await once(early, 'response')) as [{ statusCode: number }];
  expect(reply.statusCode).toBe(503);
  const refused = await joinAt(url);
  expect(checkProblem(refused)).toBe('unavailable');
  expect(Number(refused.headers['retry-after'])).toBeGreaterThanOrEqual(1);
  for (const path of [HOLD, POLL, '/readyz']) expect((await send(url, { method: 'GET', path })).status).toBe(200);
  expect(lanes.state('joining')).toEqual({ running: 1, waiting: 1, shed: 2 });

  while (held.length > 0) {
    open();
    await new Promise(setImmediate);
  }
  expect((await Promise.all(served)).map(({ status }) => status)).toEqual([200, 200]);
  expect(lanes.state('joining')).toEqual({ running: 0, waiting: 0, shed: 2 });
});

test('who is shed is answered as anybody else who is refused, security headers included', async () => {
  const refuse: RequestHandler = (_req, res) => sendProblem(res, BUSY);
  const { url, lanes } = await serve({ joining: bounds(0, 0) }, refuse);
  const replies = [await joinAt(url), await send(url, { method: 'GET', path: POLL })];
  expect(lanes.state('joining').shed).toBe(1);
  expect(replies.map(checkProblem)).toEqual(['unavailable', 'unavailable']);
  const [shed, refused] = replies.map(
    ({ headers: { 'x-request-id': id, 'retry-after': after, date, ...same }, text }) => {
      expect(after).toMatch(/^[1-3]$/);
      expect(date).toBeDefined();
      return { same, text: text.replace(String(id), 'the trace id') };
    },
  );
  expect(shed).toEqual(refused);
  expect(shed!.same).toMatchObject({ 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' });

  const traceId = '0af7651916cd43dd8448eb211c80319c';
  const traceparent = `00-${traceId}-b7ad6b7169203331-01`;
  const traced = await send(url, { method: 'POST', path: JOIN, json: {}, headers: { traceparent } });
  expect(traced.problem?.traceId).toBe(traceId);
});

test('a process that is about to go asks also those whom it sheds to close', async () => {
  const draining = { ease: 1, draining: true };
  const { url } = await serve({ joining: bounds(0, 0) }, (_req, res) => void res.json({}), draining);
  expect((await joinAt(url)).headers.connection).toBe('close');
});

test('under strain fewer join at once, but only as long as somebody is inside', async () => {
  const limits = { running: { atEase: 4, strained: 1 }, waiting: { atEase: 9, strained: 2 } };
  const { held, answer, open } = gate();
  const { url, lanes } = await serve({ joining: limits }, answer, { ease: 0, draining: false });
  const openAll = async (replies: Promise<Reply>[]): Promise<number[]> => {
    const all = Promise.all(replies);
    for (; lanes.state('joining').running > 0; await new Promise(setImmediate)) open();
    return (await all).map(({ status }) => status);
  };
  const alone = [1, 2, 3, 4].map(() => joinAt(url));
  await untilRuns(lanes, 'joining', 4);
  expect(await openAll(alone)).toEqual([200, 200, 200, 200]);

  const inside = send(url, { method: 'GET', path: HOLD });
  await untilRuns(lanes, 'inside', 1);
  const stillInside = held.pop()!;
  const together = [1, 2, 3].map(() => joinAt(url));
  await untilRuns(lanes, 'joining', 1, 2);
  expect((await joinAt(url)).status).toBe(503);
  expect(await openAll(together)).toEqual([200, 200, 200]);
  stillInside();
  expect((await inside).status).toBe(200);
});

test.each(['outside', 'joining'] as const)('under the worst strain the lane %s goes on', (lane) => {
  expect(LANE_LIMITS[lane].running.strained).toBeGreaterThan(0);
});

test('everybody who waits passes, never more at once than allowed', async () => {
  const seen: string[] = [];
  let atOnce = 0;
  let most = 0;
  const { url, lanes } = await serve({ outside: bounds(3, 100) }, async (req, res) => {
    seen.push(req.url);
    most = Math.max(most, (atOnce += 1));
    await new Promise((resolve) => setTimeout(resolve, 5));
    atOnce -= 1;
    res.json({});
  });
  const ask = (n: number) => send(url, { method: 'GET', path: `${POLL}?n=${n}` });
  const all = await Promise.all(Array.from({ length: 60 }, (_, n) => ask(n)));
  expect(all.every(({ status }) => status === 200)).toBe(true);
  expect(new Set(seen).size).toBe(60);
  expect(most).toBe(3);
  expect(lanes.state('outside')).toEqual({ running: 0, waiting: 0, shed: 0 });
});

/** Where in the order of handling somebody inside came who arrived when a rush of quick requests was under way. */
async function placeAmid(rush: number, limits: LaneLimits): Promise<number> {
  const seen: string[] = [];
  let open!: () => void;
  const opened = new Promise<void>((resolve) => (open = resolve));
  const { url, lanes } = await serve({ outside: limits }, async (req, res) => {
    if (req.path === POLL) await opened;
    for (const endMs = performance.now() + 1; performance.now() < endMs;);
    seen.push(req.path);
    res.json({});
  });
  const polls = Array.from({ length: rush }, () => send(url, { method: 'GET', path: POLL }));
  const running = Math.min(rush, limits.running.atEase);
  await untilRuns(lanes, 'outside', running, rush - running);
  open();
  await Promise.all([send(url, { method: 'GET', path: HOLD }), ...polls]);
  return seen.indexOf(HOLD);
}

test('somebody inside passes between the requests of a rush; control: without the lane, after all of them', async () => {
  const rush = 200;
  expect(await placeAmid(rush, bounds(5, rush))).toBeLessThan(rush / 2);
  server?.close();
  expect(await placeAmid(rush, bounds(rush, 0))).toBe(rush);
});

test('whoever gave up while waiting is passed over', async () => {
  const { held, answer, open } = gate();
  const { url, lanes } = await serve({ joining: bounds(1, 9) }, answer);
  const first = joinAt(url);
  await untilRuns(lanes, 'joining', 1);
  const gone = request(new URL(JOIN, url), { method: 'POST' }).on('error', () => undefined);
  gone.end();
  await untilRuns(lanes, 'joining', 1, 1);
  const last = joinAt(url);
  await untilRuns(lanes, 'joining', 1, 2);
  const before = await connections();
  gone.destroy();
  await until('the server has noticed', async () => (await connections()) < before);
  open();
  await untilRuns(lanes, 'joining', 1, 0);
  expect(held).toHaveLength(1);
  open();
  expect((await Promise.all([first, last])).map(({ status }) => status)).toEqual([200, 200]);
});

test('a place is kept until the work is done, though the client has gone', async () => {
  const { held, answer, open } = gate();
  const { url, lanes } = await serve({ joining: bounds(1, 0) }, answer);
  const gone = request(new URL(JOIN, url), { method: 'POST' }).on('error', () => undefined);
  gone.end();
  await untilRuns(lanes, 'joining', 1);
  gone.destroy();
  await new Promise((resolve) => gone.once('close', resolve));
  expect((await joinAt(url)).status).toBe(503);
  expect(held).toHaveLength(1);
  open();
  await untilRuns(lanes, 'joining', 0);
});

test('a file whose reader has gone before its first byte gives its place back', async () => {
  const docs = express.Router();
  docsRoutes(docs, {});
  const { held, answer } = gate();
  const { url, lanes } = await serve({ outside: bounds(1, 0) }, (req, res, next) => {
    answer(req, res, next);
    req.socket.once('close', () => docs(req, res, next));
  });
  const gone = request(new URL('/docs/swagger-ui-bundle.js', url)).on('error', () => undefined);
  gone.end();
  await until('it has its place', async () => held.length === 1);
  gone.destroy();
  await untilRuns(lanes, 'outside', 0);
});

test('neither a body that does not come nor a reply that is not read takes a place', async () => {
  const body = Buffer.alloc(30_000_000);
  let replies = 0;
  const { url, lanes } = await serve({ joining: bounds(1, 0) }, (_req, res) => {
    replies += 1;
    res.end(body);
  });
  const sender = request(new URL(JOIN, url), {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-length': 9 },
  });
  outgoing.push(sender.on('error', () => undefined));
  sender.write('{');
  const reader = connect(Number(new URL(url).port), '127.0.0.1').pause();
  reader.write(`POST ${JOIN} HTTP/1.1\r\nhost: x\r\n\r\n`);
  await until('the reply is on its way', async () => replies === 1);
  expect(lanes.state('joining')).toEqual({ running: 0, waiting: 0, shed: 0 });
  reader.destroy();
});
