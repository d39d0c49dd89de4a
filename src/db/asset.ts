import { randomUUID } from 'node:crypto';
import type { AssetEntryView, AssetView, ChargeView } from '../contracts/asset';
import { MONEY_MAX } from '../contracts/common';
import { invalid, type Refusal } from '../errors';
import type { Database, Transaction } from './connect';
import { saveOutcomes, type IdempotencyKey } from './idempotency';
import { insertedIds, readClock, select, selectOne, write } from './sql';
import { decideTogether, type Decided, type Skip } from './together';
import { transact } from './transaction';

/** Makes a user with an asset of 0; returns the user's id. */
export async function createUser(db: Database): Promise<number> {
  return transact(db, async (trx) => {
    const { insertId } = await write(trx, 'INSERT INTO user () VALUES ()');
    await write(trx, 'INSERT INTO asset (user_id) VALUES (?)', [insertId]);
    return insertId;
  });
}

/** Makes the users with these ids, known to the identity provider, whom this database has not met yet. */
export async function ensureUsers(db: Database, userIds: readonly number[]): Promise<void> {
  const met = await select<{ id: number }>(db, 'SELECT id FROM user WHERE id IN (?)', [userIds]);
  const unmet = new Set(userIds);
  for (const { id } of met) unmet.delete(id);
  if (unmet.size === 0) return;
  // In one order everywhere: two processes may meet the same users at once.
  const rows = [...unmet].sort((a, b) => a - b).map((id) => [id]);
  await transact(db, async (trx) => {
    await write(trx, 'INSERT INTO user (id) VALUES ? ON DUPLICATE KEY UPDATE id = id', [rows]);
    await write(trx, 'INSERT INTO asset (user_id) VALUES ? ON DUPLICATE KEY UPDATE user_id = user_id', [rows]);
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
  /** Minor units, positive. */
  amount: number;
  key: IdempotencyKey;
}

/**
 * Adds to balances under their row locks, with a ledger entry and the idempotent outcome of each in the same
 * transaction. Several charges of one user go on from each other.
 */
export async function chargeAssets(
  db: Database,
  currency: string,
  inputs: readonly ChargeInput[],
): Promise<Decided<ChargeView>[]> {
  return decideTogether(db, inputs, {
    decide: async (trx, some, skip) => {
      const balances = await lockAssets(trx, some.map(ownerOf), skip);
      return some.map((input) => addTo(balances, input, skip));
    },
    save: (trx, charges) => saveCharges(trx, currency, charges),
  });
}

interface GrantedCharge {
  input: ChargeInput;
  balanceAfter: number;
}

const ownerOf = ({ userId }: { userId: number }): number => userId;

/** Notes the new balance, from which the user's next charge goes on. `undefined`: somebody else has locked it. */
function addTo(balances: Map<number, number>, input: ChargeInput, skip: Skip): GrantedCharge | Refusal | undefined {
  const { userId, amount } = input;
  const balance = balances.get(userId);
  if (balance === undefined && skip) return undefined;
  if (balance === undefined) throw new Error(`user ${userId} has no asset row`);
  if (balance + amount > MONEY_MAX) {
    return invalid({ pointer: '/amount', detail: `the balance may be ${MONEY_MAX} at the most, and is ${balance}` });
  }
  balances.set(userId, balance + amount);
  return { input, balanceAfter: balance + amount };
}

async function saveCharges(
  trx: Transaction,
  currency: string,
  charges: readonly GrantedCharge[],
): Promise<ChargeView[]> {
  const at = await readClock(trx);
  const movements = charges.map(({ input: { userId, amount }, balanceAfter }) => {
    return { userId, kind: 'CHARGE' as const, amount, balanceAfter, reference: `charge-${randomUUID()}`, at };
  });
  const entryIds = await moveMoney(trx, movements);
  const views = charges.map(({ input: { amount }, balanceAfter }, index): ChargeView => {
    return { entryId: entryIds[index] as number, amount, balance: balanceAfter, currency };
  });
  await saveOutcomes(
    trx,
    charges.map(({ input }, index) => ({ key: input.key, status: 201, body: views[index] })),
  );
  return views;
}

/** Locks the asset rows of these users, the last locks in the order, and gives their balances. */
export async function lockAssets(
  trx: Transaction,
  userIds: readonly number[],
  skip: Skip = '',
): Promise<Map<number, number>> {
  const rows = await select<{ userId: number; balance: number }>(
    trx,
    `SELECT user_id AS userId, balance FROM asset WHERE user_id IN (?) ORDER BY user_id FOR UPDATE ${skip}`,
    [userIds],
  );
  return new Map(rows.map((row) => [row.userId, row.balance]));
}

export interface Movement {
  userId: number;
  kind: AssetEntryView['kind'];
  /** Signed. */
  amount: number;
  /** The balance under the lock, with this movement and those before it. */
  balanceAfter: number;
  /** Unique over all movements: what this one stands for. */
  reference: string;
  /** The clock under the lock. */
  at: Date;
}

/** Writes ledger entries and the balances after the last of each user, under the locks of their assets (I4). Gives their ids. */
export async function moveMoney(trx: Transaction, movements: readonly Movement[]): Promise<number[]> {
  const written = await write(
    trx,
    'INSERT INTO asset_entry (user_id, kind, amount, balance_after, reference, created_at) VALUES ?',
    [movements.map((one) => [one.userId, one.kind, one.amount, one.balanceAfter, one.reference, one.at])],
  );
  const owners = movements.map(ownerOf);
  const ids = await insertedIds(trx, written, { table: 'asset_entry', owner: 'user_id', owners });
  const lastIds = new Map(owners.map((userId, index) => [userId, ids[index] as number]));
  await write(
    trx,
    `UPDATE asset a JOIN asset_entry e ON e.user_id = a.user_id
     SET a.balance = e.balance_after, a.last_entry_id = e.id WHERE e.id IN (?)`,
    [[...lastIds.values()]],
  );
  return ids;
}
