import path from 'node:path';
import { connect, type Database } from '../../src/db/connect';
import { migrate } from '../../src/db/migrate';
import type { Bench } from '../bench';
import { checkTruth } from '../truth';
import { deleteKeys, openSale, SALE_QUEUE, type Sale } from './sale';
import { growth, readTables, sharedFiles, total, type Bytes, type Tables } from './tables';

/** What one step of a sale has left in the tables, for each time that it was done. */
export interface Step {
  name: string;
  used: Bytes;
}

export interface RowsMeasured {
  steps: Step[];
  /** Whole bytes: the files of the keys with all of them, with none, and with those of as many charges again. */
  keyFiles: { full: number; emptied: number; refilled: number };
  /** By how much the files grew that all databases share. */
  shared: Bytes;
  /** Whole bytes, after the last step. */
  used: number;
  files: number;
  invariants: number;
}

const DATABASE = 'frontrow_disk';
const POOL_MAX = 16;
const LONG_HOLD_SECONDS = 3_600;
const KEYS = 'idempotency_key';

/** Each step in its order; holds are of one second where their deadline is to pass. */
const STEPS: [string, (sale: Sale) => Promise<unknown>][] = [
  ['user', (sale) => sale.makeUsers()],
  ['two seats', (sale) => sale.makeSeats()],
  ['token that waits', (sale) => sale.join()],
  ['its admission', (sale) => sale.letIn()],
  ['charge', (sale) => sale.charge()],
  ['hold of two seats', (sale) => sale.hold(1)],
  ['its end without a payment', (sale) => sale.expire()],
  ['another hold of them', (sale) => sale.hold(LONG_HOLD_SECONDS)],
  ['its payment', (sale) => sale.pay()],
];

/** In a database of its own on the bench's server, which no worker knows: what is written is what is measured. */
export async function measureRows({ db: server, system }: Bench, count: number): Promise<RowsMeasured> {
  await server.raw('CREATE DATABASE ??', [DATABASE]);
  const url = new URL(system.databaseUrl);
  url.pathname = `/${DATABASE}`;
  const db = connect({ url: url.href, poolMax: POOL_MAX });
  try {
    await migrate(db, SALE_QUEUE);
    return await measureSale(db, url.href, path.join(system.dataDir, 'mysql'), count);
  } finally {
    await db.destroy();
  }
}

async function measureSale(db: Database, url: string, home: string, count: number): Promise<RowsMeasured> {
  const read = () => readTables(db, home, DATABASE);
  const sale = await openSale(db, count);
  const sharedBefore = sharedFiles(home);
  const steps: Step[] = [];
  let before = await read();
  for (const [name, work] of STEPS) {
    await work(sale);
    const after = await read();
    steps.push(stepOf(name, count, before, after));
    console.log(`${name}: ${Math.round(total((steps.at(-1) as Step).used))} bytes`);
    before = after;
  }
  const shared = growth(sharedBefore, sharedFiles(home));
  const invariants = await checkTruth({ db });
  await deleteKeys(url);
  const emptied = await read();
  await sale.charge();
  const refilled = await read();
  const [full = 0, none = 0, again = 0] = [before, emptied, refilled].map(({ files }) => files[KEYS]);
  return {
    steps,
    keyFiles: { full, emptied: none, refilled: again },
    shared,
    used: total(before.used),
    files: total(before.files),
    invariants,
  };
}

function stepOf(name: string, count: number, before: Tables, after: Tables): Step {
  const used = Object.entries(growth(before.used, after.used)).map(([table, bytes]) => [table, bytes / count] as const);
  return { name, used: Object.fromEntries(used) };
}

/** Of these bytes, those of idempotency keys, which the sweep deletes. */
export function keyBytes(used: Bytes): number {
  return used[KEYS] ?? 0;
}
