import { randomBytes } from 'node:crypto';
import { connect, type Database, type Executor, type Transaction } from '../../src/db/connect';
import { checkInvariants } from '../../src/db/invariants';
import { migrate } from '../../src/db/migrate';
import { isStatementError, select, selectOne } from '../../src/db/sql';

const POOL_MAX = 12;
/** How soon a busy server gives up on a request is not what these tests are about; a busy machine would fail them. */
const POOL_ACQUIRE_MS = 30_000;
const POLL_MS = 5;
/** An event that has not come by then will not come. */
const EVENT_MS_MAX = 10_000;

/** Settings of the queue `main`: nobody waits unless a test says so. */
export const MAIN_QUEUE = { maxActive: 10_000, activeSeconds: 600 };

export interface TestDatabase {
  /** A pool of this file's own database. */
  readonly db: Database;
  readonly url: string;
  readonly name: string;
  /** Another pool, as another process would have; closed at the end of the file. */
  pool(poolMax?: number): Database;
}

/**
 * Gives this test file a database of its own, dropped at the end. After each test nothing may be left open, and every
 * invariant must hold, unless `checked` is false: that is for controls, which make a violation on purpose.
 */
export function useDatabase({ migrated = true, checked = true } = {}): TestDatabase {
  const name = `frontrow_test_${process.pid}_${randomBytes(5).toString('hex')}`;
  const serverUrl = process.env['DATABASE_URL'];
  if (!serverUrl) throw new Error('DATABASE_URL is not set: run the tests with `npm test`');
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  const server = connect({ url: serverUrl, poolMax: 1 });
  const pools: Database[] = [];
  const pool = (poolMax = POOL_MAX): Database => {
    const opened = patient(connect({ url: url.href, poolMax }));
    pools.push(opened);
    return opened;
  };
  const db = pool();

  beforeAll(async () => {
    await server.raw('CREATE DATABASE ??', [name]);
    if (migrated) await migrate(db, MAIN_QUEUE);
  });
  afterEach(async () => {
    expect(pools.map(connectionsInUse)).toEqual(pools.map(() => 0));
    if (migrated && checked) await expectInvariants(db);
  });
  afterAll(async () => {
    // A pool waits for what is still in use, and a test that failed may have left that behind.
    const leaking = pools.some((opened) => connectionsInUse(opened) > 0);
    const closed = Promise.all(pools.map((opened) => opened.destroy()));
    await (leaking ? closeAll(server, name) : closed);
    await until(`every connection to ${name} is closed`, async () => {
      const row = await selectOne<{ open: number }>(
        server,
        'SELECT COUNT(*) AS open FROM information_schema.processlist WHERE db = ?',
        [name],
      );
      return row?.open === 0;
    });
    await server.raw('DROP DATABASE ??', [name]);
    await server.destroy();
  });
  return { db, url: url.href, name, pool };
}

async function closeAll(server: Database, name: string): Promise<void> {
  const left = await select<{ id: number }>(server, 'SELECT id FROM information_schema.processlist WHERE db = ?', [
    name,
  ]);
  for (const { id } of left) await server.raw('KILL ?', [id]).catch(() => {});
}

/** Lets it wait for a connection as long as a busy machine may need. */
function patient(db: Database): Database {
  poolOf(db).acquireTimeoutMillis = POOL_ACQUIRE_MS;
  return db;
}

/** A transaction keeps its connection until it ends, so 0 means that none was left open either. */
function connectionsInUse(db: Database): number {
  return poolOf(db).numUsed();
}

function poolOf(db: Database): { numUsed(): number; acquireTimeoutMillis: number } {
  return (db.client as { pool: { numUsed(): number; acquireTimeoutMillis: number } }).pool;
}

/** The names of the invariants that do not hold. A transaction also sees what it has not committed. */
export async function brokenInvariants(db: Executor, extent?: 'recent' | 'complete'): Promise<string[]> {
  const results = await checkInvariants(db, extent);
  return results.filter((result) => result.rows.length > 0).map((result) => result.name);
}

