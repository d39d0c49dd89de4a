import type { RequestHandler } from 'express';
import { IssueTokenRequest, type QueueTokenView } from '../../contracts/queue';
import type { Database } from '../../db/connect';
import { issueTokens, leaveQueue, type IssuedToken, type IssueRequest } from '../../db/queue';
import type { QueueToken } from '../../db/tokens';
import { Refusal } from '../../errors';
import type { Starter } from '../../temporal/starter';
import type { Identify } from '../auth';
import { parseOptionalBody } from '../body';
import { createBatches } from '../batches';
import { requireOwner, type FindToken } from '../guard';
import { API } from '../paths';
import type { QueueSnapshot } from '../queue-snapshot';
import type { SaleOfQueue } from '../queue-sales';
import { unknownQueueToken, type QueueTokens } from '../queue-token';
import type { SeatMaps } from '../seat-maps';
import type { TokenWatch } from '../live/token-watch';
import { beginReply, sendJson } from '../reply';
import { viewSettled, viewWaiting } from '../token-view';
import type { Users } from '../users';
import type { WaitingTokens } from '../waiting-tokens';
import type { Routes } from './routes';

export interface QueueRoutes {
  db: Database;
  identify: Identify;
  users: Users;
  queueTokens: QueueTokens;
  snapshot: QueueSnapshot;
  saleOfQueue: SaleOfQueue;
  waiting: WaitingTokens;
  findToken: FindToken;
  seatMaps: SeatMaps;
  starter: Starter;
  tokenWatch: TokenWatch;
  onAdmitted: (tokens: QueueToken[]) => void;
}

/** 26,000 tokens a second at this size, measured against the database alone (2026-11-23). A second transaction would only wait for the queue's row. */
export const ISSUE_BATCHES = { size: 50, atOnce: 1, waiting: 10_000 };

export function queueRoutes(router: Routes, deps: QueueRoutes): void {
  router.post(`${API}/queue/tokens`, issue(deps));
  router.get(`${API}/queue/token`, poll(deps));
  router.get(`${API}/queue/token/sale`, sale(deps));
  router.delete(`${API}/queue/token`, leave(deps));
}

function issue(deps: QueueRoutes): RequestHandler {
  const issueToken = createBatches(ISSUE_BATCHES, async (requests: readonly IssueRequest[]) => {
    const { issued, admitted } = await issueTokens(deps.db, requests);
    deps.onAdmitted(admitted);
    return issued;
  });
  return async (req, res) => {
    const user = await deps.identify(req);
    const { queue } = parseOptionalBody(req, IssueTokenRequest);
    await deps.users.ensure(user.userId);
    const token = await issueToken({ userId: user.userId, queue });
    if (!token) throw new Refusal('not_found', `There is no queue "${queue}".`);
    deps.waiting.remember(token);
    await deps.snapshot.know(token.queueId);
    sendJson(res, token.created ? 201 : 200, viewIssued(deps, token));
  };
}

function viewIssued(deps: QueueRoutes, token: IssuedToken): QueueTokenView {
  if (token.status !== 'WAITING') return viewSettled(deps, token);
  const { ahead, queueId, ticketNo } = token;
  return viewWaiting(deps, token, ahead === undefined ? deps.snapshot.position(queueId, ticketNo) : ahead + 1);
}

function poll(deps: QueueRoutes): RequestHandler {
  return async (req, res) => {
    const user = await deps.identify(req);
    const id = deps.queueTokens.idOf(req);
    const known = deps.waiting.find(id);
    if (known) requireOwner(known, user);
    if (known && deps.snapshot.isWaiting(known.queueId, known.ticketNo)) {
      sendJson(res, 200, viewWaiting(deps, known, deps.snapshot.position(known.queueId, known.ticketNo)));
      return;
    }
    const token = await deps.findToken(id);
    if (!token) throw unknownQueueToken();
    requireOwner(token, user);
    deps.waiting.remember(token);
    await deps.snapshot.know(token.queueId);
    if (token.status === 'WAITING') {
      sendJson(res, 200, viewWaiting(deps, token, deps.snapshot.position(token.queueId, token.ticketNo)));
    } else {
      sendJson(res, 200, viewSettled(deps, token));
    }
  };
}

function sale({ identify, queueTokens, waiting, findToken, saleOfQueue }: QueueRoutes): RequestHandler {
  return async (req, res) => {
    const user = await identify(req);
    const id = queueTokens.idOf(req);
    const token = waiting.find(id) ?? (await findToken(id));
    if (!token) throw unknownQueueToken();
    requireOwner(token, user);
    sendJson(res, 200, await saleOfQueue(token.queueId));
  };
}

function leave(deps: QueueRoutes): RequestHandler {
  return async (req, res) => {
    const user = await deps.identify(req);
    const id = deps.queueTokens.idOf(req);
    const token = await deps.findToken(id);
    if (!token) throw unknownQueueToken();
    requireOwner(token, user);
    const { ended, cancelledReservationIds, admitted } = await leaveQueue(deps.db, id);
    // From here on the next poll is answered from the row: the token must read LEFT at once.
    deps.waiting.forget(id);
    deps.tokenWatch.changed(id);
    if (ended) {
      deps.snapshot.left(ended);
      deps.starter.tokenLeft(id);
    }
    if (cancelledReservationIds.length > 0) deps.seatMaps.invalidateAll();
    deps.starter.reservationsCancelled(cancelledReservationIds);
    deps.onAdmitted(admitted);
    beginReply(res, 204, []).end();
  };
}
