import { Refusal } from '../errors';
import type { Database, Transaction } from './connect';
import { KeyTaken } from './idempotency';
import { isStatementError } from './sql';
import { transact } from './transaction';

/** What became of one request among many: what it asked for, or the error that it alone ends with. */
export type Decided<Reply> = Reply | Error;

/** Goes behind the `FOR UPDATE` of a row that belongs to one request only. */
export type Skip = 'SKIP LOCKED' | '';

export interface Work<Request, Grant extends object, Reply> {
  /**
   * Locks and reads for all requests, then decides each in their order. A refusal is given, not thrown: the others go
   * on. Where `skip` lets it pass over a request's own row that somebody else has locked, it gives `undefined` for that
   * request.
   */
  decide(trx: Transaction, requests: readonly Request[], skip: Skip): Promise<(Grant | Refusal | undefined)[]>;
  /** Writes for those granted, of whom there is at least one. Gives their replies in their order. */
  save(trx: Transaction, grants: readonly Grant[]): Promise<Reply[]>;
}

/**
 * Decides many requests in one transaction: they share its round trips and its commit, which cost more than the rows. No
 * request can do harm to another: one that would have to wait for its row, or whose statement may be what failed, is
 * decided again in a transaction of its own. Gives an outcome for each, in their order.
 */
export async function decideTogether<Request, Grant extends object, Reply>(
  db: Database,
  requests: readonly Request[],
  work: Work<Request, Grant, Reply>,
): Promise<Decided<Reply>[]> {
  const decided = requests.length > 1 ? await decideInCompany(db, requests, work) : [];
  return Promise.all(requests.map(async (request, index) => decided[index] ?? decideAlone(db, request, work)));
}

async function decideInCompany<Request, Grant extends object, Reply>(
  db: Database,
  requests: readonly Request[],
  work: Work<Request, Grant, Reply>,
): Promise<(Decided<Reply> | undefined)[]> {
  try {
    return await db.transaction((trx) => decideAndSave(trx, requests, work, 'SKIP LOCKED'));
  } catch (error) {
    if (mayBeOneRequests(error)) return [];
    return requests.map(() => error as Error);
  }
}

async function decideAlone<Request, Grant extends object, Reply>(
  db: Database,
  request: Request,
  work: Work<Request, Grant, Reply>,
): Promise<Decided<Reply>> {
  try {
    const [outcome] = await transact(db, (trx) => decideAndSave(trx, [request], work, ''));
    return outcome ?? new Error('a request that waited for its row was not decided');
  } catch (error) {
    return error as Error;
  }
}

async function decideAndSave<Request, Grant extends object, Reply>(
  trx: Transaction,
  requests: readonly Request[],
  work: Work<Request, Grant, Reply>,
  skip: Skip,
): Promise<(Decided<Reply> | undefined)[]> {
  const decided = await work.decide(trx, requests, skip);
  const grants = decided.filter((one): one is Grant => one !== undefined && !(one instanceof Refusal));
  const replies = grants.length > 0 ? await work.save(trx, grants) : [];
  const replyOf = new Map(grants.map((grant, index) => [grant, replies[index] as Reply]));
  return decided.map((one) => (one === undefined || one instanceof Refusal ? one : replyOf.get(one)));
}

/** A lost connection is nobody's fault, and would be lost again for each alone. */
function mayBeOneRequests(error: unknown): boolean {
  return error instanceof Refusal || error instanceof KeyTaken || isStatementError(error);
}
