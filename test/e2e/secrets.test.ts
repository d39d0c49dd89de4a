import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { randomUUID } from 'node:crypto';
import { select } from '../../src/db/sql';
import { operations, send } from '../support/http';
import { Fan, newFan, newGuest, newSale } from '../support/fan';
import { eventually, root, startTestSystem, type TestSystem } from '../support/system';
import { countOf } from '../support/fixtures';

const PRICE = 99_000;

let system: TestSystem;
/** What must be found nowhere, by what it is. */
const secrets: Record<string, string> = {};

beforeAll(async () => {
  system = await startTestSystem('secrets', { env: { LOG_LEVEL: 'trace' } });
  const { password } = new URL(String(system.env.DATABASE_URL));
  Object.assign(secrets, { 'the token secret': system.env.TOKEN_SECRET, 'the password of the database': password });
  await goThroughEverything();
});
afterAll(() => system.stop());

/** Good days and bad days, with every secret at every place where it is sent. */
async function goThroughEverything(): Promise<void> {
  const sale = await newSale(await newFan(system, 'admin'));
  const keys = { hold: randomUUID(), pay: randomUUID(), charge: randomUUID(), again: randomUUID() };
  const fan = await newGuest(system, sale);
  const { body: held } = await fan.hold(sale.scheduleId, [sale.seatIds[0]!], keys.hold);
  await fan.pay(held.id, keys.pay);
  await fan.charge(PRICE, keys.charge);
  await fan.pay(held.id, keys.pay);
  await fan.pay(held.id, keys.again);
  await system.client.workflow.getHandle(`payment-${held.id}`).result();
  const thief = await newFan(system);
  thief.queueToken = fan.queueToken;
  await thief.concerts();
  await new Fan(fan.url, 0, `${fan.accessToken}x`).asset();
  const leaver = await newGuest(system, sale);
  await leaver.hold(sale.scheduleId, [sale.seatIds[1]!]);
  await leaver.leave();

  // A process whose database is away, and one whose Temporal is: both have something to complain about.
  const cutOff = await system.addApi({ TEMPORAL_ADDRESS: '127.0.0.1:1' });
  const other = (await newGuest(cutOff, sale, PRICE)).at(cutOff);
  const { body: second } = await other.hold(sale.scheduleId, [sale.seatIds[2]!]);
  await other.pay(second.id);
  await lockOutDatabase();
  thief.queueToken = undefined; // it is the first fan's
  for (const someone of [fan, thief, leaver, other]) {
    secrets[`the access token of user ${someone.userId}`] = someone.accessToken;
    if (someone.queueToken) secrets[`the queue token of user ${someone.userId}`] = someone.queueToken;
  }
  for (const [name, key] of Object.entries(keys)) secrets[`the idempotency key of ${name}`] = key;
}

/** An API whose database is away never gets ready, but says why. */
async function lockOutDatabase(): Promise<void> {
  const url = new URL(String(system.env.DATABASE_URL));
  url.port = '1';
  const log = openSync(path.join(system.dir, 'no-database.log'), 'a');
  const env = { ...system.env, DATABASE_URL: url.href, PORT: '0' };
  const api = spawn(process.execPath, [path.join(root, 'dist/cli/api.js')], { env, stdio: ['ignore', log, log] });
  closeSync(log);
  const exited = once(api, 'exit');
  const complains = () =>
    Promise.resolve(logs().some(({ text }) => text.includes('queue snapshot fails; trying again')));
  await eventually('it complains', complains, Boolean);
  api.kill();
  await exited;
}

const logs = (dir = system.dir) =>
  readdirSync(dir)
    .filter((name) => name.endsWith('.log'))
    .map((name) => ({ name, text: readFileSync(path.join(dir, name), 'utf8') }));

/** Every history in the namespace, with what is encoded in it decoded. */
async function histories(): Promise<{ name: string; text: string }[]> {
  const found: { name: string; text: string }[] = [];
  for await (const { workflowId, runId } of system.client.workflow.list()) {
    const handle = system.client.workflow.getHandle(workflowId, runId);
    const parts = [await handle.fetchHistory(), (await handle.describe()).raw];
    found.push({ name: workflowId, text: textsOf(parts).join('\n') });
  }
  return found;
}

/** All texts in a message of Temporal, and what is in its payloads. As JSON they would be in base64, where nobody finds them. */
function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (value instanceof Uint8Array) return [Buffer.from(value).toString()];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) => [name, ...textsOf(member)]);
}

const leaks = (places: { name: string; text: string }[], of = secrets) =>
  places.flatMap(({ name, text }) =>
    Object.entries(of).flatMap(([what, secret]) => (text.includes(secret) ? [`${what} is in ${name}`] : [])),
  );

