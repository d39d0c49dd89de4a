import { admit, admitNext, findAdmitted, lockQueue, saveQueue, type QueueRow } from './admission';
import { cancelHoldsOfToken, findCancelledHoldsOfToken } from './cancel';
import { Refusal } from '../errors';
import type { Database, Transaction } from './connect';
import { UNTOLD_AGAIN } from './dispatch';
import { readClock, select, selectOne, write } from './sql';
import { findLiveTokens, findTokens, type QueueToken } from './tokens';
import type { Decided } from './together';
import { transact } from './transaction';

/**
 * A token just asked for. `created` is false where the user's live one was given back; how many are `ahead` is known only
 * of a new one, because counting those who left from a long line would keep everybody waiting who joins it.
 */
export type IssuedToken = QueueToken & { created: boolean; ahead: number | undefined };

export interface IssueRequest {
  userId: number;
  /** Name of the queue. */
  queue: string;
}

export interface Issue {
  /** In the order of the requests; `undefined` where no queue has that name, an error where its transaction failed. */
  issued: Decided<IssuedToken | undefined>[];
  /** Those let in at once: their workflows are to be started. */
  admitted: QueueToken[];
}

/**
 * Issues queue tokens, one live one per user and queue (I5). One transaction per queue, whatever the number of requests;
 * tickets are numbered without gaps in commit order. Free places are given at once when nobody waits.
 */
export async function issueTokens(db: Database, requests: readonly IssueRequest[]): Promise<Issue> {
  const batches = new Map<string, Batch | Error>();
  for (const name of new Set(requests.map((request) => request.queue))) {
    const userIds = new Set(requests.filter((request) => request.queue === name).map((request) => request.userId));
    // What goes wrong in one queue is not the trouble of those who join another.
    const batch = await transact(db, (trx) => issueInQueue(trx, name, [...userIds])).catch((error: Error) => error);
    batches.set(name, batch);
  }
  return {
    issued: requests.map(({ userId, queue }) => takeIssued(batches.get(queue), userId)),
    admitted: [...batches.values()].flatMap((batch) => (batch instanceof Error ? [] : batch.admitted)),
  };
}

/** What one transaction has issued in one queue, by user. */
interface Batch {
  tokens: Map<number, Decided<IssuedToken>>;
  admitted: QueueToken[];
}

/** Of several requests of one user in a batch, the first has created the token; the others are given the same one. */
function takeIssued(batch: Batch | Error | undefined, userId: number): Decided<IssuedToken | undefined> {
  if (!batch || batch instanceof Error) return batch;
  const token = batch.tokens.get(userId);
  if (token && !(token instanceof Error)) batch.tokens.set(userId, { ...token, created: false });
  return token;
}

async function issueInQueue(trx: Transaction, name: string, userIds: number[]): Promise<Batch> {
  const queue = await lockQueue(trx, { name });
  if (!queue) return { tokens: new Map(), admitted: [] };
  const earlier = await endOverdue(trx, queue.id, userIds);
  const owners = new Set(earlier.map((token) => token.userId));
  const fresh = userIds.filter((userId) => !owners.has(userId));
  const waitingBefore = queue.waiting_count;
  const firstTicketNo = queue.next_ticket_no;
  const inserted = fresh.length > 0 ? await insertTokens(trx, queue, fresh) : [];
  let admitted: QueueToken[] = [];
  if (inserted.length > 0) {
    if (waitingBefore === 0) admitted = await findAdmitted(trx, await admit(trx, queue));
    await saveQueue(trx, queue);
  }
  const letIn = new Map(admitted.map((token) => [token.id, token]));
  const tokens = new Map<number, Decided<IssuedToken>>();
  for (const token of inserted) {
    const ahead = letIn.has(token.id) ? 0 : waitingBefore + (token.ticketNo - firstTicketNo) - admitted.length;
    tokens.set(token.userId, { ...(letIn.get(token.id) ?? token), created: true, ahead });
  }
  for (const token of earlier) {
    const ending = token.status === 'EXPIRED' && new Refusal('unavailable', 'Your last queue token is just ending.');
    tokens.set(token.userId, ending || { ...token, created: false, ahead: undefined });
  }
  return { tokens, admitted };
}

