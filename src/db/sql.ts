import type { Executor, Transaction } from './connect';

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

/**
 * The ids that an INSERT of several rows has given them, in their order. Others may insert in between, but not for these
 * `owners`: the caller has locked what stands in the column `owner`.
 */
export async function insertedIds(
  trx: Transaction,
  { insertId, affectedRows }: Written,
  rows: { table: string; owner: string; owners: readonly number[] },
): Promise<number[]> {
  if (affectedRows === 1) return [insertId];
  const found = await select<{ id: number }>(
    trx,
    `SELECT id FROM ${rows.table} WHERE id >= ? AND ${rows.owner} IN (?) ORDER BY id LIMIT ?`,
    [insertId, rows.owners, affectedRows],
  );
  return found.map((row) => row.id);
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

function errno(error: unknown): number | undefined {
  return (error as { errno?: number } | undefined)?.errno;
}

/** The server refused a statement; the connection is as good as before. */
export function isStatementError(error: unknown): boolean {
  return typeof (error as { sqlState?: unknown } | undefined)?.sqlState === 'string';
}

/** A unique key refused the row. */
export function isDuplicateKey(error: unknown): boolean {
  return errno(error) === DUPLICATE_KEY;
}

/** The transaction lost a race for locks and may be tried again from its start. */
export function isRetryable(error: unknown): boolean {
  return errno(error) === DEADLOCK || errno(error) === LOCK_WAIT_TIMEOUT;
}
