import type { Executor } from '../../src/db/connect';
import { saveOutcomes } from '../../src/db/idempotency';
import { leaveQueue } from '../../src/db/queue';
import { select, write } from '../../src/db/sql';
import { transact } from '../../src/db/transaction';
import { expectInvariants, rolledBack, useDatabase } from '../support/database';
import { hold, issueAll, key, makeBuyer, makeQueue, makeSale, makeUser, pay } from '../support/fixtures';

const { db } = useDatabase({ checked: false });

const DUPLICATE = 1062;
const NO_PARENT = 1452;
const CHECK_FAILED = [4025, 3819]; // MariaDB, MySQL

/** The columns of a table that are neither generated nor its own number. */
async function columnsOf(table: string): Promise<string[]> {
  const rows = await select<{ name: string }>(
    db,
    `SELECT column_name AS name FROM information_schema.columns
     WHERE table_schema = DATABASE() AND table_name = ? AND extra NOT LIKE '%auto_increment%' AND extra NOT LIKE '%GENERATED%'`,
    [table],
  );
  return rows.map((row) => row.name);
}

/** Copies one row, with some columns replaced by other expressions. */
async function copy(trx: Executor, table: string, over: Record<string, string>, where = '1 = 1'): Promise<void> {
  const columns = await columnsOf(table);
  const values = columns.map((column) => over[column] ?? `\`${column}\``);
  const names = columns.map((column) => `\`${column}\``);
  await trx.raw(`INSERT INTO ${table} (${names.join()}) SELECT ${values.join()} FROM ${table} WHERE ${where} LIMIT 1`);
}

type Violation = (trx: Executor) => Promise<unknown>;
const sql =
  (statement: string): Violation =>
  (trx) =>
    trx.raw(statement);
const orphan = (table: string, column: string): Violation => sql(`UPDATE ${table} SET ${column} = 999999 LIMIT 1`);

const CHECKS: Record<string, Violation> = {
  'asset.asset_balance_not_negative': sql('UPDATE asset SET balance = -1 LIMIT 1'),
  'asset_entry.asset_entry_balance_not_negative': sql('UPDATE asset_entry SET balance_after = -1 LIMIT 1'),
  'asset_entry.asset_entry_moves_money': sql(`UPDATE asset_entry SET amount = 0 WHERE kind = 'CHARGE' LIMIT 1`),
  'queue.queue_waiting_not_negative': sql('UPDATE queue SET waiting_count = -1 LIMIT 1'),
  'queue.queue_served_was_issued': sql('UPDATE queue SET served_ticket_no = next_ticket_no LIMIT 1'),
  'waiting_token.waiting_token_active_has_end': sql(
    `UPDATE waiting_token SET expires_at = NULL WHERE status = 'ACTIVE' LIMIT 1`,
  ),
  'waiting_token.waiting_token_end_is_dated': sql(
    `UPDATE waiting_token SET ended_at = NULL WHERE status = 'USED' LIMIT 1`,
  ),
  'concert_schedule.concert_schedule_sale_before_concert': sql(
    'UPDATE concert_schedule SET concert_date = reservation_st_date LIMIT 1',
  ),
  'reservation.reservation_end_is_dated': sql(
    `UPDATE reservation SET completed_at = NOW(3) WHERE status = 'HELD' LIMIT 1`,
  ),
  'concert_seat.concert_seat_price_not_negative': sql('UPDATE concert_seat SET price = -1 LIMIT 1'),
  'concert_seat.concert_seat_owner': sql(`UPDATE concert_seat SET status = 'SOLD' WHERE status = 'FREE' LIMIT 1`),
  'concert_seat.concert_seat_deadline': sql(`UPDATE concert_seat SET held_until = NULL WHERE status = 'HELD' LIMIT 1`),
  'reservation_ticket.reservation_ticket_sells_its_seat': sql(
    'UPDATE reservation_ticket SET sold_seat_id = concert_seat_id + 100 WHERE sold_seat_id IS NULL LIMIT 1',
  ),
};

