import type { Executor } from './connect';

/** What the driver reports of a statement that writes. */
export interface Written {
  affectedRows: number;
  insertId: number;
}

/** The rows of a SELECT. `Row` is the caller's word for what its columns are. */
export async function select<Row>(db: Executor, sql: string, bindings: readonly unknown[] = []): Promise<Row[]> {
  const [rows] = (await db.raw(sql, bindings as never)) as [Row[]];
  return rows;
}

/** The first row of a SELECT, if there is one. */
export async function selectOne<Row>(
  db: Executor,
  sql: string,
  bindings: readonly unknown[] = [],
): Promise<Row | undefined> {
  return (await select<Row>(db, sql, bindings))[0];
}

/** Runs an INSERT, UPDATE or DELETE. */
export async function write(db: Executor, sql: string, bindings: readonly unknown[] = []): Promise<Written> {
  const [written] = (await db.raw(sql, bindings as never)) as [Written];
  return written;
}

/** The database's clock, the only clock. Inside a transaction, read it after the last lock was taken. */
export async function readClock(db: Executor): Promise<Date> {
  const row = await selectOne<{ now: Date }>(db, 'SELECT NOW(3) AS now');
  if (!row) throw new Error('the database gave no time');
  return row.now;
}

const DUPLICATE_KEY = 1062;
const LOCK_WAIT_TIMEOUT = 1205;
const DEADLOCK = 1213;
/** MySQL's answer to NOWAIT; MariaDB gives LOCK_WAIT_TIMEOUT instead. */
const LOCK_NOWAIT = 3572;

function errno(error: unknown): number | undefined {
  return (error as { errno?: number } | undefined)?.errno;
}

/** A unique key refused the row. */
export function isDuplicateKey(error: unknown): boolean {
  return errno(error) === DUPLICATE_KEY;
}

/** From a statement with NOWAIT: another transaction holds one of the rows. */
export function isLockedByAnother(error: unknown): boolean {
  return errno(error) === LOCK_NOWAIT || errno(error) === LOCK_WAIT_TIMEOUT;
}

/** The transaction lost a race for locks and may be tried again from its start. */
export function isRetryable(error: unknown): boolean {
  return errno(error) === DEADLOCK || errno(error) === LOCK_WAIT_TIMEOUT;
}
