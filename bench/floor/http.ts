/**
 * Bare Express: one JSON route, the most this machine can answer with it; and behind others the least that a payment and a
 * token can cost, which is their SQL without a workflow.
 */
import type { AddressInfo } from 'node:net';
import express from 'express';
import { connect } from '../../src/db/connect';
import { createBatches } from '../../src/api/batches';
import { sessionVerifier } from '../../src/api/dev-session';
import { createQueueTokens } from '../../src/api/queue-token';
import { ISSUE_BATCHES } from '../../src/api/routes/queue';
import type { IssueTokenRequest } from '../../src/contracts/queue';
import { settlePayment, type SettleInput } from '../../src/db/payment';
import { write } from '../../src/db/sql';
import { serve } from '../child';
import { readSystem } from '../system';
import { LEAST_TOKEN } from './least-token';

/** As many as a process of the system has. */
const POOL_MAX = 16;
/** No row of a queue makes one wait for another. */
const TRANSACTIONS = 2;

/** A payment for `POST /payments`; its key is hex, because it comes as JSON. */
export type PlainPayment = Omit<SettleInput, 'key'> & { hash: string; fingerprint: string };

const db = connect({ url: readSystem().databaseUrl, poolMax: POOL_MAX });
const app = express();
app.get('/', (_req, res) => {
  res.json({ ok: true, at: Date.now() });
});
app.post('/payments', express.json(), async (req, res) => {
  const { hash, fingerprint, ...payment } = req.body as PlainPayment;
  const key = {
    userId: payment.userId,
    hash: Buffer.from(hash, 'hex'),
    fingerprint: Buffer.from(fingerprint, 'hex'),
  };
  res.status(201).json((await settlePayment(db, { ...payment, key })).payment);
});

/** A JSON body, the signature of a session, a row committed together with those of others, the signature of a token. */
const verify = sessionVerifier(readSystem().tokenSecret);
const queueTokens = createQueueTokens(readSystem().tokenSecret);
const issue = createBatches({ ...ISSUE_BATCHES, atOnce: TRANSACTIONS }, async (userIds: readonly number[]) => {
  const { insertId } = await write(db, `INSERT INTO ${LEAST_TOKEN} (user_id) VALUES ?`, [userIds.map((id) => [id])]);
  return userIds.map((_, index) => insertId + index);
});
app.post('/tokens', express.json(), async (req, res) => {
  const { sub } = await verify((req.headers.authorization ?? '').slice('Bearer '.length));
  const { queue } = req.body as IssueTokenRequest;
  res.status(201).json({ token: queueTokens.mint(await issue(Number(sub))), queue, status: 'WAITING' });
});

const server = app.listen(0, '127.0.0.1', () => {
  serve(async () => (server.address() as AddressInfo).port);
});