export async function expectInvariants(db: Executor): Promise<void> {
  const results = await checkInvariants(db);
  expect(results.filter((result) => result.rows.length > 0)).toEqual([]);
}

/** A checksum of the contents of every table: equal before and after means that nothing was written. */
export async function contents(db: Database): Promise<Record<string, unknown>> {
  const tables = await select<{ name: string }>(
    db,
    `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE() ORDER BY table_name`,
  );
  const names = tables.map((table) => table.name);
  const sums = await select<{ Table: string; Checksum: number }>(
    db,
    `CHECKSUM TABLE ${names.map(() => '??').join(', ')} EXTENDED`,
    names,
  );
  return Object.fromEntries(sums.map((sum) => [sum.Table, sum.Checksum]));
}

/** Runs `work` in a transaction that is rolled back whatever happens: a try that leaves no trace. */
export async function rolledBack<T>(db: Database, work: (trx: Transaction) => Promise<T>): Promise<T> {
  const trx = await db.transaction();
  try {
    return await work(trx);
  } finally {
    await trx.rollback();
  }
}

/** Gives `work` two open transactions to go forth and back between; rolls back what it does not commit. */
export async function interleaved<T>(
  db: Database,
  work: (one: Transaction, two: Transaction) => Promise<T>,
): Promise<T> {
  const transactions = [await db.transaction(), await db.transaction()] as const;
  try {
    return await work(...transactions);
  } finally {
    for (const trx of transactions) if (!trx.isCompleted()) await trx.rollback();
  }
}

const LOCK_WAIT_TIMEOUT = 1205;
/** MySQL's answer to NOWAIT; MariaDB gives LOCK_WAIT_TIMEOUT instead. */
const LOCK_NOWAIT = 3572;

/** From a statement with NOWAIT: another transaction holds one of the rows. */
export function isLockedByAnother(error: unknown): boolean {
  return isStatementError(error) && [LOCK_NOWAIT, LOCK_WAIT_TIMEOUT].includes((error as { errno: number }).errno);
}

/** Whether another transaction holds the lock of a row this selects. */
export async function isLocked(db: Database, table: string, id: number): Promise<boolean> {
  return rolledBack(db, async (trx) => {
    try {
      await trx.raw('SELECT id FROM ?? WHERE id = ? FOR UPDATE NOWAIT', [table, id]);
      return false;
    } catch (error) {
      if (isLockedByAnother(error)) return true;
      throw error;
    }
  });
}

/** Resolves when `happened` answers true; rejects when it does not for ten seconds. */
export async function until(event: string, happened: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + EVENT_MS_MAX;
  while (!(await happened())) {
    if (Date.now() > deadline) throw new Error(`waited ${EVENT_MS_MAX} ms in vain until ${event}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** No statement of a test takes that long, unless it waits. */
const WAITING_LOOKS = 20;

/** Resolves when a statement of another connection does not get on: somebody has what it wants to lock. */
export async function untilLockWait(db: Database): Promise<void> {
  let before = '';
  let looks = 0;
  await until('a statement waits for a lock', async () => {
    const [row] = await select<{ id: number; info: string }>(
      db,
      `SELECT id, info FROM information_schema.processlist
       WHERE db = DATABASE() AND id <> CONNECTION_ID() AND command IN ('Query', 'Execute') ORDER BY id LIMIT 1`,
    );
    const now = row ? `${row.id} ${row.info}` : '';
    looks = now !== '' && now === before ? looks + 1 : 0;
    before = now;
    return looks === WAITING_LOOKS;
  });
}

/** Resolves when a statement like `pattern` is under way on another connection: with its lock taken, it is waiting. */
export async function untilUnderWay(db: Database, pattern: string): Promise<void> {
  await until(`a statement like ${pattern} is under way`, async () => {
    const rows = await select(
      db,
      `SELECT id FROM information_schema.processlist
       WHERE db = DATABASE() AND id <> CONNECTION_ID() AND command IN ('Query', 'Execute') AND info LIKE ?`,
      [pattern],
    );
    return rows.length > 0;
  });
}
