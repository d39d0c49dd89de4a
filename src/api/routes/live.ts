import type { RequestHandler } from 'express';
import type { Identify } from '../auth';
import { requireOwner, type FindToken } from '../guard';
import type { Live } from '../live/live';
import { seatSource, tokenSource } from '../live/sources';
import { API } from '../paths';
import type { QueueSnapshot } from '../queue-snapshot';
import { unknownQueueToken, type QueueTokens } from '../queue-token';
import { scheduleOf, type ScheduleGuard } from './concert';
import type { Routes } from './routes';

export interface LiveRoutes extends ScheduleGuard {
  identify: Identify;
  queueTokens: QueueTokens;
  snapshot: QueueSnapshot;
  findToken: FindToken;
  live: Live;
}

/** The streams beside the calls that answer once: the same checks, and the same bodies whenever they change. */
export function liveRoutes(router: Routes, deps: LiveRoutes): void {
  router.get(`${API}/queue/token/events`, followToken(deps));
  router.get(`${API}/schedules/:id/seats/events`, followSeats(deps));
}

function followToken({ identify, queueTokens, snapshot, findToken, live }: LiveRoutes): RequestHandler {
  return async (req, res) => {
    const user = await identify(req);
    const token = await findToken(queueTokens.idOf(req));
    if (!token) throw unknownQueueToken();
    requireOwner(token, user);
    await snapshot.know(token.queueId);
    // Where a poll is refused because the snapshot is too old, so is a stream.
    if (token.status === 'WAITING') snapshot.position(token.queueId, token.ticketNo);
    const source = tokenSource({ queueTokens, snapshot, tokenWatch: live.tokenWatch }, token);
    live.streams.open(req, res, { kind: 'token', userId: user.userId }, source);
  };
}

function followSeats(deps: LiveRoutes): RequestHandler {
  const { streams } = deps.live;
  return async (req, res) => {
    const { scheduleId, token } = await scheduleOf(deps, req);
    await deps.snapshot.know(token.queueId);
    streams.open(req, res, { kind: 'seats', userId: token.userId }, seatSource(deps.live, scheduleId, token));
  };
}
