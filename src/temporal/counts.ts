import { isGrpcServiceError, ServiceError, type Client } from '@temporalio/client';

export const WORKFLOW_TYPES = ['queueToken', 'reservation', 'payment', 'sweep'] as const;
export type OpenByType = Record<(typeof WORKFLOW_TYPES)[number], number>;

export interface WorkflowCounts {
  open: OpenByType;
  /** Ended by a fault: failed, timed out or terminated. A refusal is none. */
  failed: number;
}

/** How many workflows run, by type, and how many faults there were; `undefined` while Temporal does not answer. */
export async function countWorkflows(client: Client): Promise<WorkflowCounts | undefined> {
  const queries = [
    `ExecutionStatus IN ('Failed', 'TimedOut', 'Terminated')`,
    ...WORKFLOW_TYPES.map((type) => `WorkflowType = '${type}' AND ExecutionStatus = 'Running'`),
  ];
  try {
    const counts = queries.map(async (query) => (await client.workflow.count(query)).count);
    const [failed = 0, ...open] = await all(counts);
    const byType = Object.fromEntries(WORKFLOW_TYPES.map((type, index) => [type, open[index] ?? 0])) as OpenByType;
    return { open: byType, failed };
  } catch (error) {
    if (error instanceof ServiceError || isGrpcServiceError(error)) return undefined;
    throw error;
  }
}

/** Waits for each, also when one fails: no call may outlive the connection that it retries on. */
async function all<Value>(calls: Promise<Value>[]): Promise<Value[]> {
  await Promise.allSettled(calls);
  return Promise.all(calls);
}
