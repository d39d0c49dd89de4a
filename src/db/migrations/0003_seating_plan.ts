import type { Knex } from 'knex';
import { transact } from '../transaction';

/** Whoever comes after waits, too, so rather try again than wait long for the transactions that use the table. */
const TABLE_WAIT_SECONDS = 2;

/**
 * The plan of a date, and the id of each of its seats by `seat_guid`. In one row of text that is read and sent as it is:
 * the seats themselves, which every hold locks, stay as small as they are, and nothing has to be joined for a fan who
 * looks at the plan. An earlier version knows nothing of it and is not disturbed.
 */
export async function up(knex: Knex): Promise<void> {
  await transact(knex, async (trx) => {
    await trx.raw(`SET SESSION lock_wait_timeout = ${TABLE_WAIT_SECONDS}`);
    await trx.raw(`CREATE TABLE IF NOT EXISTS seating_plan (
      concert_schedule_id BIGINT PRIMARY KEY,
      plan MEDIUMTEXT NOT NULL,
      prices MEDIUMTEXT NOT NULL,
      seats MEDIUMTEXT NOT NULL,
      CONSTRAINT seating_plan_schedule FOREIGN KEY (concert_schedule_id) REFERENCES concert_schedule (id)
    ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin`);
  });
}

/** Migrations go forward only: a table with money in it is not dropped by a command. */
export async function down(): Promise<void> {
  throw new Error('0003_seating_plan cannot be undone; restore a backup instead');
}