const PARENTS: Record<string, Violation> = {
  'asset.asset_of_user': orphan('asset', 'user_id'),
  'asset_entry.asset_entry_user': orphan('asset_entry', 'user_id'),
  'waiting_token.waiting_token_queue': orphan('waiting_token', 'queue_id'),
  'waiting_token.waiting_token_user': orphan('waiting_token', 'user_id'),
  'queue_departure.queue_departure_queue': orphan('queue_departure', 'queue_id'),
  'concert.concert_queue': orphan('concert', 'queue_id'),
  'concert_schedule.concert_schedule_concert': orphan('concert_schedule', 'concert_id'),
  'reservation.reservation_user': orphan('reservation', 'user_id'),
  'reservation.reservation_token': orphan('reservation', 'waiting_token_id'),
  'reservation.reservation_schedule': orphan('reservation', 'concert_schedule_id'),
  'seating_plan.seating_plan_schedule': orphan('seating_plan', 'concert_schedule_id'),
  'concert_seat.concert_seat_schedule': orphan('concert_seat', 'concert_schedule_id'),
  'concert_seat.concert_seat_reservation': sql(
    `UPDATE concert_seat SET reservation_id = 999999 WHERE status = 'HELD' LIMIT 1`,
  ),
  'reservation_ticket.reservation_ticket_reservation': orphan('reservation_ticket', 'reservation_id'),
  'reservation_ticket.reservation_ticket_schedule': orphan('reservation_ticket', 'concert_schedule_id'),
  'reservation_ticket.reservation_ticket_of_seat': sql(
    'UPDATE reservation_ticket SET concert_seat_id = 999999 WHERE sold_seat_id IS NULL LIMIT 1',
  ),
  'payment.payment_reservation': orphan('payment', 'reservation_id'),
  'payment.payment_user': orphan('payment', 'user_id'),
  'idempotency_key.idempotency_key_user': orphan('idempotency_key', 'user_id'),
};

const UNIQUE: Record<string, Violation> = {
  'asset.asset_user': (trx) => copy(trx, 'asset', {}),
  'asset_entry.asset_entry_reference': (trx) => copy(trx, 'asset_entry', {}),
  'queue.queue_name': (trx) => copy(trx, 'queue', {}),
  'waiting_token.waiting_token_ticket': (trx) => copy(trx, 'waiting_token', {}, `status = 'USED'`),
  'waiting_token.waiting_token_one_live': (trx) =>
    copy(trx, 'waiting_token', { ticket_no: '999' }, `status = 'ACTIVE'`),
  'queue_departure.PRIMARY': (trx) => copy(trx, 'queue_departure', { ticket_no: '999' }),
  'queue_departure.queue_departure_ticket': (trx) => copy(trx, 'queue_departure', { departure_no: '999' }),
  'concert_seat.concert_seat_location': (trx) => copy(trx, 'concert_seat', {}),
  'reservation_ticket.reservation_ticket_seat': (trx) => copy(trx, 'reservation_ticket', {}, 'sold_seat_id IS NULL'),
  'reservation_ticket.reservation_ticket_sold_once': (trx) =>
    copy(
      trx,
      'reservation_ticket',
      { reservation_id: '(SELECT MIN(id) FROM reservation)' },
      'sold_seat_id IS NOT NULL',
    ),
  'seating_plan.PRIMARY': (trx) => copy(trx, 'seating_plan', {}),
  'payment.payment_once': (trx) => copy(trx, 'payment', {}),
  'idempotency_key.PRIMARY': (trx) => copy(trx, 'idempotency_key', {}),
};

/** A row's own number: nothing writes it. */
const NUMBERED = [
  'user',
  'asset',
  'asset_entry',
  'queue',
  'waiting_token',
  'concert',
  'concert_schedule',
  'reservation',
  'concert_seat',
  'reservation_ticket',
  'payment',
  'invariant_result',
];

