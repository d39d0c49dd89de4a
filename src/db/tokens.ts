import type { Executor } from './connect';
import { select } from './sql';

export type TokenStatus = 'WAITING' | 'ACTIVE' | 'USED' | 'EXPIRED' | 'LEFT';

/** A queue token as it reads by the database's clock: an overdue ACTIVE one reads EXPIRED, whatever its row says. */
export interface QueueToken {
  id: number;
  userId: number;
  queueId: number;
  /** Name of the queue. */
  queue: string;
  ticketNo: number;
  status: TokenStatus;
  issuedAt: Date;
  activatedAt: Date | null;
  expiresAt: Date | null;
  endedAt: Date | null;
}

/** Columns of `QueueToken`, from `waiting_token t JOIN queue q`. */
const COLUMNS = `t.id, t.user_id AS userId, t.queue_id AS queueId, q.name AS queue, t.ticket_no AS ticketNo,
  IF(t.status = 'ACTIVE' AND t.expires_at <= NOW(3), 'EXPIRED', t.status) AS status,
  t.issued_at AS issuedAt, t.activated_at AS activatedAt, t.expires_at AS expiresAt, t.ended_at AS endedAt`;

/** The tokens with these ids, in the order asked; `undefined` where there is none. One query for any number. */
export async function findTokens(db: Executor, ids: readonly number[]): Promise<(QueueToken | undefined)[]> {
  if (ids.length === 0) return [];
  const rows = await select<QueueToken>(
    db,
    `SELECT ${COLUMNS} FROM waiting_token t JOIN queue q ON q.id = t.queue_id WHERE t.id IN (?)`,
    [ids],
  );
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.map((id) => byId.get(id));
}

/** The live tokens of these users in one queue. */
export async function findLiveTokens(db: Executor, queueId: number, userIds: readonly number[]): Promise<QueueToken[]> {
  return select<QueueToken>(
    db,
    `SELECT ${COLUMNS} FROM waiting_token t JOIN queue q ON q.id = t.queue_id
     WHERE t.queue_id = ? AND t.user_id IN (?) AND t.live = 1`,
    [queueId, userIds],
  );
}
