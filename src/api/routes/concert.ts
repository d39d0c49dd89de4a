import type { Request, RequestHandler } from 'express';
import { SeatMapQuery } from '../../contracts/concert';
import { findConcert, listConcerts, listSchedules } from '../../db/concert';
import type { Database } from '../../db/connect';
import { Refusal } from '../../errors';
import type { Identify } from '../auth';
import { requireQueue, type Guard } from '../guard';
import { sendKept } from '../kept-body';
import { parsePage, parseQuery, pathId, toPage } from '../page';
import { API } from '../paths';
import type { Plans } from '../plans';
import { sendJson } from '../reply';
import type { QueueOfSchedule } from '../schedule-queues';
import type { SeatMaps } from '../seat-maps';
import type { Routes } from './routes';

/** What it takes to say who may see the seats of a date. */
export interface ScheduleGuard {
  identify: Identify;
  guard: Guard;
  queueOfSchedule: QueueOfSchedule;
}

export interface ConcertRoutes extends ScheduleGuard {
  db: Database;
  seatMaps: SeatMaps;
  plans: Plans;
}

export function concertRoutes(router: Routes, deps: ConcertRoutes): void {
  router.get(`${API}/concerts`, list(deps));
  router.get(`${API}/concerts/:id`, find(deps));
  router.get(`${API}/concerts/:id/schedules`, schedules(deps));
  router.get(`${API}/schedules/:id/seats`, seats(deps));
  router.get(`${API}/schedules/:id/plan`, plan(deps));
}

function list({ db, identify, guard }: ConcertRoutes): RequestHandler {
  return async (req, res) => {
    const token = await guard(req, await identify(req));
    const { limit, edge } = parsePage(req);
    const concerts = await listConcerts(db, { queueId: token.queueId, limit: limit + 1, afterId: edge });
    sendJson(res, 200, toPage(concerts, limit));
  };
}

function find({ db, identify, guard }: ConcertRoutes): RequestHandler {
  return async (req, res) => {
    const { id, name, description } = await concertOf({ db, identify, guard }, req);
    sendJson(res, 200, { id, name, description });
  };
}

function schedules({ db, identify, guard }: ConcertRoutes): RequestHandler {
  return async (req, res) => {
    const { id } = await concertOf({ db, identify, guard }, req);
    sendJson(res, 200, { items: await listSchedules(db, id) });
  };
}

/** The concert of the path, if it is sold through the queue whose token the request carries. */
async function concertOf({ db, identify, guard }: Pick<ConcertRoutes, 'db' | 'identify' | 'guard'>, req: Request) {
  const token = await guard(req, await identify(req));
  const id = pathId(req);
  const concert = await findConcert(db, id);
  if (!concert) throw new Refusal('not_found', `There is no concert ${id}.`);
  requireQueue(token, concert.queueId);
  return concert;
}

/** The schedule of the path, if it is sold through the queue whose token the request carries. */
export async function scheduleOf({ identify, guard, queueOfSchedule }: ScheduleGuard, req: Request) {
  const token = await guard(req, await identify(req));
  const scheduleId = pathId(req);
  const queueId = await queueOfSchedule(scheduleId);
  if (queueId === undefined) throw new Refusal('not_found', `There is no schedule ${scheduleId}.`);
  requireQueue(token, queueId);
  return { scheduleId, token };
}

function seats(deps: ConcertRoutes): RequestHandler {
  return async (req, res) => {
    const { scheduleId } = await scheduleOf(deps, req);
    const { available } = parseQuery(req, SeatMapQuery);
    await sendKept(req, res, await deps.seatMaps.read(scheduleId, available));
  };
}

function plan(deps: ConcertRoutes): RequestHandler {
  return async (req, res) => {
    const { scheduleId } = await scheduleOf(deps, req);
    const rendered = await deps.plans.read(scheduleId);
    if (!rendered) throw new Refusal('not_found', `Schedule ${scheduleId} has no plan.`);
    await sendKept(req, res, rendered);
  };
}
