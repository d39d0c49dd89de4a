import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { PaymentView } from '../../src/contracts/payment';
import { write } from '../../src/db/sql';
import { SWEEP_WORKFLOW_ID } from '../../src/workflows/ids';
import { startCollector, type CollectedSpan, type Collector } from '../support/collector';
import { readAlerts, readPanels } from '../support/deployed';
import { newFan, newGuest, newSale, type Fan, type Sale } from '../support/fan';
import { send } from '../support/http';
import { missingIn, seriesOf } from '../support/promql';
import {
  eventually,
  freePort,
  root,
  startTestSystem,
  startWorker,
  type Member,
  type TestSystem,
} from '../support/system';

/** Looked for in everything that is exported: nobody else has so much. */
const BALANCE = 87_654_321;

let collector: Collector;
let metricsPort: number;
let system: TestSystem;
let sale: Sale;
let fan: Fan;
/** The trace of the payment; the test is its first link. */
const caller = { traceId: randomBytes(16).toString('hex'), spanId: randomBytes(8).toString('hex') };
const key = randomUUID();
/** Where processes write what they have loaded, when they end. */
const loadedDir = mkdtempSync(path.join(tmpdir(), 'frontrow-e2e-'));
let paid: Awaited<ReturnType<typeof payTraced>>;

const traceparent = ({ traceId, spanId }: typeof caller): string => `00-${traceId}-${spanId}-01`;
const payTraced = (payer: Fan, reservationId: number, trace: typeof caller, idempotencyKey: string) =>
  payer.call<PaymentView>('payReservation', {
    json: { reservationId },
    key: idempotencyKey,
    headers: { traceparent: traceparent(trace) },
  });

beforeAll(async () => {
  [collector, metricsPort] = await Promise.all([startCollector(), freePort()]);
  system = await startTestSystem('observability', {
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_BSP_SCHEDULE_DELAY: '100',
      WORKER_METRICS_PORT: String(metricsPort),
      LOG_LEVEL: 'debug',
      NODE_OPTIONS: `--require ${path.join(root, 'test/support/loaded.cjs')}`,
      LOADED_DIR: loadedDir,
    },
  });
  sale = await newSale(await newFan(system, 'admin'));
  fan = await newGuest(system, sale, BALANCE);
  const { body: held } = await fan.hold(sale.scheduleId, sale.seatIds.slice(0, 3));
  paid = await payTraced(fan, held.id, caller, key);
});
afterAll(async () => {
  await system.stop();
  await collector.close();
  rmSync(loadedDir, { recursive: true });
});

const spansOf = (traceId: string): CollectedSpan[] => collector.spans.filter((span) => span.traceId === traceId);

/** From a span up to the first of its trace. */
function wayUp(from: CollectedSpan): CollectedSpan[] {
  const parent = spansOf(from.traceId).find(({ spanId }) => spanId === from.parentSpanId);
  return parent ? [from, ...wayUp(parent)] : [from];
}

/** The last span of a trace to be exported is that of its workflow or of its request. */
const untilExported = (traceId: string, ...names: string[]) =>
  eventually(
    `${names.join()} of ${traceId} are exported`,
    () => Promise.resolve(spansOf(traceId).map(({ name }) => name)),
    (seen) => names.every((name) => seen.includes(name)),
  );

test('a payment is one trace: from the request through its workflow and activity to the statements', async () => {
  expect(paid.status).toBe(201);
  await untilExported(caller.traceId, 'POST /api/v1/payments', 'RunWorkflow:payment', 'RunActivity:announcePayment');
  const debit = spansOf(caller.traceId).find(({ name }) => name === 'INSERT asset_entry') as CollectedSpan;
  const way = wayUp(debit);
  expect(way.map(({ service, name }) => [service, name])).toEqual([
    ['frontrow-worker', 'INSERT asset_entry'],
    ['frontrow-worker', 'RunActivity:settlePayment'],
    ['frontrow-worker', 'RunWorkflow:payment'],
    ['frontrow-api', 'UpdateWithStartWorkflow:pay'],
    ['frontrow-api', 'POST /api/v1/payments'],
  ]);
  expect(way.at(-1)?.parentSpanId).toBe(caller.spanId);
  expect(spansOf(caller.traceId).filter(({ failed }) => failed)).toEqual([]);
});

test('a hold and its workflow, which starts after the reply, are one trace', async () => {
  const other = await newGuest(system, sale);
  const { body: held, headers } = await other.hold(sale.scheduleId, [sale.seatIds[4]!]);
  await other.cancel(held.id);
  const traceId = String(headers['x-request-id']);
  await untilExported(traceId, 'POST /api/v1/reservations', 'StartWorkflow:reservation', 'RunWorkflow:reservation');
});

test('replies and lines of the log carry the id of their trace, the caller’s where there is one', async () => {
  expect(paid.headers['x-request-id']).toBe(caller.traceId);
  const other = await newGuest(system, sale);
  const refused = await other.hold(sale.scheduleId, [sale.seatIds[0]!]);
  expect(refused.problem?.code).toBe('seat_taken');
  const traceId = refused.problem?.traceId as string;
  await untilExported(traceId, 'POST /api/v1/reservations');
  expect(linesOf('api-1').filter((line) => line.traceId === traceId)).toMatchObject([{ code: 'seat_taken' }]);
});

