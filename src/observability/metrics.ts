import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { Database } from '../db/connect';
import { readBacklog } from '../db/dispatch';
import { readInvariantResults } from '../db/invariants';

/** A scrape is answered in this time even if the database is not. */
const SCRAPE_QUERY_MS = 1_000;

/** A registry with the metrics of this Node process. Each has its own: nothing is registered globally. */
export function createRegistry(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return registry;
}

/** How many connections of the pool are in use, free and waited for. */
export function observePool(registry: Registry, db: Database): void {
  new Gauge({
    name: 'frontrow_database_connections',
    help: 'Connections of this process by state; waited = requests that wait for one',
    labelNames: ['state'],
    registers: [registry],
    collect() {
      const { pool } = db.client as { pool: { numUsed(): number; numFree(): number; numPendingAcquires(): number } };
      this.set({ state: 'used' }, pool.numUsed());
      this.set({ state: 'free' }, pool.numFree());
      this.set({ state: 'waited' }, pool.numPendingAcquires());
    },
  });
}

/** What the last sweep found, and which rows still lack a workflow: read from the database at every scrape. */
export function observeDatabase(registry: Registry, db: Database): void {
  new Gauge({
    name: 'frontrow_invariant_violations',
    help: 'Rows that break an invariant, as of the last sweep; 0 is the only good value',
    labelNames: ['name'],
    registers: [registry],
    async collect() {
      const results = await orNothing(readInvariantResults(db));
      this.reset();
      for (const { name, violations } of results) this.set({ name }, violations);
    },
  });
  new Gauge({
    name: 'frontrow_workflows_not_started',
    help: 'Live rows without a workflow',
    labelNames: ['kind'],
    registers: [registry],
    async collect() {
      const backlog = await orNothing(readBacklog(db));
      this.reset();
      for (const { kind, count } of backlog) this.set({ kind }, count);
    },
  });
}

/** A series that cannot be read is missing from the scrape, which an alert can see, rather than stale. */
async function orNothing<Row>(query: Promise<Row[]>): Promise<Row[]> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<Row[]>((resolve) => {
    timer = setTimeout(() => resolve([]), SCRAPE_QUERY_MS);
  });
  try {
    return await Promise.race([query.catch(() => []), tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