beforeAll(async () => {
  const sale = await makeSale(db);
  const buyer = await makeBuyer(db, { balance: 5_000 });
  const [a, b] = sale.seatIds as [number, number];
  await hold(db, buyer, sale, [a]); // of the token that stays ACTIVE
  const payer = await makeBuyer(db, { balance: 5_000 });
  await pay(db, payer, (await hold(db, payer, sale, [b])).id);
  await transact(db, (trx) => saveOutcomes(trx, [{ key: key(buyer.userId), status: 201, body: {} }]));
  await write(db, 'INSERT INTO seating_plan (concert_schedule_id, plan, prices, seats) VALUES (?)', [
    [sale.scheduleId, '{}', '{}', '{}'],
  ]);
  const queue = await makeQueue(db, { paused: true });
  const { issued } = await issueAll(db, [{ userId: await makeUser(db), queue: queue.name }]);
  await leaveQueue(db, issued[0]?.id ?? 0);
});

describe('the constraints of the schema', () => {
  test('there is a violation of each below', async () => {
    const rows = await select<{ name: string }>(
      db,
      `SELECT CONCAT(table_name, '.', constraint_name) AS name FROM information_schema.table_constraints
       WHERE table_schema = DATABASE() AND table_name NOT LIKE 'knex%'`,
    );
    const tried = [
      ...Object.keys({ ...CHECKS, ...PARENTS, ...UNIQUE }),
      ...NUMBERED.map((table) => `${table}.PRIMARY`),
    ];
    expect(rows.map(({ name }) => name).sort()).toEqual(tried.sort());
  });

  const refusals = [
    ...Object.entries(CHECKS).map(([name, violation]) => ({ name, violation, errnos: CHECK_FAILED })),
    ...Object.entries(PARENTS).map(([name, violation]) => ({ name, violation, errnos: [NO_PARENT] })),
    ...Object.entries(UNIQUE).map(([name, violation]) => ({ name, violation, errnos: [DUPLICATE] })),
  ];
  test.each(refusals)('$name refuses', async ({ name, violation, errnos }) => {
    const refused = rolledBack(db, violation).catch((error: unknown) => error);
    const error = (await refused) as { errno: number; message: string } | undefined;
    expect(errnos).toContain(error?.errno);
    expect(error?.message).toContain(name.slice(name.indexOf('.') + 1));
  });

  test.each([
    ['reservation', 'status'],
    ['concert_seat', 'status'],
    ['waiting_token', 'status'],
    ['asset_entry', 'kind'],
  ])('%s.%s refuses a word it does not know', async (table, column) => {
    await expect(rolledBack(db, sql(`UPDATE ${table} SET ${column} = 'ELSE' LIMIT 1`))).rejects.toMatchObject({
      errno: 1265,
    });
  });
});

/** These run last, and in this order: a key that a foreign key leans on goes after it. */
describe('control: with the constraint gone, the database takes what it refused', () => {
  const drops = [
    ...Object.entries(CHECKS).map(([name, violation]) => ({ name, violation, drop: 'CONSTRAINT' })),
    ...Object.entries(PARENTS).map(([name, violation]) => ({ name, violation, drop: 'FOREIGN KEY' })),
    ...Object.entries(UNIQUE).map(([name, violation]) => ({
      name,
      violation,
      drop: name.endsWith('PRIMARY') ? '' : 'KEY',
    })),
  ];
  test.each(drops)('$name', async ({ name, violation, drop }) => {
    const [table, constraint] = name.split('.') as [string, string];
    await db.raw(`ALTER TABLE ${table} DROP ${drop} ${constraint === 'PRIMARY' ? 'PRIMARY KEY' : constraint}`);

    await rolledBack(db, violation);
  });

  test('nothing of all this was kept', async () => expectInvariants(db));
});
