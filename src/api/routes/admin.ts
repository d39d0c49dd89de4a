import type { RequestHandler } from 'express';
import {
  AddSeatsRequest,
  ConcertPatch,
  CreateConcertRequest,
  CreateScheduleRequest,
  SchedulePatch,
} from '../../contracts/admin';
import { QueueName, QueueSettingsPatch } from '../../contracts/queue';
import { addSeats, createConcert, createSchedule } from '../../db/concert';
import { listAllConcerts, listAllSchedules, updateConcert, updateSchedule } from '../../db/concert-admin';
import type { Database } from '../../db/connect';
import { listQueues, updateQueue } from '../../db/queue-settings';
import type { QueueToken } from '../../db/tokens';
import { Refusal } from '../../errors';
import { requireAdmin, type Identify } from '../auth';
import { parseBody } from '../body';
import { parsePage, pathId, toPage } from '../page';
import { API } from '../paths';
import { sendJson } from '../reply';
import type { SeatMaps } from '../seat-maps';
import type { Routes } from './routes';

export interface AdminRoutes {
  db: Database;
  identify: Identify;
  seatMaps: SeatMaps;
  /** For a queue that a concert names first. */
  queueSettings: { maxActive: number; activeSeconds: number };
  onAdmitted: (tokens: QueueToken[]) => void;
}

export function adminRoutes(router: Routes, deps: AdminRoutes): void {
  router.get(`${API}/admin/concerts`, concerts(deps));
  router.post(`${API}/admin/concerts`, addConcert(deps));
  router.patch(`${API}/admin/concerts/:id`, changeConcert(deps));
  router.get(`${API}/admin/concerts/:id/schedules`, schedules(deps));
  router.post(`${API}/admin/concerts/:id/schedules`, addSchedule(deps));
  router.patch(`${API}/admin/schedules/:id`, changeSchedule(deps));
  router.post(`${API}/admin/schedules/:id/seats`, addSeatsTo(deps));
  router.get(`${API}/admin/queues`, queues(deps));
  router.patch(`${API}/admin/queues/:name`, changeQueue(deps));
}

function addConcert({ db, identify, queueSettings }: AdminRoutes): RequestHandler {
  return async (req, res) => {
    requireAdmin(await identify(req));
    const body = parseBody(req, CreateConcertRequest);
    sendJson(res, 201, await createConcert(db, body, queueSettings));
  };
}

function concerts({ db, identify }: AdminRoutes): RequestHandler {
  return async (req, res) => {
    requireAdmin(await identify(req));
    const { limit, edge } = parsePage(req);
    sendJson(res, 200, toPage(await listAllConcerts(db, { limit: limit + 1, afterId: edge }), limit));
  };
}

function changeConcert({ db, identify }: AdminRoutes): RequestHandler {
  return async (req, res) => {
    requireAdmin(await identify(req));
    const id = pathId(req);
    const concert = await updateConcert(db, id, parseBody(req, ConcertPatch));
    if (!concert) throw new Refusal('not_found', `There is no concert ${id}.`);
    sendJson(res, 200, concert);
  };
}

function schedules({ db, identify }: AdminRoutes): RequestHandler {
  return async (req, res) => {
    requireAdmin(await identify(req));
    const concertId = pathId(req);
    const items = await listAllSchedules(db, concertId);
    if (!items) throw new Refusal('not_found', `There is no concert ${concertId}.`);
    sendJson(res, 200, { items });
  };
}

function changeSchedule({ db, identify, seatMaps }: AdminRoutes): RequestHandler {
  return async (req, res) => {
    requireAdmin(await identify(req));
    const id = pathId(req);
    const schedule = await updateSchedule(db, id, parseBody(req, SchedulePatch));
    if (!schedule) throw new Refusal('not_found', `There is no schedule ${id}.`);
    seatMaps.invalidate(id);
    sendJson(res, 200, schedule);
  };
}

function addSchedule({ db, identify }: AdminRoutes): RequestHandler {
  return async (req, res) => {
    requireAdmin(await identify(req));
    const concertId = pathId(req);
    const schedule = await createSchedule(db, concertId, parseBody(req, CreateScheduleRequest));
    if (!schedule) throw new Refusal('not_found', `There is no concert ${concertId}.`);
    sendJson(res, 201, schedule);
  };
}

function addSeatsTo({ db, identify, seatMaps }: AdminRoutes): RequestHandler {
  return async (req, res) => {
    requireAdmin(await identify(req));
    const scheduleId = pathId(req);
    const { seats } = parseBody(req, AddSeatsRequest);
    const added = await addSeats(db, scheduleId, seats);
    if (!added) throw new Refusal('not_found', `There is no schedule ${scheduleId}.`);
    seatMaps.invalidate(scheduleId);
    sendJson(res, 201, added);
  };
}

function queues({ db, identify }: AdminRoutes): RequestHandler {
  return async (req, res) => {
    requireAdmin(await identify(req));
    sendJson(res, 200, { items: await listQueues(db) });
  };
}

function changeQueue({ db, identify, onAdmitted }: AdminRoutes): RequestHandler {
  return async (req, res) => {
    requireAdmin(await identify(req));
    const name = QueueName.safeParse(req.params.name);
    const patch = parseBody(req, QueueSettingsPatch);
    const changed = name.success ? await updateQueue(db, name.data, patch) : undefined;
    if (!changed) throw new Refusal('not_found', 'There is no queue of this name.');
    onAdmitted(changed.admitted);
    sendJson(res, 200, changed.queue);
  };
}
