import type { Database } from '../../src/db/connect';
import { select } from '../../src/db/sql';
import type { Effect } from '../model/effects';
import type { Model } from '../model/model';

/** Holds the database against the model once every effect is decided: all that was acknowledged is there, and once. */
export async function compare(db: Database, model: Model): Promise<void> {
  const applied = model.effects.ofState('done');
  await compareHolds(db, model, ofKind(applied, 'hold'));
  await compareCharges(db, model, ofKind(applied, 'charge'));
  await comparePayments(db, model);
  await compareBalances(db, model);
  await compareTokens(db, model);
}

const ofKind = (effects: Effect[], kind: Effect['kind']) => effects.filter((effect) => effect.kind === kind);

async function compareHolds(db: Database, model: Model, holds: Effect[]): Promise<void> {
  const rows = await select<{ id: number; userId: number; status: string; seatIds: string | null }>(
    db,
    `SELECT r.id, r.user_id AS userId, r.status, GROUP_CONCAT(t.concert_seat_id ORDER BY t.concert_seat_id) AS seatIds
     FROM reservation r LEFT JOIN reservation_ticket t ON t.reservation_id = r.id GROUP BY r.id, r.user_id, r.status`,
  );
  const found = new Map(rows.map((row) => [row.id, row]));
  for (const { id, userId, seatIds, status } of model.seats.holds.values()) {
    const row = found.get(id);
    const same = row?.userId === userId && row.seatIds === String(seatIds.toSorted((a, b) => a - b));
    if (!same) model.violate('lost', `reservation ${id} of user ${userId} with seats ${String(seatIds)}`);
    else if (status !== row.status && status !== 'HELD') {
      model.violate('lost', `reservation ${id} was acknowledged as ${status} and is ${row.status}`);
    }
  }
  countPerUser(model, 'reservations', holds, rows);
}

async function compareCharges(db: Database, model: Model, charges: Effect[]): Promise<void> {
  const rows = await select<{ id: number; userId: number; amount: number }>(
    db,
    `SELECT id, user_id AS userId, amount FROM asset_entry WHERE kind = 'CHARGE'`,
  );
  const found = new Map(rows.map((row) => [row.id, row]));
  for (const { rowId, userId, json } of charges) {
    const row = found.get(rowId!);
    const same = row?.userId === userId && row.amount === (json as { amount: number }).amount;
    if (!same) model.violate('lost', `charge ${rowId} of user ${userId}`);
  }
  countPerUser(model, 'charges', charges, rows);
}

async function comparePayments(db: Database, model: Model): Promise<void> {
  const rows = await select<{ id: number; reservationId: number; userId: number; price: number }>(
    db,
    'SELECT id, reservation_id AS reservationId, user_id AS userId, price FROM payment',
  );
  const found = new Map(rows.map((row) => [row.id, row]));
  for (const { id, reservationId, price } of model.payments.values()) {
    const row = found.get(id);
    if (row?.reservationId !== reservationId || row.price !== price) {
      model.violate('lost', `payment ${id} of reservation ${reservationId}`);
    }
  }
  for (const { id, reservationId } of rows) {
    const known = model.payments.has(reservationId);
    if (!known) model.violate('doubled', `payment ${id} of reservation ${reservationId}, which no key has made`);
  }
}

async function compareBalances(db: Database, model: Model): Promise<void> {
  const rows = await select<{ userId: number; balance: number }>(db, 'SELECT user_id AS userId, balance FROM asset');
  for (const { userId, balance } of rows) model.money.saw(userId, balance);
}

async function compareTokens(db: Database, model: Model): Promise<void> {
  const rows = await select<{ id: number; userId: number }>(db, 'SELECT id, user_id AS userId FROM waiting_token');
  const found = new Map(rows.map((row) => [row.id, row.userId]));
  for (const { id, userId } of model.line.tokens.values()) {
    if (found.get(id) !== userId) model.violate('lost', `queue token ${id} of user ${userId}`);
  }
}

/** A user's rows that no key of theirs has made were made twice. */
function countPerUser(model: Model, what: string, effects: Effect[], rows: { userId: number }[]): void {
  const count = (items: { userId: number }[]) => {
    const counts = new Map<number, number>();
    for (const { userId } of items) counts.set(userId, (counts.get(userId) ?? 0) + 1);
    return counts;
  };
  const [asked, made] = [count(effects), count(rows)];
  for (const [userId, rowCount] of made) {
    const effectCount = asked.get(userId) ?? 0;
    if (rowCount > effectCount) {
      model.violate('doubled', `user ${userId} has ${rowCount} ${what} and asked for ${effectCount}`);
    }
  }
}
