import type { Socket } from 'node:net';
import { knex, type Knex } from 'knex';

export type Database = Knex;
export type Transaction = Knex.Transaction;
/** Where a statement may run: on any connection of the pool, or inside a transaction. */
export type Executor = Database | Transaction;

/** Below the start-to-close time of every activity, so that a statement fails before its activity is given up. */
const LOCK_WAIT_SECONDS = 3;
/** A process frozen inside a transaction loses its connection, and with it its locks, after this time. */
const IDLE_CONNECTION_SECONDS = 10;
/** Idle connections are closed by us before the server does it. */
const POOL_IDLE_MS = 5_000;
/** A request that finds no free connection for this long is answered 503 rather than queued. */
const POOL_ACQUIRE_MS = 3_000;
/**
 * A connection in use that carries no byte for this long leads nowhere: a host that vanished does not say so, and TCP
 * would wait for a quarter of an hour. No statement of ours is silent that long, and no activity waits longer.
 */
const SILENCE_MS = 20_000;

const SESSION_SETTINGS = [
  'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED',
  `SET SESSION time_zone = '+00:00', innodb_lock_wait_timeout = ${LOCK_WAIT_SECONDS},
    wait_timeout = ${IDLE_CONNECTION_SECONDS}, sql_mode = 'STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ENGINE_SUBSTITUTION'`,
];

/** Every error of a query or of connecting reaches its caller, who logs it: knex need not print it, too. */
const QUIET = { warn() {}, error() {}, deprecate() {}, debug() {} };

export interface ConnectOptions {
  url: string;
  poolMax: number;
  silenceMs?: number;
}

/** A pool of connections to `url`; nothing is opened before the first query. Close it with `destroy()`. */
export function connect({ url, poolMax, silenceMs = SILENCE_MS }: ConnectOptions): Database {
  return knex({
    client: 'mysql2',
    connection: { uri: url, timezone: 'Z', charset: 'utf8mb4', connectTimeout: POOL_ACQUIRE_MS } as object,
    acquireConnectionTimeout: POOL_ACQUIRE_MS,
    log: QUIET,
    // Otherwise an error's text carries the statement with its values, balances included, into logs and histories.
    compileSqlOnError: false,
    pool: {
      min: 0,
      max: poolMax,
      idleTimeoutMillis: POOL_IDLE_MS,
      afterCreate: (connection: DriverConnection, done: Prepared) => {
        const lost = () => connection.stream.destroy(new Error(`the database was silent for ${silenceMs} ms`));
        connection.stream.setTimeout(silenceMs, lost);
        prepareSession(connection, done);
      },
    },
  });
}

/** Resolves when the database answers; rejects otherwise. */
export async function ping(db: Database): Promise<void> {
  await db.raw('SELECT 1');
}

interface DriverConnection {
  stream: Socket;
  query(sql: string, done: (error: Error | null) => void): void;
}

type Prepared = (error: Error | null, connection: unknown) => void;

function prepareSession(connection: DriverConnection, done: Prepared): void {
  const [isolation, settings] = SESSION_SETTINGS as [string, string];
  connection.query(isolation, (error) => {
    if (error) done(error, connection);
    else connection.query(settings, (failure) => done(failure, connection));
  });
}
