import type { RequestHandler } from 'express';
import { HoldRequest, type ReservationView } from '../../contracts/reservation';
import type { Database } from '../../db/connect';
import { holdSeats, type HoldInput, type HoldTerms } from '../../db/hold';
import { cancelReservation, findReservation, listReservations } from '../../db/reservation';
import { findTimeline } from '../../db/timeline';
import { Refusal } from '../../errors';
import type { Starter } from '../../temporal/starter';
import type { Identify } from '../auth';
import { createBatches } from '../batches';
import { parseBody } from '../body';
import type { Guard } from '../guard';
import type { Effect, Idempotent } from '../idempotency';
import type { TokenWatch } from '../live/token-watch';
import { parsePage, pathId, toPage } from '../page';
import { API } from '../paths';
import { sendJson } from '../reply';
import type { SeatClaims } from '../seat-claims';
import type { SeatMaps } from '../seat-maps';
import type { Routes } from './routes';

export interface ReservationRoutes {
  db: Database;
  identify: Identify;
  guard: Guard;
  idempotent: Idempotent;
  seatClaims: SeatClaims;
  seatMaps: SeatMaps;
  starter: Starter;
  terms: HoldTerms;
  tokenWatch: TokenWatch;
}

const HOLD_BATCHES = { size: 50, atOnce: 2, waiting: 2_000 };

export function reservationRoutes(router: Routes, deps: ReservationRoutes): void {
  const locationOf = (body: unknown): string => `${API}/reservations/${(body as ReservationView).id}`;
  router.post(`${API}/reservations`, deps.idempotent(hold(deps), locationOf));
  router.get(`${API}/reservations`, list(deps));
  router.get(`${API}/reservations/:id`, find(deps));
  router.get(`${API}/reservations/:id/timeline`, timeline(deps));
  router.delete(`${API}/reservations/:id`, cancel(deps));
}

function hold({ db, guard, seatClaims, seatMaps, starter, terms, tokenWatch }: ReservationRoutes): Effect {
  const holdOne = createBatches(HOLD_BATCHES, (inputs: readonly HoldInput[]) => holdSeats(db, terms, inputs));
  return async (req, { userId, role }, key) => {
    const token = await guard(req, { userId, role });
    const { scheduleId, seatIds } = parseBody(req, HoldRequest);
    const giveBack = seatClaims.claim(seatIds);
    try {
      const { id: tokenId, queueId } = token;
      const reservation = await holdOne({ userId, tokenId, queueId, scheduleId, seatIds, key });
      seatMaps.invalidate(scheduleId);
      // A hold may have put off its end.
      tokenWatch.changed(tokenId);
      // The row is the truth: the dispatcher covers a start that is lost.
      starter.reservationHeld(userId, reservation);
      return { status: 201, body: reservation };
    } finally {
      giveBack();
    }
  };
}

function list({ db, identify }: ReservationRoutes): RequestHandler {
  return async (req, res) => {
    const { userId } = await identify(req);
    const { limit, edge } = parsePage(req);
    sendJson(res, 200, toPage(await listReservations(db, userId, { limit: limit + 1, beforeId: edge }), limit));
  };
}

function find({ db, identify }: ReservationRoutes): RequestHandler {
  return async (req, res) => {
    const { userId } = await identify(req);
    const id = pathId(req);
    const reservation = await findReservation(db, userId, id);
    if (!reservation) throw noSuchReservation(id);
    sendJson(res, 200, reservation);
  };
}

function timeline({ db, identify }: ReservationRoutes): RequestHandler {
  return async (req, res) => {
    const { userId } = await identify(req);
    const id = pathId(req);
    const found = await findTimeline(db, userId, id);
    if (!found) throw noSuchReservation(id);
    sendJson(res, 200, found);
  };
}

function cancel({ db, identify, seatMaps, starter }: ReservationRoutes): RequestHandler {
  return async (req, res) => {
    const { userId } = await identify(req);
    const id = pathId(req);
    const cancelled = await cancelReservation(db, userId, id);
    if (!cancelled) throw noSuchReservation(id);
    if (cancelled.changed) seatMaps.invalidate(cancelled.reservation.scheduleId);
    // Also when it is repeated: the process that cancelled it may have died before telling its workflow.
    if (cancelled.reservation.status === 'CANCELLED') starter.reservationsCancelled([id]);
    sendJson(res, 200, cancelled.reservation);
  };
}

/** The same for another user's: its existence is nobody else's business. */
function noSuchReservation(id: number): Refusal {
  return new Refusal('not_found', `You have no reservation ${id}.`);
}
