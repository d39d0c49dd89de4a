import type { Knex } from 'knex';
import { select } from '../sql';
import { transact } from '../transaction';

/** Whoever comes after waits, too, so rather try again than wait long for the transactions that use the table. */
const TABLE_WAIT_SECONDS = 2;

/**
 * What a date has sold, and when, from an index alone. `status` comes first: an index that begins with the schedule would
 * serve its foreign key, and each change of a status would lock the schedule. Made beside whoever reads and writes.
 */
export async function up(knex: Knex): Promise<void> {
  await transact(knex, async (trx) => {
    // May run again: a migration cut short by a crash is repeated whole.
    const existing = await select(trx, `SHOW INDEX FROM reservation WHERE Key_name = 'reservation_by_sale'`);
    if (existing.length > 0) return;
    await trx.raw(`SET SESSION lock_wait_timeout = ${TABLE_WAIT_SECONDS}`);
    await trx.raw(`ALTER TABLE reservation
      ADD INDEX reservation_by_sale (status, concert_schedule_id, completed_at, total_price), ALGORITHM=INPLACE, LOCK=NONE`);
  });
}

/** Migrations go forward only: a table with money in it is not dropped by a command. */
export async function down(): Promise<void> {
  throw new Error('0004_reservation_by_sale cannot be undone; restore a backup instead');
}
