import DataLoader from 'dataloader';
import type { Database } from '../db/connect';
import { issueTokens, type IssuedToken } from '../db/queue';
import { findTokens, type QueueToken } from '../db/tokens';
import { Refusal } from '../errors';

/** Look-ups in one statement: the guards of one turn of the event loop. */
const LOOKUP_BATCH_MAX = 500;
/** Tokens in one transaction: 26,000 a second at this size, measured against the database alone (2026-11-23). */
const ISSUE_BATCH_MAX = 50;
/** One commits while the next prepares; more would only wait for the same row of the queue. */
const ISSUE_BATCHES_AT_ONCE = 2;
/** A second's worth of issuing: who comes later is better off asking again. */
const ISSUE_WAITING_MAX = 10_000;

/** Reads a token's row; requests of one turn of the event loop share one statement. Nothing is cached. */
export type FindToken = (id: number) => Promise<QueueToken | undefined>;

export function createFindToken(db: Database): FindToken {
  const loader = new DataLoader<number, QueueToken | undefined>((ids) => findTokens(db, ids), {
    cache: false,
    maxBatchSize: LOOKUP_BATCH_MAX,
    // Each request arrives in its own callback: the default schedule (a microtask) would gather only one.
    batchScheduleFn: (dispatch) => void setImmediate(dispatch),
  });
  return (id) => loader.load(id);
}

export interface IssueRequest {
  userId: number;
  queue: string;
}

/** Issues a token, or gives the live one back; `undefined` where there is no such queue. */
export type IssueToken = (request: IssueRequest) => Promise<IssuedToken | undefined>;

/**
 * Issues in batches: while two transactions are under way, the requests that come in gather for the next. Refuses with
 * 503 `unavailable` when too many are waiting. `onAdmitted` is told of those let in at once.
 */
export function createIssueToken(db: Database, onAdmitted: (tokens: QueueToken[]) => void): IssueToken {
  const ready: (() => void)[] = [];
  let underWay = 0;
  let waiting = 0;
  const dispatchNext = (): void => {
    while (underWay < ISSUE_BATCHES_AT_ONCE && ready.length > 0) {
      underWay += 1;
      ready.shift()?.();
    }
  };
  const issueBatch = async (requests: readonly IssueRequest[]): Promise<(IssuedToken | undefined)[]> => {
    try {
      const { issued, admitted } = await issueTokens(db, requests);
      onAdmitted(admitted);
      return issued;
    } finally {
      underWay -= 1;
      dispatchNext();
    }
  };
  const loader = new DataLoader<IssueRequest, IssuedToken | undefined>(issueBatch, {
    cache: false,
    maxBatchSize: ISSUE_BATCH_MAX,
    batchScheduleFn: (dispatch) => {
      ready.push(dispatch);
      setImmediate(dispatchNext);
    },
  });
  return async (request) => {
    if (waiting >= ISSUE_WAITING_MAX) throw new Refusal('unavailable', 'Too many are joining at this moment.');
    waiting += 1;
    try {
      return await loader.load(request);
    } finally {
      waiting -= 1;
    }
  };
}
