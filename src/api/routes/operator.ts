import type { RequestHandler } from 'express';
import { BookingQuery, SalesQuery } from '../../contracts/operator';
import { findBookings, type BookingSearch } from '../../db/bookings';
import type { Database } from '../../db/connect';
import { readSalesHistory } from '../../db/sales';
import { Refusal } from '../../errors';
import { requireAdmin, type Identify } from '../auth';
import type { Overview } from '../overview';
import { parseQuery, pathId } from '../page';
import { API } from '../paths';
import { sendJson } from '../reply';
import type { Routes } from './routes';

export interface OperatorRoutes {
  db: Database;
  identify: Identify;
  overview: Overview;
}

/** For whoever watches over a sale. */
export function operatorRoutes(router: Routes, deps: OperatorRoutes): void {
  router.get(`${API}/admin/overview`, everything(deps));
  router.get(`${API}/admin/schedules/:id/sales`, sales(deps));
  router.get(`${API}/admin/bookings`, bookings(deps));
}

function everything({ identify, overview }: OperatorRoutes): RequestHandler {
  return async (req, res) => {
    requireAdmin(await identify(req));
    sendJson(res, 200, await overview.read());
  };
}

function sales({ db, identify }: OperatorRoutes): RequestHandler {
  return async (req, res) => {
    requireAdmin(await identify(req));
    const id = pathId(req);
    const { bucketSeconds } = parseQuery(req, SalesQuery);
    const history = await readSalesHistory(db, id, Number(bucketSeconds));
    if (!history) throw new Refusal('not_found', `There is no schedule ${id}.`);
    sendJson(res, 200, history);
  };
}

function bookings({ db, identify }: OperatorRoutes): RequestHandler {
  return async (req, res) => {
    requireAdmin(await identify(req));
    sendJson(res, 200, { items: await findBookings(db, searchOf(parseQuery(req, BookingQuery))) });
  };
}

function searchOf({ reservation, user, schedule, location }: BookingQuery): BookingSearch {
  if (reservation) return { reservationId: Number(reservation) };
  if (user) return { userId: Number(user) };
  return { scheduleId: Number(schedule), location: location ?? '' };
}
