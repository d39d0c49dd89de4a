import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection, ScheduleNotFoundError, WorkflowNotFoundError } from '@temporalio/client';
import { connect, type Database } from '../../src/db/connect';
import { SWEEP_WORKFLOW_ID } from '../../src/workflows/ids';
import { expectInvariants } from './database';
import type { Links } from './link';
import { registerNamespace } from './namespace';

declare const nodeRequire: NodeJS.Require;

export const root = path.join(__dirname, '../..');

/** A module of ours that Jest cannot load: the scripts are ES modules. */
export const script = <Module>(name: string): Module =>
  nodeRequire(path.join(root, 'scripts/parts', `${name}.mjs`)) as Module;

/** One process of ours, as scripts/parts/member.mjs gives it. */
export interface Member {
  readonly name: string;
  readonly logFile: string;
  readonly pid: number;
  /** Resolves with the reason when the process that is there now has ended. */
  readonly exited: Promise<string>;
  /** SIGKILL unless another signal is named: no chance to clean up. */
  kill(signal?: NodeJS.Signals): boolean;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export interface ApiProcess extends Member {
  readonly url: string;
}

interface Started {
  apis: ApiProcess[];
  workers: Member[];
  env: Record<string, string>;
  stop(): Promise<void>;
}

type StartSystem = (options: {
  dataDir: string;
  env: Record<string, string>;
  apis: number;
  workers: number;
}) => Promise<Started>;
type StartMember = (options: { name: string; file: string; env: object; logFile: string }) => Promise<Member>;

/** A whole system of real processes, with a database and a Temporal namespace of its own on the servers of the run. */
export interface TestSystem {
  /** Of the first API. */
  readonly url: string;
  readonly apis: ApiProcess[];
  readonly workers: Member[];
  readonly db: Database;
  readonly client: Client;
  /** Settings with which another process joins in. */
  readonly env: NodeJS.ProcessEnv;
  /** Where the logs are: `<member>.log`. */
  readonly dir: string;
  /** One more API process, with settings of its own; stopped with the system. */
  addApi(env?: Record<string, string>): Promise<ApiProcess>;
  stop(): Promise<void>;
}

export interface SystemOptions {
  apis?: number;
  workers?: number;
  env?: Record<string, string>;
  /** The ways that its processes take to the servers; `db` and `client` of the test go straight. */
  links?: Links;
  /** `false`: what the test plants violates invariants. */
  checked?: boolean;
}

/** Starts a system from `dist` by the same code as `npm start`. `name` is part of the names of what it creates. */
export async function startTestSystem(name: string, options: SystemOptions = {}): Promise<TestSystem> {
  const own = `frontrow_e2e_${name}_${randomBytes(4).toString('hex')}`;
  const { DATABASE_URL: serverUrl, TEMPORAL_ADDRESS: address } = process.env;
  if (!serverUrl || !address)
    throw new Error('DATABASE_URL or TEMPORAL_ADDRESS is not set: run the tests with `npm test`');
  const server = connect({ url: serverUrl, poolMax: 1 });
  const connection = await Connection.connect({ address });
  await server.raw('CREATE DATABASE ??', [own]);
  await registerNamespace(connection, own);

  const url = new URL(serverUrl);
  url.pathname = `/${own}`;
  const dir = mkdtempSync(path.join(tmpdir(), 'frontrow-e2e-'));
  const db = connect({ url: url.href, poolMax: 8 });
  const taken = new URL(url);
  if (options.links) taken.host = options.links.database.address;
  const env = {
    DATABASE_URL: taken.href,
    TEMPORAL_ADDRESS: options.links?.temporal.address ?? address,
    TEMPORAL_NAMESPACE: own,
    AUTH_MODE: 'dev',
    ...options.env,
  };
  const added: Member[] = [];
  const closeAll = async () => {
    await db.destroy();
    await connection.close();
    await server.raw('DROP DATABASE ??', [own]);
    await server.destroy();
    rmSync(dir, { recursive: true, force: true });
  };
  try {
    const { startSystem } = script<{ startSystem: StartSystem }>('system');
    const system = await startSystem({ dataDir: dir, env, apis: options.apis ?? 1, workers: options.workers ?? 1 });
    const all = { ...process.env, ...env, ...system.env };
    const client = new Client({ connection, namespace: own });
    return {
      url: (system.apis[0] as ApiProcess).url,
      apis: system.apis,
      workers: system.workers,
      db,
      client,
      env: all,
      dir,
      addApi: async (over = {}) => {
        const api = await startApi(`api-added-${added.length + 1}`, dir, { ...all, ...over });
        added.push(api);
        return api;
      },
      stop: async () => {
        await Promise.all(added.map((member) => member.stop()));
        await system.stop();
        await stopSweeping(client);
        try {
          if (options.checked !== false) await expectInvariants(db);
        } finally {
          await closeAll();
        }
      },
    };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

async function startApi(name: string, dir: string, env: NodeJS.ProcessEnv): Promise<ApiProcess> {
  const port = await freePort();
  const { startMember } = script<{ startMember: StartMember }>('member');
  const member = await startMember({
    name,
    file: path.join(root, 'dist/cli/api.js'),
    env: { ...env, PORT: String(port) },
    logFile: path.join(dir, `${name}.log`),
  });
  return Object.assign(member, { url: `http://localhost:${port}` });
}

/** One more worker, with settings of its own; its starter stops it. */
export async function startWorker(system: TestSystem, name: string, over: Record<string, string>): Promise<Member> {
  const { startMember } = script<{ startMember: StartMember }>('member');
  const file = path.join(root, 'dist/cli/worker.js');
  return startMember({ name, file, env: { ...system.env, ...over }, logFile: path.join(system.dir, `${name}.log`) });
}

/** A port that is free at this moment. */
export const freePort = (): Promise<number> => script<{ freePort(): Promise<number> }>('ports').freePort();

/** It would go on every minute, for nobody, on the server that the other test files use. */
async function stopSweeping(client: Client): Promise<void> {
  try {
    await client.schedule.getHandle(SWEEP_WORKFLOW_ID).delete();
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error; // no worker has made it
  }
}

const POLL_MS = 20;
/** For what has no promise of its own: on a busy machine it still comes by then, or never. */
const EVENTUALLY_MS = 15_000;

/** Asks until the answer is good, and gives it; rejects with the last answer when `withinMs` have passed. */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T>,
  good: (answer: T) => boolean,
  withinMs = EVENTUALLY_MS,
): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (good(answer)) return answer;
    if (performance.now() > deadline) {
      throw new Error(`not within ${withinMs} ms: ${what}; last seen: ${JSON.stringify(answer)?.slice(0, 500)}`);
    }
    await sleep(POLL_MS);
  }
}

/** What a workflow ends with, also one that is still to be started. */
export async function outcomeOf({ client }: TestSystem, workflowId: string): Promise<unknown> {
  const handle = client.workflow.getHandle(workflowId);
  await eventually(`${workflowId} is there`, () => handle.describe().catch(orUndefinedIfMissing), Boolean);
  return handle.result();
}

function orUndefinedIfMissing(error: unknown): undefined {
  if (!(error instanceof WorkflowNotFoundError)) throw error;
}