/** The live tokens of these users, after ending the overdue ones; one that is left and EXPIRED is just being used. */
async function endOverdue(trx: Transaction, queueId: number, userIds: number[]): Promise<QueueToken[]> {
  const live = await findLiveTokens(trx, queueId, userIds);
  const overdue = live.filter((token) => token.status === 'EXPIRED').map((token) => token.id);
  if (overdue.length === 0) return live;
  // To wait for one that a hold or a payment has locked would keep the whole line waiting.
  const free = await select<{ id: number }>(
    trx,
    `SELECT id FROM waiting_token WHERE id IN (?) AND status = 'ACTIVE' AND expires_at <= NOW(3)
     ORDER BY id FOR UPDATE SKIP LOCKED`,
    [overdue],
  );
  if (free.length === 0) return live;
  await write(trx, `UPDATE waiting_token SET status = 'EXPIRED', ended_at = NOW(3) WHERE id IN (?)`, [
    free.map((token) => token.id),
  ]);
  return findLiveTokens(trx, queueId, userIds);
}

/** InnoDB numbers the rows of one such INSERT in a row: what it has written need not be read again. */
async function insertTokens(trx: Transaction, queue: QueueRow, userIds: number[]): Promise<QueueToken[]> {
  const { id: queueId, name, locked_at: issuedAt, next_ticket_no: firstTicketNo } = queue;
  const rows = userIds.map((userId, index) => [queueId, userId, firstTicketNo + index, 'WAITING', issuedAt]);
  const { insertId } = await write(
    trx,
    'INSERT INTO waiting_token (queue_id, user_id, ticket_no, status, issued_at) VALUES ?',
    [rows],
  );
  queue.next_ticket_no += userIds.length;
  queue.waiting_count += userIds.length;
  return userIds.map((userId, index) => ({
    id: insertId + index * queue.id_step,
    userId,
    queueId,
    queue: name,
    ticketNo: firstTicketNo + index,
    status: 'WAITING',
    issuedAt,
    activatedAt: null,
    expiresAt: null,
    endedAt: null,
  }));
}

export interface Departure {
  /** The token as it reads now; `undefined` if there is none. */
  ended: QueueToken | undefined;
  /** A repetition gives them again: they may not have been told the first time. */
  cancelledReservationIds: number[];
  admitted: QueueToken[];
}

/** Ends a live token at its owner's wish: its live holds are cancelled and its place passes on. May be repeated. */
export async function leaveQueue(db: Database, tokenId: number): Promise<Departure> {
  const [seen] = await findTokens(db, [tokenId]);
  if (!seen) return { ended: undefined, cancelledReservationIds: [], admitted: [] };
  const left = await transact(db, (trx) => leave(trx, seen));
  // The place is free whatever happens to this second transaction: every snapshot and timer looks for free places too.
  return { ...left, admitted: await admitNext(db, seen.queueId).catch(() => []) };
}

async function leave(trx: Transaction, seen: QueueToken): Promise<Omit<Departure, 'admitted'>> {
  // The queue comes before the token in the lock order, and only a token that may still be WAITING needs it.
  const queue = seen.status === 'WAITING' ? await lockQueue(trx, { id: seen.queueId }) : undefined;
  const token = await selectOne<{ status: string; expires_at: Date | null }>(
    trx,
    'SELECT status, expires_at FROM waiting_token WHERE id = ? FOR UPDATE',
    [seen.id],
  );
  const now = await readClock(trx);
  let cancelledReservationIds: number[] = [];
  if (token?.status === 'WAITING' && queue) {
    await write(trx, 'INSERT INTO queue_departure (queue_id, departure_no, ticket_no) VALUES (?, ?, ?)', [
      queue.id,
      queue.next_departure_no,
      seen.ticketNo,
    ]);
    queue.next_departure_no += 1;
    queue.waiting_count -= 1;
    await saveQueue(trx, queue);
  } else if (token?.status === 'ACTIVE') {
    cancelledReservationIds = await cancelHoldsOfToken(trx, seen.id);
  } else if (token?.status === 'LEFT') {
    cancelledReservationIds = await findCancelledHoldsOfToken(trx, seen.id);
  }
  const overdue = token?.expires_at && token.expires_at <= now;
  await write(trx, `UPDATE waiting_token SET status = ?, ended_at = ?, ${UNTOLD_AGAIN} WHERE id = ? AND live = 1`, [
    overdue ? 'EXPIRED' : 'LEFT',
    now,
    seen.id,
  ]);
  const [ended] = await findTokens(trx, [seen.id]);
  return { ended, cancelledReservationIds };
}
