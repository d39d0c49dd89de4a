import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { Database } from '../../src/db/connect';
import { selectOne } from '../../src/db/sql';
import { SWEEP_WORKFLOW_ID } from '../../src/workflows/ids';

/** Workflows of a killed worker move on after the sticky time-out and the activity's, and one whose workers died many times is tried again less and less often; the sweep repairs each minute. */
const QUIET_MS_MAX = 300_000;
const POLL_MS = 250;

export interface Unsettled {
  heldReservations: number;
  liveTokens: number;
  liveWithoutWorkflow: number;
  openWorkflows: number;
}

/** Waits until every hold is released or paid, every token has ended and every workflow is closed; gives what is not. */
export async function becomeQuiet(db: Database, client: Client): Promise<{ tookMs: number; left: Unsettled }> {
  const startedMs = performance.now();
  for (;;) {
    const left = await readUnsettled(db, client);
    const tookMs = performance.now() - startedMs;
    if (Object.values(left).every((count) => count === 0) || tookMs > QUIET_MS_MAX) return { tookMs, left };
    await delay(POLL_MS);
  }
}

async function readUnsettled(db: Database, client: Client): Promise<Unsettled> {
  const rows = await selectOne<Omit<Unsettled, 'openWorkflows'>>(
    db,
    `SELECT (SELECT COUNT(*) FROM reservation WHERE status = 'HELD') AS heldReservations,
       (SELECT COUNT(*) FROM waiting_token WHERE status IN ('WAITING', 'ACTIVE')) AS liveTokens,
       (SELECT COUNT(*) FROM reservation WHERE status = 'HELD' AND workflow_started_at IS NULL)
         + (SELECT COUNT(*) FROM waiting_token WHERE status IN ('WAITING', 'ACTIVE') AND workflow_started_at IS NULL)
         AS liveWithoutWorkflow`,
  );
  const { count } = await client.workflow.count(
    `ExecutionStatus = 'Running' AND WorkflowType != '${SWEEP_WORKFLOW_ID}'`,
  );
  return { ...rows!, openWorkflows: count };
}

/** Workflows that ended in a fault: a refusal is a result. A sweep has a minute, and the next one does its work again. */
export async function countFailed(client: Client): Promise<number> {
  const { count } = await client.workflow.count(
    `ExecutionStatus IN ('Failed', 'Terminated', 'TimedOut', 'Canceled') AND WorkflowType != '${SWEEP_WORKFLOW_ID}'`,
  );
  return count;
}
