import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { Database } from '../db/connect';

/** A registry with the metrics of this Node process. Each has its own: nothing is registered globally. */
export function createRegistry(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return registry;
}

/** How many connections of the pool are in use, free and waited for. */
export function observePool(registry: Registry, db: Database): void {
  const { pool } = db.client as { pool: Pool };
  new Gauge({
    name: 'frontrow_database_connections',
    help: 'Connections of this process by state; waited = requests that wait for one',
    labelNames: ['state'],
    registers: [registry],
    collect() {
      this.set({ state: 'used' }, pool.numUsed());
      this.set({ state: 'free' }, pool.numFree());
      this.set({ state: 'waited' }, pool.numPendingAcquires());
    },
  });
  new Gauge({
    name: 'frontrow_database_connections_max',
    help: 'Connections that this process may have at once',
    registers: [registry],
    collect() {
      this.set(pool.max);
    },
  });
}

interface Pool {
  readonly max: number;
  numUsed(): number;
  numFree(): number;
  numPendingAcquires(): number;
}