test('no log has a token, a key or a password in it, at the finest level', () => {
  expect(logs().map(({ name }) => name)).toEqual(expect.arrayContaining(['api-1.log', 'worker-1.log']));
  expect(logs().some(({ text }) => text.includes('"level":20'))).toBe(true);
  expect(leaks(logs())).toEqual([]);
});

test('no history has a token, a key or a password in it', async () => {
  const found = await histories();
  expect(found.filter(({ name }) => /^(payment|reservation|queue-token)-/.test(name)).length).toBeGreaterThanOrEqual(7);
  expect(found.some(({ text }) => text.includes('"reservationId":'))).toBe(true);
  expect(leaks(found)).toEqual([]);
});

test('control: a secret in a log is found', () => {
  const dir = mkdtempSync(path.join(tmpdir(), 'frontrow-e2e-'));
  try {
    const [what, secret] = Object.entries(secrets)[2]!;
    appendFileSync(path.join(dir, 'api-1.log'), `{"level":30,"msg":"hello","header":"${secret}"}\n`);
    expect(leaks(logs(dir))).toEqual([`${what} is in api-1.log`]);
  } finally {
    rmSync(dir, { recursive: true });
  }
});

test('control: a secret in the input of a workflow is found', async () => {
  const [what, secret] = Object.entries(secrets)[3]!;
  const workflowId = `planted-${randomUUID()}`;
  await system.client.workflow.start('planted', { workflowId, taskQueue: 'nobody', args: [{ deep: [secret] }] });
  const isListed = async () => (await histories()).some(({ name }) => name === workflowId);
  await eventually('it is listed', isListed, Boolean);
  expect(leaks(await histories())).toEqual([`${what} is in ${workflowId}`]);
});

/** Every value of every table, as text and, byte by byte, as the driver gives it. */
async function dump(): Promise<{ name: string; text: string }[]> {
  const tables = await select<{ name: string }>(
    system.db,
    'SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE()',
  );
  return Promise.all(
    tables.map(async ({ name }) => {
      const rows = await select<Record<string, unknown>>(system.db, 'SELECT * FROM ??', [name]);
      const values = rows.flatMap((row) => Object.values(row));
      const texts = values.map((value) => (Buffer.isBuffer(value) ? value.toString('latin1') : JSON.stringify(value)));
      return { name, text: texts.join('\n') };
    }),
  );
}

/** Secrets in the other forms in which they could be kept: signatures alone, as text and as bytes. */
function signatures(): Record<string, string> {
  const signed = Object.entries(secrets).filter(([what]) => /^the (access|queue) token of/.test(what));
  const forms = signed.flatMap(([what, token]) => {
    const signature = token.split('.').at(-1) as string;
    const bytes = Buffer.from(signature, 'base64url');
    return [
      [`the signature of ${what}`, signature],
      [`the signature of ${what} in bytes`, bytes.toString('latin1')],
      [`the signature of ${what} in hex`, bytes.toString('hex')],
    ];
  });
  return Object.fromEntries(forms) as Record<string, string>;
}

test('no table keeps a token, a signature or a key', async () => {
  const tables = await dump();
  expect(tables.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['idempotency_key', 'waiting_token', 'payment']),
  );
  expect(await countOf(system.db, 'idempotency_key')).toBeGreaterThan(0);
  const forms = signatures();
  expect(Object.keys(forms).length).toBeGreaterThanOrEqual(18);
  expect(leaks(tables, { ...secrets, ...forms })).toEqual([]);
});

test('control: a signature in a binary column of a table is found', async () => {
  const [what, signature] = Object.entries(signatures()).find(([form]) => form.endsWith('in bytes'))!;
  await system.db.raw('CREATE TABLE planted (hash VARBINARY(600))');
  try {
    await system.db.raw('INSERT INTO planted (hash) VALUES (?)', [Buffer.from(signature, 'latin1')]);
    expect(leaks(await dump(), signatures())).toEqual([`${what} is in planted`]);
  } finally {
    await system.db.raw('DROP TABLE planted');
  }
});

test('neither the metrics nor the document of the API has a token, a key or a password in it', async () => {
  for (const path of ['/metrics', '/openapi.json', '/readyz']) {
    const { status, text } = await send(system.url, { method: 'GET', path });
    expect([path, status]).toEqual([path, 200]);
    expect(leaks([{ name: path, text }])).toEqual([]);
  }
});

test('no token or key is ever part of an address: no operation takes one in its path or query', () => {
  const inAddresses = [...operations.values()].flatMap(({ path, query }) => [
    ...[...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]),
    ...Object.keys(query?.shape ?? {}),
  ]);
  const paging = ['limit', 'cursor', 'available', 'bucketSeconds'];
  const operators = ['user', 'schedule', 'location', 'reservation'];
  expect(new Set(inAddresses)).toEqual(new Set(['id', 'name', ...paging, ...operators]));
});
