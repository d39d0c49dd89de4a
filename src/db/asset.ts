import { randomUUID } from 'node:crypto';
import type { AssetEntryView, AssetView, ChargeView } from '../contracts/asset';
import { MONEY_MAX } from '../contracts/common';
import { invalid } from '../errors';
import type { Database, Transaction } from './connect';
import { saveOutcome, type IdempotencyKey } from './idempotency';
import { readClock, select, selectOne, write } from './sql';
import { transact } from './transaction';

/** Makes a user with an asset of 0; returns the user's id. */
export async function createUser(db: Database): Promise<number> {
  return transact(db, async (trx) => {
    const { insertId } = await write(trx, 'INSERT INTO user () VALUES ()');
    await write(trx, 'INSERT INTO asset (user_id) VALUES (?)', [insertId]);
    return insertId;
  });
}

/** Makes the user with this id, known to the identity provider, if this database has not met them yet. */
export async function ensureUser(db: Database, userId: number): Promise<void> {
  await transact(db, async (trx) => {
    await write(trx, 'INSERT INTO user (id) VALUES (?) ON DUPLICATE KEY UPDATE id = id', [userId]);
    await write(trx, 'INSERT INTO asset (user_id) VALUES (?) ON DUPLICATE KEY UPDATE user_id = user_id', [userId]);
  });
}

/** The balance in minor units; 0 for a user who has not moved money yet. */
export async function findAsset(db: Database, userId: number, currency: string): Promise<AssetView> {
  const row = await selectOne<{ balance: number }>(db, 'SELECT balance FROM asset WHERE user_id = ?', [userId]);
  return { userId, balance: row?.balance ?? 0, currency };
}

/** A user's ledger, newest first, older than `beforeId`. */
export async function listEntries(
  db: Database,
  userId: number,
  page: { limit: number; beforeId?: number | undefined },
): Promise<AssetEntryView[]> {
  const rows = await select<Omit<AssetEntryView, 'createdAt'> & { createdAt: Date }>(
    db,
    `SELECT id, kind, amount, balance_after AS balanceAfter, reference, created_at AS createdAt FROM asset_entry
     WHERE user_id = ? AND id < ? ORDER BY id DESC LIMIT ?`,
    [userId, page.beforeId ?? Number.MAX_SAFE_INTEGER, page.limit],
  );
  return rows.map((row) => ({ ...row, createdAt: row.createdAt.toISOString() }));
}

export interface ChargeInput {
  userId: number;
  /** Minor units of `currency`, positive. */
  amount: number;
  currency: string;
  key: IdempotencyKey;
}

/** Adds to a balance under its row lock, with a ledger entry and the idempotent outcome in the same transaction. */
export async function charge(db: Database, input: ChargeInput): Promise<ChargeView> {
  return transact(db, async (trx) => {
    const balance = await lockAsset(trx, input.userId);
    if (balance + input.amount > MONEY_MAX) {
      throw invalid({ pointer: '/amount', detail: `the balance may be ${MONEY_MAX} at the most, and is ${balance}` });
    }
    const entry = { kind: 'CHARGE' as const, amount: input.amount, reference: `charge-${randomUUID()}` };
    const entryId = await moveMoney(trx, { userId: input.userId, balance, ...entry, at: await readClock(trx) });
    const view = { entryId, amount: input.amount, balance: balance + input.amount, currency: input.currency };
    await saveOutcome(trx, input.key, 201, view);
    return view;
  });
}

/** Locks a user's asset row and returns its balance: the last lock in the order. */
export async function lockAsset(trx: Transaction, userId: number): Promise<number> {
  const row = await selectOne<{ balance: number }>(trx, 'SELECT balance FROM asset WHERE user_id = ? FOR UPDATE', [
    userId,
  ]);
  if (!row) throw new Error(`user ${userId} has no asset row`);
  return row.balance;
}

export interface Movement {
  userId: number;
  /** The balance under the lock, before this movement. */
  balance: number;
  kind: AssetEntryView['kind'];
  /** Signed. */
  amount: number;
  /** Unique over all movements: what this one stands for. */
  reference: string;
  /** The clock under the lock. */
  at: Date;
}

/** Writes one ledger entry and the balance after it, under `lockAsset`'s lock (I4). Returns the entry's id. */
export async function moveMoney(trx: Transaction, movement: Movement): Promise<number> {
  const balanceAfter = movement.balance + movement.amount;
  const { insertId } = await write(
    trx,
    `INSERT INTO asset_entry (user_id, kind, amount, balance_after, reference, created_at) VALUES (?, ?, ?, ?, ?, ?)`,
    [movement.userId, movement.kind, movement.amount, balanceAfter, movement.reference, movement.at],
  );
  await write(trx, 'UPDATE asset SET balance = ?, last_entry_id = ? WHERE user_id = ?', [
    balanceAfter,
    insertId,
    movement.userId,
  ]);
  return insertId;
}
