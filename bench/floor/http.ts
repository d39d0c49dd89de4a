/** Bare Express: one JSON route and nothing else, the most this machine can answer with it. */
import type { AddressInfo } from 'node:net';
import express from 'express';
import { serve } from '../child';

const app = express();
app.get('/', (_req, res) => {
  res.json({ ok: true, at: Date.now() });
});
const server = app.listen(0, '127.0.0.1', () => {
  serve(async () => (server.address() as AddressInfo).port);
});
