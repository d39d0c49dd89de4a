import type { Knex } from 'knex';
import type { Database } from './connect';
import * as initial from './migrations/0001_initial';
import * as reservationMaxTickets from './migrations/0002_reservation_max_tickets';
import * as seatingPlan from './migrations/0003_seating_plan';
import * as reservationBySale from './migrations/0004_reservation_by_sale';
import { selectOne, write } from './sql';

/** Explicit, because a folder scan sees other names in `src` (.ts) than in `dist` (.js). Append only. */
const MIGRATIONS: readonly { name: string; migration: Knex.Migration }[] = [
  { name: '0001_initial', migration: initial },
  { name: '0002_reservation_max_tickets', migration: reservationMaxTickets },
  { name: '0003_seating_plan', migration: seatingPlan },
  { name: '0004_reservation_by_sale', migration: reservationBySale },
];

const LOCK_NAME = 'frontrow-migrate';
const LOCK_WAIT_SECONDS = 120;
/** The connection with the lock is idle while the migrations run on another. */
const MIGRATION_SECONDS_MAX = 3_600;

const migrationSource: Knex.MigrationSource<(typeof MIGRATIONS)[number]> = {
  getMigrations: async () => [...MIGRATIONS],
  getMigrationName: (entry) => entry.name,
  getMigration: async (entry) => entry.migration,
};

/**
 * Brings the schema up to date and makes sure the queue `main` exists (its settings are taken at creation only). Safe
 * when several processes start at once: the others wait for the first. Returns the names of the migrations it ran. Throws
 * where a deadline could not be decided under a lock.
 */
export async function migrate(
  db: Database,
  mainQueue: { maxActive: number; activeSeconds: number },
): Promise<string[]> {
  await expectClock(db);
  // The named lock belongs to the connection of this transaction, so a crash gives it back.
  return db.transaction(async (trx) => {
    const lock = await selectOne<{ taken: number }>(trx, 'SELECT GET_LOCK(?, ?) AS taken', [
      LOCK_NAME,
      LOCK_WAIT_SECONDS,
    ]);
    await trx.raw(`SET SESSION wait_timeout = ${MIGRATION_SECONDS_MAX}`);
    if (lock?.taken !== 1)
      throw new Error(
        `another process has been migrating for ${LOCK_WAIT_SECONDS} s: see what it is doing, then try again`,
      );
    try {
      await db.migrate.forceFreeMigrationsLock({ migrationSource });
      const [, names] = (await db.migrate.latest({ migrationSource, disableTransactions: true })) as [number, string[]];
      await write(
        db,
        'INSERT INTO queue (name, max_active, active_seconds) VALUES (?, ?, ?) ON DUPLICATE KEY UPDATE id = id',
        ['main', mainQueue.maxActive, mainQueue.activeSeconds],
      );
      return names;
    } finally {
      await selectOne(trx, 'SELECT RELEASE_LOCK(?)', [LOCK_NAME]);
    }
  });
}

/** Deadlines are decided by SYSDATE, the time when a lock was had, which a server can be told to read as NOW, when it was asked for. */
async function expectClock(db: Database): Promise<void> {
  const clock = await selectOne<{ moves: number }>(db, 'SELECT SLEEP(0.01), SYSDATE(6) > NOW(6) AS moves');
  if (clock?.moves !== 1) throw new Error('the database runs with sysdate-is-now: start it without this option');
}
