import { migrate } from '../../src/db/migrate';
import type { Executor } from '../../src/db/connect';
import { select, selectOne, write } from '../../src/db/sql';
import { altered } from '../support/altered';
import { rolledBack, untilUnderWay, useDatabase } from '../support/database';
import { countOf, hold, makeBuyer, makeSale, TERMS } from '../support/fixtures';

const ALL = ['0001_initial', '0002_reservation_max_tickets', '0003_seating_plan', '0004_reservation_by_sale'];
const SETTINGS = { maxActive: 7, activeSeconds: 70 };
const first = useDatabase({ migrated: false });
const second = useDatabase({ migrated: false });

describe('migrate', () => {
  test('refuses a database that reads SYSDATE as NOW: a deadline would be decided by when a lock was asked for', async () => {
    const told = altered(first.pool(1), (sql) => sql.replaceAll('SYSDATE(', 'NOW('));
    await expect(migrate(told, SETTINGS)).rejects.toThrow('sysdate-is-now');
  });

  test('two processes at once: one runs the migrations, both succeed', async () => {
    expect(await countOf(first.db, 'information_schema.tables', 'table_schema = DATABASE()')).toBe(0);

    const ran = await Promise.all([migrate(first.pool(3), SETTINGS), migrate(first.pool(3), SETTINGS)]);

    expect(ran.flat()).toEqual(ALL);
    expect(await countOf(first.db, 'queue', 'name = ?', ['main'])).toBe(1);
  });

  test('run again, it does nothing', async () => {
    expect(await migrate(first.db, SETTINGS)).toEqual([]);
  });

  test('the settings of the main queue are taken at its creation only', async () => {
    await migrate(first.db, { maxActive: 99, activeSeconds: 990 });

    const queue = await selectOne(first.db, `SELECT max_active, active_seconds FROM queue WHERE name = 'main'`);
    expect(queue).toEqual({ max_active: 7, active_seconds: 70 });
  });

  test('waits for the process that is migrating', async () => {
    const waiting = await rolledBack(second.db, async (other) => {
      await other.raw(`SELECT GET_LOCK('frontrow-migrate', 10)`);
      const migration = migrate(second.pool(3), SETTINGS);
      await untilUnderWay(second.db, '%GET_LOCK%');
      expect(await countOf(other, 'information_schema.tables', 'table_schema = DATABASE()')).toBe(0);
      await other.raw(`SELECT RELEASE_LOCK('frontrow-migrate')`);
      return migration;
    });

    expect(waiting).toEqual(ALL);
  });

  test('a migration cut short by a crash is repeated whole', async () => {
    await second.db.raw('DROP TABLE invariant_result, idempotency_key, payment, seating_plan');
    await second.db.raw('DELETE FROM knex_migrations');
    await write(second.db, 'UPDATE knex_migrations_lock SET is_locked = 1');

    expect(await migrate(second.db, SETTINGS)).toEqual(ALL);

    expect(await countOf(second.db, 'payment')).toBe(0);
  });

  test('0002 waits for who uses the table, keeps what is there, and lets an earlier version go on', async () => {
    const { db } = first;
    await db.raw('ALTER TABLE reservation DROP COLUMN max_tickets');
    await db.raw(`DELETE FROM knex_migrations WHERE name = '0002_reservation_max_tickets'`);
    const [buyer, sale] = [await makeBuyer(db), await makeSale(db, { seats: 2 })];
    const insert = (executor: Executor) =>
      write(
        executor,
        `INSERT INTO reservation (user_id, waiting_token_id, concert_schedule_id, status, total_price, currency,
           reserved_at, expires_at) VALUES (?, ?, ?, 'HELD', 0, 'KRW', NOW(3), NOW(3) + INTERVAL 1 HOUR)`,
        [buyer.userId, buyer.tokenId, sale.scheduleId],
      );
    const using = await db.transaction();
    await insert(using);

    const migration = migrate(first.pool(3), SETTINGS);
    await untilUnderWay(db, 'ALTER TABLE reservation%');
    await using.commit();

    expect(await migration).toEqual(['0002_reservation_max_tickets']);
    await insert(db);
    await hold(db, buyer, sale, sale.seatIds.slice(0, 1));
    const rows = await select<{ limit: number | null }>(
      db,
      'SELECT max_tickets AS `limit` FROM reservation ORDER BY id',
    );
    expect(rows.map(({ limit }) => limit)).toEqual([null, null, TERMS.maxTickets]);
  });
});
