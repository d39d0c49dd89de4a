import type { RequestHandler } from 'express';
import type { Database } from '../../db/connect';
import { exportPlan, importPlan } from '../../db/plan';
import { Refusal } from '../../errors';
import { readPricedPlan } from '../../plan/check';
import { requireAdmin, type Identify } from '../auth';
import { bodyOf, createPlanReader } from '../body';
import { pathId } from '../page';
import { API } from '../paths';
import { sendJson } from '../reply';
import type { SeatMaps } from '../seat-maps';
import type { Routes } from './routes';

export interface PlanRoutes {
  db: Database;
  identify: Identify;
  seatMaps: SeatMaps;
}

/** Seating plans, in and out. */
export function planRoutes(router: Routes, deps: PlanRoutes): void {
  router.post(`${API}/admin/schedules/:id/plan`, importTo(deps));
  router.get(`${API}/admin/schedules/:id/plan`, exportFrom(deps));
}

function importTo({ db, identify, seatMaps }: PlanRoutes): RequestHandler {
  const readBody = createPlanReader();
  return async (req, res) => {
    requireAdmin(await identify(req));
    const scheduleId = pathId(req);
    await readBody(req, res);
    const added = await importPlan(db, scheduleId, readPricedPlan(bodyOf(req)));
    if (!added) throw new Refusal('not_found', `There is no schedule ${scheduleId}.`);
    seatMaps.invalidate(scheduleId);
    sendJson(res, 201, added);
  };
}

function exportFrom({ db, identify }: PlanRoutes): RequestHandler {
  return async (req, res) => {
    requireAdmin(await identify(req));
    const scheduleId = pathId(req);
    const plan = await exportPlan(db, scheduleId);
    if (!plan) throw new Refusal('not_found', `Schedule ${scheduleId} has no plan.`);
    sendJson(res, 200, plan);
  };
}
