import type { RequestHandler } from 'express';
import { ChargeRequest } from '../../contracts/asset';
import { chargeAssets, findAsset, listEntries, type ChargeInput } from '../../db/asset';
import type { Database } from '../../db/connect';
import type { Identify } from '../auth';
import { createBatches } from '../batches';
import { parseBody } from '../body';
import type { Effect, Idempotent } from '../idempotency';
import { parsePage, toPage } from '../page';
import { API } from '../paths';
import { sendJson } from '../reply';
import type { Users } from '../users';
import type { Routes } from './routes';

export interface AssetRoutes {
  db: Database;
  identify: Identify;
  users: Users;
  idempotent: Idempotent;
  currency: string;
}

/** One at a time: two would wait for each other where a user charges twice at once. */
const CHARGE_BATCHES = { size: 50, atOnce: 1, waiting: 2_000 };

export function assetRoutes(router: Routes, deps: AssetRoutes): void {
  router.get(`${API}/asset`, find(deps));
  router.get(`${API}/asset/entries`, entries(deps));
  // A ledger entry has no address of its own.
  router.post(
    `${API}/asset/charges`,
    deps.idempotent(addMoney(deps), () => undefined),
  );
}

function find({ db, identify, currency }: AssetRoutes): RequestHandler {
  return async (req, res) => {
    const { userId } = await identify(req);
    sendJson(res, 200, await findAsset(db, userId, currency));
  };
}

function entries({ db, identify }: AssetRoutes): RequestHandler {
  return async (req, res) => {
    const { userId } = await identify(req);
    const { limit, edge } = parsePage(req);
    sendJson(res, 200, toPage(await listEntries(db, userId, { limit: limit + 1, beforeId: edge }), limit));
  };
}

function addMoney({ db, users, currency }: AssetRoutes): Effect {
  const charge = createBatches(CHARGE_BATCHES, (inputs: readonly ChargeInput[]) => chargeAssets(db, currency, inputs));
  return async (req, { userId }, key) => {
    const { amount } = parseBody(req, ChargeRequest);
    await users.ensure(userId);
    return { status: 201, body: await charge({ userId, amount, key }) };
  };
}
