import type { Registry } from 'prom-client';
import type { Readiness } from '../readiness';
import { sendJson, sendText } from '../reply';
import type { Routes } from './routes';

export interface HealthRoutes {
  readiness: Readiness;
  registry: Registry;
}

/** For whoever runs the process; outside of the versioned API and without identity. */
export function healthRoutes(router: Routes, { readiness, registry }: HealthRoutes): void {
  router.get('/livez', (_req, res) => {
    sendJson(res, 200, { status: 'alive' });
  });

  router.get('/readyz', async (_req, res) => {
    const state = await readiness.check();
    sendJson(res, state.status === 'ready' ? 200 : 503, state);
  });

  router.get('/metrics', async (_req, res) => {
    sendText(res, 200, registry.contentType, await registry.metrics());
  });
}
