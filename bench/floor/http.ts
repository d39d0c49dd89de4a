/** Bare Express: one JSON route, the most this machine can answer with it; and payments as plain SQL behind another. */
import type { AddressInfo } from 'node:net';
import express from 'express';
import { connect } from '../../src/db/connect';
import { settlePayment, type SettleInput } from '../../src/db/payment';
import { serve } from '../child';
import { readSystem } from '../system';

/** As many as a process of the system has. */
const POOL_MAX = 16;

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
const server = app.listen(0, '127.0.0.1', () => {
  serve(async () => (server.address() as AddressInfo).port);
});
