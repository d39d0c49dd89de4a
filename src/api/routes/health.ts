import type { Router } from 'express';
import type { Registry } from 'prom-client';
import type { Readiness } from '../readiness';

export interface HealthRoutes {
  readiness: Readiness;
  registry: Registry;
}

/** For whoever runs the process; outside of the versioned API and without identity. */
export function healthRoutes(router: Router, { readiness, registry }: HealthRoutes): void {
  router.get('/livez', (_req, res) => {
    res.json({ status: 'alive' });
  });

  router.get('/readyz', async (_req, res) => {
    const state = await readiness.check();
    res.status(state.status === 'ready' ? 200 : 503).json(state);
  });

  router.get('/metrics', async (_req, res) => {
    res.type(registry.contentType).send(await registry.metrics());
  });
}
