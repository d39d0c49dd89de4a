import { WorkflowNotFoundError } from '@temporalio/client';
import { queueTokenWorkflowId, reservationWorkflowId } from '../../src/workflows/ids';
import { rowOf } from '../support/fixtures';
import type { TestSystem } from '../support/system';

/** The status of a workflow, or that there is none. */
export async function workflowStatus({ client }: TestSystem, workflowId: string): Promise<string> {
  try {
    return (await client.workflow.getHandle(workflowId).describe()).status.name;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return 'NOT THERE';
    throw error;
  }
}

interface Row {
  status: string;
  workflow_started_at: Date | null;
}

const ENDED: ReadonlySet<string> = new Set(['USED', 'EXPIRED', 'LEFT', 'PAID', 'CANCELLED']);

/** A row is at rest when it lives and its workflow runs and is noted, or when both have ended. */
async function atRest(system: TestSystem, table: 'waiting_token' | 'reservation', id: number, status: string) {
  const row = await rowOf<Row>(system.db, table, id);
  if (row.status !== status) return false;
  const workflowId = table === 'reservation' ? reservationWorkflowId(id) : queueTokenWorkflowId(id);
  const workflow = await workflowStatus(system, workflowId);
  return ENDED.has(status) ? workflow === 'COMPLETED' : workflow === 'RUNNING' && row.workflow_started_at !== null;
}

export const tokenAtRest = (
  system: TestSystem,
  id: number,
  status: 'WAITING' | 'ACTIVE' | 'USED' | 'EXPIRED' | 'LEFT',
) => atRest(system, 'waiting_token', id, status);
export const reservationAtRest = (system: TestSystem, id: number, status: 'HELD' | 'PAID' | 'EXPIRED' | 'CANCELLED') =>
  atRest(system, 'reservation', id, status);
