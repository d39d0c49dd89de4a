/** The worker of the floor's workflows: set up as `src/worker`, one process for three task queues. */
import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { serve } from '../child';
import { createFloorActivities } from './activities';
import { FLOOR_TASK_QUEUES } from './task-queues';

const CACHED_WORKFLOWS = 500;

interface Setting {
  temporalAddress: string;
}

async function start({ temporalAddress: address }: Setting): Promise<void> {
  const logger = new DefaultLogger('WARN');
  Runtime.install({ shutdownSignals: [], logger });
  const workflowBundle = await bundleWorkflowCode({ workflowsPath: path.join(__dirname, 'workflows.ts'), logger });
  const connection = await NativeConnection.connect({ address });
  const activities = createFloorActivities(new Client({ connection: await Connection.connect({ address }) }));
  for (const taskQueue of Object.values(FLOOR_TASK_QUEUES)) {
    const worker = await Worker.create({
      connection,
      taskQueue,
      workflowBundle,
      activities,
      maxCachedWorkflows: CACHED_WORKFLOWS,
      workflowTaskPollerBehavior: { type: 'autoscaling' },
      activityTaskPollerBehavior: { type: 'autoscaling' },
    });
    worker.run().catch((error: unknown) => {
      console.error(error);
      process.exit(1);
    });
  }
}

serve<Setting>(start);
