import { once } from 'node:events';
import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { connect } from '../src/db/connect';
import { newFan, newSale, type Sale } from '../test/support/fan';
import type { ApiProcess, Member } from '../test/support/system';
import { visit } from './fans/fans';
import { openDoors, organise } from './fans/organiser';
import { Journal } from './journal';
import { harmLink } from './link-faults';
import { Model } from './model/model';
import { Victim } from './process-faults';
import type { Proxy } from './proxy';
import { randomFrom, type Random } from './random';
import { makeResult, print } from './report';
import { settle } from './settle/settle';
import type { World } from './world';

export { startProxy } from './proxy';

const FANS = 36;
const SALES = 2;
const SEATS = 400;
/** Fewer than the fans of a sale, so that there is always a line; soon over, so that it moves. */
const QUEUE = { maxActive: 12, activeSeconds: 15 };

/** The system as scripts/chaos.mjs has started it; its processes reach the servers through the proxies. */
export interface System {
  apis: ApiProcess[];
  workers: Member[];
  database: Member & { url: string };
  temporal: Member & { address: string };
  proxies: { database: Proxy; temporal: Proxy };
  dataDir: string;
}

export interface Options {
  seed: string;
  minutes: number;
  signal: AbortSignal;
}

/** Runs fans and faults for so long, lets everything settle and checks it. Prints the result and gives the exit code. */
export async function runCampaign(system: System, { seed, minutes, signal }: Options): Promise<number> {
  const random = randomFrom(seed);
  const journal = new Journal(path.join(system.dataDir, 'journal.jsonl'));
  const model = new Model({ activeMs: QUEUE.activeSeconds * 1_000 }, (sentence) => {
    journal.note('violation', { sentence });
    console.log(`violation    ${sentence}`);
  });
  const faultsOver = new AbortController();
  const end = (): void => faultsOver.abort();
  const timer = setTimeout(end, minutes * 60_000);
  signal.addEventListener('abort', end);
  const db = connect({ url: system.database.url, poolMax: 4 });
  const connection = await Connection.connect({ address: system.temporal.address });
  try {
    const admin = await newFan(system.apis[0]!, 'admin');
    const sales: Sale[] = [];
    for (let count = 0; count < SALES; count += 1) sales.push(await newSale(admin, { ...QUEUE, seats: SEATS }));
    const world: World = {
      apis: system.apis,
      model,
      journal,
      sales,
      credentials: new Map(),
      signal: faultsOver.signal,
    };
    const faults = harmAll(system, random, journal, { over: faultsOver.signal, interrupt: signal });
    await Promise.all([
      ...Array.from({ length: FANS }, (_, index) => visit(world, random.fork(`fan ${index}`))),
      organise(world, admin, random.fork('organiser')),
      faults,
    ]);
    signal.throwIfAborted();
    await openDoors(world, admin, random.fork('doors'));
    const client = new Client({ connection });
    const interrupted = once(signal, 'abort').then(() => signal.throwIfAborted());
    const settled = settle(world, { db, client, random: random.fork('settle') });
    await Promise.race([settled, interrupted]);
    const { quietMs } = await settled;
    const result = makeResult({ seed, minutes, quietMs }, journal, model);
    print(result);
    return result.passed ? 0 : 1;
  } finally {
    clearTimeout(timer);
    await Promise.all([db.destroy(), connection.close(), journal.close()]);
  }
}

/** Resolves when the faults are over and every process is up. */
async function harmAll(
  system: System,
  random: Random,
  journal: Journal,
  { over, interrupt }: { over: AbortSignal; interrupt: AbortSignal },
): Promise<void> {
  const { apis, workers, database, temporal, proxies } = system;
  const victim = (kind: Victim['kind']) => (member: Member) =>
    new Victim(kind, member, random.fork(member.name), journal, interrupt);
  const victims = [
    ...apis.map(victim('api')),
    ...workers.map(victim('worker')),
    victim('temporal')(temporal),
    victim('database')(database),
  ];
  await Promise.all([
    harmLink('database', proxies.database, random.fork('database link'), journal, over),
    harmLink('temporal', proxies.temporal, random.fork('temporal link'), journal, over),
    ...victims.map((each) => each.harm(over)),
  ]);
  await Promise.all(victims.map((each) => each.release()));
}
