import type { Client } from '@temporalio/client';
import type { Config } from '../config';
import { BACKLOG_COUNT_MAX, type OverviewView, type QueueTrafficView, type WorkflowsView } from '../contracts/operator';
import type { Database } from '../db/connect';
import { readBoundedBacklog } from '../db/dispatch';
import { readLastSweep } from '../db/invariants';
import { readOldestWaits } from '../db/queue-state';
import { readSales } from '../db/sales';
import { readClock } from '../db/sql';
import { countWorkflows, type WorkflowCounts } from '../temporal/counts';
import type { QueueSnapshot } from './queue-snapshot';
import { createRemembered } from './remembered';

/** How long what was read for one operator is good for all others; queues come out of memory each time. */
const DATABASE_MS = 900;
const TEMPORAL_MS = 5_000;

export interface Overview {
  read(): Promise<OverviewView>;
  /** Waits for calls under way: Temporal's client retries in a timer, which throws if its connection is closed then. */
  close(): Promise<void>;
}

interface Deps {
  db: Database;
  client: Client;
  snapshot: QueueSnapshot;
  config: Pick<Config, 'temporal' | 'currency'>;
}

/**
 * How everything is, at a cost that depends neither on how many operators look nor on how many fans wait: a few
 * statements a second, and a few calls to Temporal every five.
 */
export function createOverview({ db, client, snapshot, config }: Deps): Overview {
  const stored = createRemembered(DATABASE_MS, async () => {
    const [sales, sweep, oldestWaits, notStarted, now] = await Promise.all([
      readSales(db),
      readLastSweep(db),
      readOldestWaits(db),
      readBoundedBacklog(db, BACKLOG_COUNT_MAX),
      readClock(db),
    ]);
    return { sales, sweep, oldestWaits, notStarted, now };
  });
  const counts = createRemembered(TEMPORAL_MS, () => countWorkflows(client));
  let counted: WorkflowCounts | undefined;
  let first: Promise<void> | undefined;
  return {
    read: async () => {
      const counting = counts.read().then((latest) => {
        counted = latest;
      });
      // Only the first one is waited for: an operator who needs to see the queues is not to wait for Temporal.
      first ??= counting;
      counting.catch(() => {});
      const [{ now, sales, sweep, oldestWaits, notStarted }] = await Promise.all([stored.read(), first]);
      const workflows: WorkflowsView = {
        state: counted ? 'up' : 'down',
        namespace: config.temporal.namespace,
        uiUrl: config.temporal.uiUrl ?? null,
        open: counted?.open ?? null,
        failed: counted?.failed ?? null,
        notStarted,
      };
      const queues = viewQueues(snapshot, oldestWaits);
      return { asOf: now.toISOString(), currency: config.currency, queues, sales, workflows, sweep };
    },
    close: counts.idle,
  };
}

function viewQueues(snapshot: QueueSnapshot, oldestWaits: ReadonlyMap<number, number>): QueueTrafficView[] {
  const views = snapshot.states().map((state): QueueTrafficView => {
    const { id, name, maxActive, activeSeconds, admitPerMinute, paused, waiting, active } = state;
    const { admitted, departed, finished } = snapshot.traffic(id);
    return {
      ...{ name, maxActive, activeSeconds, admitPerMinute, paused, waiting, active },
      admittedPerMinute: admitted,
      departedPerMinute: departed,
      finishedPerMinute: finished,
      oldestWaitSeconds: waiting > 0 ? (oldestWaits.get(id) ?? 0) : null,
      drainSeconds: waiting > 0 ? snapshot.estimateWaitSeconds(id, waiting) : 0,
    };
  });
  return views.sort((a, b) => (a.name < b.name ? -1 : 1));
}