test('an activity logs under the id of its trace', async () => {
  await write(system.db, 'UPDATE asset SET balance = balance + 1 WHERE user_id = ?', [fan.userId]);
  await system.client.schedule.getHandle(SWEEP_WORKFLOW_ID).trigger();
  const complaints = () => Promise.resolve(linesOf('worker-1').filter(({ invariant }) => invariant === 'I4_balance'));
  const [complaint] = await eventually('the sweep complains', complaints, (lines) => lines.length > 0);
  await write(system.db, 'UPDATE asset SET balance = balance - 1 WHERE user_id = ?', [fan.userId]);
  await untilExported(complaint?.traceId as string, 'RunActivity:checkInvariants');
});

interface Line {
  traceId?: string;
  code?: string;
  invariant?: string;
}

function linesOf(member: string): Line[] {
  const text = readFileSync(path.join(system.dir, `${member}.log`), 'utf8');
  return [...text.matchAll(/^\{.*\}$/gm)].map(([line]) => JSON.parse(line) as Line);
}

test('no span has a value of a statement, a token, a key or a password in it', async () => {
  await untilExported(caller.traceId, 'RunWorkflow:payment');
  const exported = Buffer.concat(collector.received).toString('latin1');
  const { password } = new URL(String(system.env.DATABASE_URL));
  const secrets = [fan.accessToken, fan.queueToken, key, system.env.TOKEN_SECRET, password, String(BALANCE)];
  expect(secrets.filter((secret) => exported.includes(secret as string))).toEqual([]);
  // Control: what is in spans is found this way.
  expect(exported).toContain(`payment-${paid.body.reservationId}`);
  expect(exported).toContain('UPDATE asset a JOIN asset_entry e');
});

test('every metric and label of the dashboard and the alerts is there in what API and worker say', async () => {
  await giveEveryMetricAValue();
  const needed = [
    ...readPanels().flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)),
    ...readAlerts().map(({ expr }) => expr),
  ];
  expect(needed.length).toBeGreaterThan(60);
  const missing = async () => {
    const series = seriesOf((await scrape(system.url)) + (await scrape(`http://localhost:${metricsPort}`)));
    return needed.flatMap((expression) => missingIn(series, expression));
  };
  expect(await eventually('nothing is missing', missing, (names) => names.length === 0)).toEqual([]);
});

/** Some metrics have no series before something has happened for the first time. */
async function giveEveryMetricAValue(): Promise<void> {
  const closed = await newSale(await newFan(system, 'admin'), { maxActive: 0 });
  await (await newFan(system)).join(closed.queue);
  await (await newGuest(system, sale)).hold(sale.scheduleId, [sale.seatIds[0]!]);
  await system.client.schedule.getHandle(SWEEP_WORKFLOW_ID).trigger();
  const workflowId = `unknown-${randomUUID()}`;
  await system.client.workflow.start('unknown', { workflowId, taskQueue: 'frontrow-queue' });
}

async function scrape(url: string): Promise<string> {
  const { status, text } = await send(url, { method: 'GET', path: '/metrics' });
  expect([url, status]).toEqual([url, 200]);
  return text;
}

test('no label of ours has a value that grows with users or requests', async () => {
  await send(system.url, { method: 'GET', path: `/api/v1/reservations/${randomUUID()}` });
  const own = (await scrape(system.url)).split('\n').filter((line) => /^(frontrow|http)_/.test(line));
  const labels = own.flatMap((line) => [...line.matchAll(/(\w+)="([^"]*)"/g)]);
  // Of these there are as many as buckets, codes of HTTP, invariants, and queues that an administrator has made.
  const bounded = new Set(['le', 'status', 'name', 'queue']);
  const withNumbers = labels.filter(([, label, value]) => !bounded.has(label!) && /\d{2}|^\d+$/.test(value!));
  expect(labels.length).toBeGreaterThan(100);
  expect(withNumbers.map(([label]) => label)).toEqual([]);
});

/** Of OpenTelemetry, what a process has loaded; without its API, which does nothing by itself: the metrics use it, too. */
async function loadedBy(member: Member): Promise<string[]> {
  const { pid } = member;
  await member.stop();
  const files = JSON.parse(readFileSync(path.join(loadedDir, `loaded-${pid}.json`), 'utf8')) as string[];
  expect(files.length).toBeGreaterThan(100);
  return files.filter((file) => /node_modules\/@opentelemetry\/(?!api\/)|observability\/traces\//.test(file));
}

test('switched off, API and worker load and export nothing; the caller’s trace id is answered all the same', async () => {
  const off = { OTEL_SDK_DISABLED: 'true', WORKER_METRICS_PORT: '' };
  const [api, worker] = await Promise.all([system.addApi(off), startWorker(system, 'worker-off', off)]);
  const guest = (await newGuest(system, sale, BALANCE)).at(api);
  const { body: held } = await guest.hold(sale.scheduleId, [sale.seatIds[5]!]);
  const trace = { traceId: randomBytes(16).toString('hex'), spanId: caller.spanId };
  const reply = await payTraced(guest, held.id, trace, randomUUID());
  expect([reply.status, reply.headers['x-request-id']]).toEqual([201, trace.traceId]);
  expect(await loadedBy(api)).toEqual([]);
  expect(await loadedBy(worker)).toEqual([]);
  expect(spansOf(trace.traceId)).toEqual([]);
});

// The last: it stops the first API.
test('control: switched on it is loaded, and what is left is exported before the process ends', async () => {
  const { headers } = await fan.asset();
  expect((await loadedBy(system.apis[0]!)).length).toBeGreaterThan(50);
  expect(spansOf(String(headers['x-request-id'])).map(({ name }) => name)).toContain('GET /api/v1/asset');
});
