import { NativeConnection, Worker, type ActivityInterceptorsFactory, type InjectedSinks } from '@temporalio/worker';
import type { Client } from '@temporalio/client';
import { createPaymentActivities } from '../activities/payment';
import { createQueueActivities } from '../activities/queue';
import { createReservationActivities } from '../activities/reservation';
import { createSweepActivities } from '../activities/sweep';
import type { ActivityDeps } from '../activities/deps';
import type { Config, TaskQueue } from '../config';
import { connectionOptions } from '../temporal/connect';
import type { TraceSinks } from '../workflows/trace';

/** Work under way gets this long to finish when the process is told to stop. */
const SHUTDOWN_GRACE = '10 seconds';

/**
 * Workflows kept in memory between their events, by task queue. A token or a hold sleeps for minutes and is rebuilt
 * from a short history when it wakes; keeping more costs memory rather than saving time.
 */
const CACHED_WORKFLOWS: Record<TaskQueue, number> = {
  'frontrow-queue': 200,
  'frontrow-reservation': 200,
  'frontrow-payment': 100,
};

/**
 * Ordinary activities at once, which are the closings of payments. Those that let payments pass keep their places; what
 * waits behind them waits in Temporal, where a worker's end does not concern it.
 */
const CLOSINGS_AT_ONCE = 4;

function createActivities(taskQueue: TaskQueue, deps: ActivityDeps) {
  switch (taskQueue) {
    case 'frontrow-queue':
      return { ...createQueueActivities(deps), ...createSweepActivities(deps) };
    case 'frontrow-reservation':
      return createReservationActivities(deps);
    case 'frontrow-payment':
      return createPaymentActivities(deps);
  }
}

export interface WorkerDeps extends ActivityDeps {
  config: Pick<Config, 'temporal' | 'workerTaskQueues'>;
  client: Client;
  activityInterceptors: ActivityInterceptorsFactory[];
  workflowSinks: InjectedSinks<TraceSinks>;
  /** The bundle made by `cli/bundle`. */
  bundlePath: string;
}

/**
 * Polls the task queues of this process. Resolves once connected, with `run()`, which resolves after `shutdown()` when
 * all work under way is done.
 */
export async function createWorkers(deps: WorkerDeps): Promise<{ run(): Promise<void>; shutdown(): void }> {
  const { config, bundlePath } = deps;
  const connection = await NativeConnection.connect(connectionOptions(config.temporal));
  const workers = await Promise.all(
    config.workerTaskQueues.map((taskQueue) =>
      Worker.create({
        connection,
        namespace: config.temporal.namespace,
        taskQueue,
        workflowBundle: { codePath: bundlePath },
        activities: createActivities(taskQueue, deps),
        interceptors: { activity: deps.activityInterceptors },
        sinks: deps.workflowSinks,
        shutdownGraceTime: SHUTDOWN_GRACE,
        maxCachedWorkflows: CACHED_WORKFLOWS[taskQueue],
        ...(taskQueue === 'frontrow-payment' ? { maxConcurrentActivityTaskExecutions: CLOSINGS_AT_ONCE } : {}),
        // Measured faster than a fixed number of pollers by 1.2 to 1.7 (two paired runs, 2 cores).
        workflowTaskPollerBehavior: { type: 'autoscaling' },
        activityTaskPollerBehavior: { type: 'autoscaling' },
      }),
    ),
  );
  const shutdown = () => {
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  return {
    shutdown,
    async run() {
      // One that fails takes the others with it, in good order: the process is started again as a whole.
      const runs = workers.map((worker) => worker.run().finally(shutdown));
      const failed = (await Promise.allSettled(runs)).find((run) => run.status === 'rejected');
      await connection.close();
      if (failed) throw failed.reason;
    },
  };
}
