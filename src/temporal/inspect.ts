import type { Client } from '@temporalio/client';
import type { Database } from '../db/connect';
import { findLongEnded } from '../db/invariants/workflow';
import { checked, type Checked } from '../invariants';
import { PAYMENT_ID, QUEUE_TOKEN_ID, RESERVATION_ID } from '../workflows/ids';

/** Looked up together. */
const BATCH_MAX = 500;
/** A report of hundreds helps nobody. */
const FOUND_MAX = 100;

/** `forMs`: open for less than this says nothing: whoever pays what is past starts a workflow that is refused at once. */
const KINDS = [
  { type: 'reservation', id: RESERVATION_ID, table: 'reservation', forMs: 0 },
  { type: 'payment', id: PAYMENT_ID, table: 'reservation', forMs: 60_000 },
  { type: 'queueToken', id: QUEUE_TOKEN_ID, table: 'waiting_token', forMs: 0 },
] as const;

/** The workflows that are open though their rows ended over a minute ago (I14). Reads all open ones of the namespace. */
export async function checkOpenWorkflows(client: Client, db: Database, nowMs = Date.now()): Promise<Checked> {
  const found: object[] = [];
  for (const { type, id, table, forMs } of KINDS) {
    let ids: number[] = [];
    const look = async (): Promise<void> => {
      const ended = await findLongEnded(db, table, ids);
      found.push(...ended.map((rowId) => ({ workflow: type, rowId })));
      ids = [];
    };
    const query = `WorkflowType = '${type}' AND ExecutionStatus = 'Running'`;
    for await (const { workflowId, startTime } of client.workflow.list({ query })) {
      const rowId = Number(id.exec(workflowId)?.[1]);
      if (rowId && startTime.getTime() <= nowMs - forMs) ids.push(rowId);
      if (ids.length === BATCH_MAX) await look();
      if (found.length >= FOUND_MAX) break;
    }
    await look();
  }
  return checked('I14_open_workflow', found);
}
