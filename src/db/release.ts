import { freeSeats } from './cancel';
import type { Database } from './connect';
import { select, selectOne, write } from './sql';
import { transact } from './transaction';

/** A final state, or how long the row's deadline is still away by the database's clock. */
export type Ending<State extends string> = { outcome: State } | { outcome: 'TOO_EARLY'; remainingMs: number };
export type Release = Ending<'PAID' | 'EXPIRED' | 'CANCELLED' | 'GONE'>;
export type TokenEnding = Ending<'USED' | 'EXPIRED' | 'LEFT' | 'GONE'>;

/** One stroke settles at most this many overdue rows: some ten milliseconds of locks. */
export const SETTLE_BATCH_MAX = 500;
/** 10,000 rows, in about a second; the next timers go on. */
const SETTLE_BATCHES_MAX = 20;
/** An overdue row that is locked is being decided right now: ask again after this. */
const LOCKED_RETRY_MS = 50;

interface Timed<Status> {
  status: Status;
  /** Null without a deadline. */
  remainingMs: number | null;
}

/** Settles what is overdue: whoever asks while it is being done waits for that. */
export type SettleOverdue = () => Promise<void>;

/** Expires up to 10,000 overdue holds, in one transaction after the other, so that a storm leaves connections for others. */
export function createSettleOverdue(db: Database): SettleOverdue {
  const settle = async (): Promise<void> => {
    for (let batch = 1; batch <= SETTLE_BATCHES_MAX; batch += 1) {
      if ((await expireHolds(db)).length < SETTLE_BATCH_MAX) return;
    }
  };
  let settling: Promise<void> | undefined;
  return () => (settling ??= settle().finally(() => (settling = undefined)));
}

/**
 * Answers what has become of a hold, and expires it if its time is over. Of this and `settlePayment` exactly one decides
 * an overdue or paid hold, by the row's lock (I3, I12). Whoever finds one expires those that are overdue with it: of a
 * storm of timers the first that gets through settles the rows, in few transactions.
 */
export async function releaseHold(
  db: Database,
  reservationId: number,
  settleOverdue: SettleOverdue = createSettleOverdue(db),
): Promise<Release> {
  const read = () => readHold(db, reservationId);
  let hold = await read();
  // What was under way may have begun before this one was overdue.
  for (let attempt = 1; attempt <= 2 && isOverdue(hold); attempt += 1) {
    await settleOverdue();
    hold = await read();
  }
  if (!hold) return { outcome: 'GONE' };
  if (hold.status !== 'HELD') return { outcome: hold.status };
  return { outcome: 'TOO_EARLY', remainingMs: Math.max(hold.remainingMs ?? 0, LOCKED_RETRY_MS) };
}

function isOverdue(hold: Awaited<ReturnType<typeof readHold>>): boolean {
  return hold?.status === 'HELD' && (hold.remainingMs ?? 0) <= 0;
}

async function readHold(
  db: Database,
  id: number,
): Promise<Timed<'HELD' | 'PAID' | 'EXPIRED' | 'CANCELLED'> | undefined> {
  return selectOne(
    db,
    'SELECT status, TIMESTAMPDIFF(MICROSECOND, NOW(3), expires_at) DIV 1000 AS remainingMs FROM reservation WHERE id = ?',
    [id],
  );
}

/**
 * Expires up to `SETTLE_BATCH_MAX` overdue holds, the longest overdue first, and frees their seats; those being paid right
 * now are skipped. Returns their ids.
 */
export async function expireHolds(db: Database): Promise<number[]> {
  return transact(db, async (trx) => {
    const overdue = await select<{ id: number }>(
      trx,
      `SELECT id FROM reservation WHERE status = 'HELD' AND expires_at <= NOW(3)
       ORDER BY expires_at LIMIT ? FOR UPDATE SKIP LOCKED`,
      [SETTLE_BATCH_MAX],
    );
    const ids = overdue.map((hold) => hold.id);
    if (ids.length === 0) return [];
    await write(trx, `UPDATE reservation SET status = 'EXPIRED', completed_at = expires_at WHERE id IN (?)`, [ids]);
    await freeSeats(trx, ids);
    return ids;
  });
}

/**
 * Answers what has become of a token, and expires it if it is ACTIVE and its time is over (a hold may have extended it).
 * Whoever calls this hands the place on with `admitNext`.
 */
export async function endToken(db: Database, tokenId: number): Promise<TokenEnding> {
  await write(
    db,
    `UPDATE waiting_token SET status = 'EXPIRED', ended_at = NOW(3)
     WHERE id = ? AND status = 'ACTIVE' AND expires_at <= NOW(3)`,
    [tokenId],
  );
  const token = await selectOne<Timed<'WAITING' | 'ACTIVE' | 'USED' | 'EXPIRED' | 'LEFT'>>(
    db,
    'SELECT status, TIMESTAMPDIFF(MICROSECOND, NOW(3), expires_at) DIV 1000 AS remainingMs FROM waiting_token WHERE id = ?',
    [tokenId],
  );
  if (!token) return { outcome: 'GONE' };
  if (token.status !== 'ACTIVE' && token.status !== 'WAITING') return { outcome: token.status };
  return { outcome: 'TOO_EARLY', remainingMs: Math.max(token.remainingMs ?? 0, LOCKED_RETRY_MS) };
}

/** Expires overdue ACTIVE tokens nobody is working on, in any queue. Returns how many. */
export async function expireTokens(db: Database): Promise<number> {
  return transact(db, async (trx) => {
    const overdue = await select<{ id: number }>(
      trx,
      `SELECT id FROM waiting_token WHERE status = 'ACTIVE' AND expires_at <= NOW(3) LIMIT ? FOR UPDATE SKIP LOCKED`,
      [SETTLE_BATCH_MAX],
    );
    if (overdue.length === 0) return 0;
    const ids = overdue.map((token) => token.id);
    await write(trx, `UPDATE waiting_token SET status = 'EXPIRED', ended_at = NOW(3) WHERE id IN (?)`, [ids]);
    return ids.length;
  });
}
