import { setTimeout as delay } from 'node:timers/promises';
import { Gauge, type Registry } from 'prom-client';
import type { Database } from '../db/connect';
import { readBacklog } from '../db/dispatch';
import { readOldestWaits, readSeatCounts, readSweepAge } from '../db/figures';
import { readInvariantResults } from '../db/invariants';

/** A scrape is answered in this time even if the database is not. */
const SCRAPE_QUERY_MS = 1_000;

type Sample = [labels: Record<string, string>, value: number];

interface Figure {
  name: string;
  help: string;
  labels: string[];
  read(db: Database): Promise<Sample[]>;
}

const FIGURES: Figure[] = [
  {
    name: 'frontrow_invariant_violations',
    help: 'Rows that break an invariant, as of the last sweep; 0 is the only good value',
    labels: ['name'],
    read: async (db) => (await readInvariantResults(db)).map(({ name, violations }) => [{ name }, violations]),
  },
  {
    name: 'frontrow_sweep_age_seconds',
    help: 'Since a sweep last checked the invariants',
    labels: [],
    read: async (db) => {
      const ageMs = await readSweepAge(db);
      return ageMs === null ? [] : [[{}, ageMs / 1_000]];
    },
  },
  {
    name: 'frontrow_workflows_not_started',
    help: 'Live rows without a workflow',
    labels: ['kind'],
    read: async (db) => (await readBacklog(db)).map(({ kind, count }) => [{ kind }, count]),
  },
  {
    name: 'frontrow_queue_oldest_wait_seconds',
    help: 'How long the first in line has been waiting',
    labels: ['queue'],
    read: async (db) => (await readOldestWaits(db)).map(({ queue, waitMs }) => [{ queue }, waitMs / 1_000]),
  },
  {
    name: 'frontrow_seats',
    help: 'Seats of the dates on sale: free, held, sold',
    labels: ['state'],
    read: async (db) => {
      const counts = new Map((await readSeatCounts(db)).map(({ state, count }) => [state, count]));
      const states = ['FREE', 'HELD', 'SOLD'] as const;
      return states.map((state) => [{ state: state.toLowerCase() }, counts.get(state) ?? 0]);
    },
  },
];

/** What only the database knows, the same from every process: read at each scrape, one statement after the other. */
export function observeDatabase(registry: Registry, db: Database): void {
  let reading: Promise<Map<Figure, Sample[]>> | undefined;
  // All gauges of a scrape ask in one turn of the event loop, and share the reading.
  const readOnce = () => (reading ??= readInTime(db).finally(() => (reading = undefined)));
  for (const figure of FIGURES) {
    new Gauge({
      name: figure.name,
      help: figure.help,
      labelNames: figure.labels,
      registers: [registry],
      async collect() {
        const samples = (await readOnce()).get(figure) ?? [];
        this.reset();
        // Without labels, a reset says 0.
        this.remove({});
        for (const [labels, value] of samples) this.set(labels, value);
      },
    });
  }
}

/** A figure that cannot be read in time is missing from the scrape, which an alert can see, rather than stale. */
async function readInTime(db: Database): Promise<Map<Figure, Sample[]>> {
  const found = new Map<Figure, Sample[]>();
  const over = new AbortController();
  const readEach = async (): Promise<void> => {
    for (const figure of FIGURES) {
      if (over.signal.aborted) return;
      found.set(figure, await figure.read(db).catch(() => []));
    }
  };
  const tooLate = delay(SCRAPE_QUERY_MS, undefined, { signal: over.signal }).catch(() => undefined);
  await Promise.race([readEach(), tooLate]);
  over.abort();
  return found;
}
