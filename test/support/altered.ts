import type { Database } from '../../src/db/connect';

interface RawConnection {
  query(options: string | { sql: string }, ...rest: unknown[]): unknown;
}

/**
 * Makes the statements of a pool what `change` makes of them, at the moment it gives them: code of ours without one of its
 * guards, stopped in the middle, or with another clock. Gives the pool.
 */
export function altered(db: Database, change: (sql: string) => string | Promise<string>): Database {
  const client = db.client as { acquireRawConnection(): Promise<RawConnection> };
  const acquire = client.acquireRawConnection.bind(client);
  client.acquireRawConnection = async () => {
    const connection = await acquire();
    const query = connection.query.bind(connection);
    connection.query = (options, ...rest) => {
      const sql = typeof options === 'string' ? options : options.sql;
      // A query looks like a promise and is none: it must not be given back.
      const fail = (error: Error) => (rest.at(-1) as (error: Error) => void)(error);
      void Promise.resolve(change(sql)).then((changed) => {
        query(typeof options === 'string' ? changed : { ...options, sql: changed }, ...rest);
      }, fail);
      return undefined;
    };
    return connection;
  };
  return db;
}

/**
 * Leaves the lock out of the statements that `pattern` fits; of a join, that of its first table only, because a locking
 * read does not lock what a query inside it reads.
 */
export const withoutLock = (pattern: RegExp) => (sql: string) => {
  if (!pattern.test(sql)) return sql;
  const joined = /FROM (\w+) (\w+) LEFT JOIN/;
  return joined.test(sql)
    ? sql.replace(joined, 'FROM (SELECT * FROM $1) $2 LEFT JOIN')
    : sql.replace(/ FOR UPDATE.*$/s, '');
};

/** Stops at the first statement that `pattern` fits until `go` is called. */
export function stopAt(pattern: RegExp): { change(sql: string): Promise<string>; reached: Promise<void>; go(): void } {
  let arrive = (): void => undefined;
  let go = (): void => undefined;
  const reached = new Promise<void>((resolve) => (arrive = resolve));
  const gone = new Promise<void>((resolve) => (go = resolve));
  return {
    reached,
    go,
    change: async (sql) => {
      if (pattern.test(sql)) {
        arrive();
        await gone;
      }
      return sql;
    },
  };
}
