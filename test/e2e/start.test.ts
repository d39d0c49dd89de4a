import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Fan, newFan } from '../support/fan';
import { send } from '../support/http';
import { eventually, freePort, root, script } from '../support/system';

/** A database made from nothing, on a machine where other tests run. */
const READY_WITHIN_MS = 120_000;
/** What a shell reports of a program that SIGINT has ended. */
const INTERRUPTED = 130;

/** Where the servers of the test run must not be used: everything is to be its own. */
const NOT_INHERITED = [
  'DATABASE_URL',
  'TEMPORAL_ADDRESS',
  'TEMPORAL_NAMESPACE',
  'TOKEN_SECRET',
  'AUTH_MODE',
  'NODE_ENV',
];

let dataDir: string;
let port: number;
const started: ChildProcess[] = [];

beforeAll(async () => {
  dataDir = mkdtempSync(path.join(tmpdir(), 'frontrow-e2e-start-'));
  // As a folder that somebody made by hand.
  chmodSync(dataDir, 0o755);
  port = await freePort();
});
afterAll(async () => {
  await Promise.all(started.map(pressCtrlC));
  rmSync(dataDir, { recursive: true, force: true });
});

interface Start {
  child: ChildProcess;
  output(): string;
}

/** `npm start` as somebody types it, in a process group of its own as in a terminal. */
function npmStart(env: Record<string, string> = {}): Start {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !NOT_INHERITED.includes(name) && !name.startsWith('npm_'),
  );
  const child = spawn('npm', ['start'], {
    cwd: root,
    env: { ...Object.fromEntries(inherited), FRONTROW_DATA: dataDir, PORT: String(port), ...env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.push(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (text: Buffer) => (output += String(text)));
  return { child, output: () => output };
}

/** Signal 0 is sent to nobody: it only asks. */
function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

const ended = ({ exitCode, signalCode }: ChildProcess) => exitCode !== null || signalCode !== null;

/** A terminal sends it to the whole group. Resolves with the exit code. */
async function pressCtrlC(child: ChildProcess): Promise<number | null> {
  if (ended(child)) return child.exitCode;
  const closed = once(child, 'close');
  process.kill(-(child.pid as number), 'SIGINT');
  await closed;
  return child.exitCode;
}

async function untilReady({ child, output }: Start): Promise<void> {
  const isReady = () =>
    Promise.resolve(output().includes(`Frontrow is ready on http://localhost:${port}\n`) || ended(child));
  await eventually('it is ready', isReady, Boolean, READY_WITHIN_MS);
  if (ended(child)) throw new Error(`npm start ended:\n${output()}`);
}

/** Resolves with the exit code and what was said. */
async function untilEnd({ child, output }: Start): Promise<{ code: number | null; output: string }> {
  if (!ended(child)) await once(child, 'close');
  return { code: child.exitCode, output: output() };
}

/** Every port that the system has taken: its own notes say which. */
function ports(): number[] {
  const noted = ['mysql.json', 'temporal.json'].flatMap((name) =>
    Object.values(JSON.parse(readFileSync(path.join(dataDir, name), 'utf8')) as Record<string, unknown>),
  );
  return [port, ...noted.filter((value) => typeof value === 'number')];
}

const portIsFree = (candidate: number) => script<{ isFree(port: number): Promise<boolean> }>('ports').isFree(candidate);
const freePorts = async () => (await Promise.all(ports().map(portIsFree))).filter(Boolean).length;

/** What other users of this machine may read or enter. */
function openToOthers(): string[] {
  // Which process it is, anybody can see.
  const secret = readdirSync(dataDir).filter((name) => name !== 'start.pid');
  return secret.filter((name) => (statSync(path.join(dataDir, name)).mode & 0o077) !== 0);
}

test(
  'npm start ends with the ready line, Ctrl-C ends it with 0 and frees every port, and a second start finds the data',
  async () => {
    const first = npmStart();
    await untilReady(first);
    expect(ports().length).toBeGreaterThanOrEqual(4);
    expect(await freePorts()).toBe(0);
    const api = { url: `http://localhost:${port}` };
    const fan = await newFan(api);
    await fan.charge(4_321);
    await fan.join();
    expect((await fan.concerts()).body.items.map(({ name }) => name)).toContain('Winter Songs');
    const ui = /Web UI (http:\S+)/.exec(first.output())?.[1] as string;
    expect((await send(ui, { method: 'GET', path: '/' })).status).toBeLessThan(400);
    const kept = ['mysql', 'mysql.json', 'temporal.db', 'token-secret', 'runtime.json', 'api-1.log'];
    expect(readdirSync(dataDir)).toEqual(expect.arrayContaining(kept));
    expect(openToOthers()).toEqual([]);

    const rival = await untilEnd(npmStart({ PORT: String(await freePort()) }));
    expect(rival.code).toBe(1);
    expect(rival.output).toMatch(
      /Frontrow already runs on .* \(process \d+\): stop that one, or start another beside it/,
    );
    expect((await fan.asset()).status).toBe(200);

    expect(await pressCtrlC(first.child)).toBe(0);
    expect(await freePorts()).toBe(ports().length);
    expect(readdirSync(dataDir).filter((name) => name.endsWith('.pid') || name === 'runtime.json')).toEqual([]);

    const second = npmStart();
    await untilReady(second);
    const again = new Fan(api.url, fan.userId, fan.accessToken, fan.queueToken);
    expect((await again.asset()).body.balance).toBe(4_321);
    expect((await again.poll()).body.status).toBe('ACTIVE');
    expect((await again.join()).body.token).toBe(fan.queueToken);
    expect(await pressCtrlC(second.child)).toBe(0);
    expect(await freePorts()).toBe(ports().length);
  },
  2 * READY_WITHIN_MS,
);

test('npm start on a port that is taken says so, names another, and starts nothing', async () => {
  const somebody = createServer().listen(0);
  await once(somebody, 'listening');
  const taken = (somebody.address() as AddressInfo).port;
  const other = mkdtempSync(path.join(tmpdir(), 'frontrow-e2e-start-'));
  try {
    const { code, output } = await untilEnd(npmStart({ PORT: String(taken), FRONTROW_DATA: other }));
    expect(code).toBe(1);
    expect(output).toContain(`Port ${taken} is in use: start on another with PORT=${taken + 1} npm start`);
    expect(readdirSync(other)).toEqual([]);
  } finally {
    somebody.close();
    rmSync(other, { recursive: true, force: true });
  }
});

test('Ctrl-C in the middle of a start ends it and leaves nothing running', async () => {
  const fresh = mkdtempSync(path.join(tmpdir(), 'frontrow-e2e-start-'));
  try {
    const start = npmStart({ PORT: String(await freePort()), FRONTROW_DATA: fresh });
    const servers = ['mysql.pid', 'temporal.pid'].map((name) => path.join(fresh, name));
    await eventually('its servers run', () => Promise.resolve(servers.every(existsSync)), Boolean, READY_WITHIN_MS);
    const pids = servers.map((file) => Number(readFileSync(file, 'utf8')));
    expect(pids.map(isRunning)).toEqual([true, true]);
    expect(start.output()).not.toContain('is ready on');
    expect(await pressCtrlC(start.child)).toBe(INTERRUPTED);
    expect(pids.map(isRunning)).toEqual([false, false]);
    expect(readdirSync(fresh).filter((name) => name.endsWith('.pid'))).toEqual([]);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
});
