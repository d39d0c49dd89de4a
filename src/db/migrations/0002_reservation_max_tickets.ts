import type { Knex } from 'knex';
import { transact } from '../transaction';

/** Whoever comes after waits, too, so rather try again than wait long for the transactions that use the table. */
const TABLE_WAIT_SECONDS = 2;

/**
 * The ticket limit in force when a reservation was made (I11); null for those made before. Takes no copy of the table
 * and no time, and may run while an earlier version writes to it.
 */
export async function up(knex: Knex): Promise<void> {
  await transact(knex, async (trx) => {
    // May run again: a migration cut short by a crash is repeated whole.
    if (await trx.schema.hasColumn('reservation', 'max_tickets')) return;
    await trx.raw(`SET SESSION lock_wait_timeout = ${TABLE_WAIT_SECONDS}`);
    await trx.raw('ALTER TABLE reservation ADD COLUMN max_tickets INT NULL, ALGORITHM=INSTANT');
  });
}

/** Migrations go forward only: a table with money in it is not dropped by a command. */
export async function down(): Promise<void> {
  throw new Error('0002_reservation_max_tickets cannot be undone; restore a backup instead');
}
