import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Database } from '../../src/db/connect';
import { select } from '../../src/db/sql';

/** Bytes by table. */
export type Bytes = Record<string, number>;

/** What the tables of one database take. */
export interface Tables {
  /** Pages that belong to a table or one of its indexes, in whole extents of 1 MB once there are many. */
  used: Bytes;
  /** The files of the tables, which grow by 4 MB at a time. */
  files: Bytes;
}

/** Reads `database`, on whose server `home` is the data folder, as it is now and not as it was last counted. */
export async function readTables(db: Database, home: string, database: string): Promise<Tables> {
  const names = (await select<{ name: string }>(db, `SELECT TABLE_NAME AS name ${OF_DATABASE}`, [database])).map(
    ({ name }) => name,
  );
  await db.raw(`ANALYZE TABLE ${names.map(() => '??').join(', ')}`, names);
  const sizes = await select<{ name: string; bytes: number }>(
    db,
    `SELECT TABLE_NAME AS name, DATA_LENGTH + INDEX_LENGTH AS bytes ${OF_DATABASE}`,
    [database],
  );
  return {
    used: Object.fromEntries(sizes.map(({ name, bytes }) => [name, Number(bytes)])),
    files: Object.fromEntries(names.map((name) => [name, fileBytes(path.join(home, database, `${name}.ibd`))])),
  };
}

const OF_DATABASE = `FROM information_schema.TABLES WHERE TABLE_SCHEMA = ?`;

/** What has come between two readings; tables without a difference are left out. */
export function growth(before: Bytes, after: Bytes): Bytes {
  const grown = Object.entries(after).map(([name, bytes]) => [name, bytes - (before[name] ?? 0)] as const);
  return Object.fromEntries(grown.filter(([, bytes]) => bytes !== 0));
}

export function total(bytes: Bytes): number {
  return Object.values(bytes).reduce((sum, one) => sum + one, 0);
}

/** The files that all databases of the server share: its log, its undo pages, its own tables. */
export function sharedFiles(home: string): Bytes {
  const files = readdirSync(home, { withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(files.map(({ name }) => [name, fileBytes(path.join(home, name))]));
}

function fileBytes(file: string): number {
  return existsSync(file) ? statSync(file).size : 0;
}
