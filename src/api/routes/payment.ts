import type { Client } from '@temporalio/client';
import type { Request, RequestHandler } from 'express';
import { PaymentRequest, type PaymentView } from '../../contracts/payment';
import type { ReservationView } from '../../contracts/reservation';
import { findAsset } from '../../db/asset';
import type { Database } from '../../db/connect';
import { findPayment, findPaymentState } from '../../db/payment-find';
import { findReservation } from '../../db/reservation';
import { Refusal, type ErrorCode } from '../../errors';
import type { Identify, Identity } from '../auth';
import { parseBody } from '../body';
import type { Guard } from '../guard';
import type { Effect, Idempotent } from '../idempotency';
import { pathId } from '../page';
import { createLimit } from '../limit';
import type { TokenWatch } from '../live/token-watch';
import { payOrFind } from '../pay-or-find';
import { API } from '../paths';
import { sendJson } from '../reply';
import type { Routes } from './routes';

export interface PaymentRoutes {
  db: Database;
  client: Client;
  identify: Identify;
  guard: Guard;
  idempotent: Idempotent;
  tokenWatch: TokenWatch;
}

/** As fast as fifty at once (2026-11-23: 16 a second, both) at a third of the longest wait: Temporal has less to juggle. */
const PAYMENTS_AT_ONCE = 16;
/** More could not be answered before their deadline. */
const PAYMENTS_WAITING = 200;

export function paymentRoutes(router: Routes, deps: PaymentRoutes): void {
  const locationOf = (body: unknown): string => `${API}/payments/${(body as PaymentView).id}`;
  router.post(`${API}/payments`, deps.idempotent(pay(deps), locationOf));
  router.get(`${API}/payments/:id`, find(deps));
}

function pay(deps: PaymentRoutes): Effect {
  const { db, client } = deps;
  const inFlight = createLimit({ running: PAYMENTS_AT_ONCE, waiting: PAYMENTS_WAITING });
  return async (req, user, key) => {
    const { userId } = user;
    const [state, turn, found] = await look(deps, req, user);
    const before = valueOf(state);
    // Paying what is paid takes no turn in the queue: the token was used up by the first payment.
    if (before?.payment) return { status: 200, body: before.payment };
    if (turn.status === 'rejected') return { status: 200, body: await paymentMeanwhile(deps, req, user, turn.reason) };
    const token = turn.value;
    const { reservationId } = parseBody(req, PaymentRequest);
    const hold = valueOf(found);
    if (!hold) throw new Refusal('not_found', `You have no reservation ${reservationId}.`);
    const request = {
      reservationId,
      userId,
      tokenId: token.id,
      queueId: token.queueId,
      lastEntryId: before?.lastEntryId ?? 0,
      keyHash: key.hash.toString('hex'),
      fingerprint: key.fingerprint.toString('hex'),
    };
    const result = await payOrFind(db, client, inFlight, request, hold);
    // The payment of its last hold ends it.
    deps.tokenWatch.changed(token.id);
    if (result.outcome === 'REFUSED') throw await toRefusal(db, user, hold, result);
    return { status: result.first ? 201 : 200, body: await findPayment(db, userId, result.paymentId) };
  };
}

/** Balances stay out of workflow histories, so the figures of a refusal are read here. */
async function toRefusal(
  db: Database,
  { userId }: Identity,
  hold: ReservationView,
  { code, detail }: { code: ErrorCode; detail: string },
): Promise<Refusal> {
  if (code !== 'insufficient_balance') return new Refusal(code, detail);
  const { balance } = await findAsset(db, userId, hold.currency);
  return new Refusal(code, detail, { balance, required: hold.totalPrice });
}

/**
 * What a payment depends on, read at once: the payment of the reservation that the body names if it is made already, the
 * turn, and the hold. Each is judged when it is its turn, so that none hides the refusal of another that comes first.
 */
function look({ db, guard }: PaymentRoutes, req: Request, user: Identity) {
  const named = reservationOf(req);
  return Promise.allSettled([
    named ? findPaymentState(db, user.userId, named) : undefined,
    guard(req, user),
    named ? findReservation(db, user.userId, named) : undefined,
  ]);
}

function valueOf<Value>(settled: PromiseSettledResult<Value>): Value {
  if (settled.status === 'rejected') throw settled.reason;
  return settled.value;
}

/** The payment that a parallel request has made since the first look, and so has ended the token that both came with. */
async function paymentMeanwhile({ db }: PaymentRoutes, req: Request, { userId }: Identity, refused: unknown) {
  const named = reservationOf(req);
  const state = named ? await findPaymentState(db, userId, named) : undefined;
  if (!state?.payment) throw refused;
  return state.payment;
}

function reservationOf(req: Request): number | undefined {
  return PaymentRequest.safeParse(req.body).data?.reservationId;
}

function find({ db, identify }: PaymentRoutes): RequestHandler {
  return async (req, res) => {
    const { userId } = await identify(req);
    const id = pathId(req);
    const payment = await findPayment(db, userId, id);
    if (!payment) throw new Refusal('not_found', `You have no payment ${id}.`);
    sendJson(res, 200, payment);
  };
}
