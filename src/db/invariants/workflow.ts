import type { Executor } from '../connect';
import { select } from '../sql';
import type { Checks } from './check';

/** A start that was lost is made up for, and an end is told, long before. */
const MINUTE = 'INTERVAL 60 SECOND';

/**
 * In a rush they wait in line: as long as others are started, what waits is the backlog, which has a metric and an alert
 * of its own. After this it is not believed any more.
 */
const BACKLOG = 'INTERVAL 10 MINUTE';
const STARTING = 'INTERVAL 10 SECOND';

const notStarted = (table: string, status: string, since: string) =>
  `workflow_started_at IS NULL AND status = '${status}' AND ${since} < NOW(3) - ${MINUTE} AND (${since} < NOW(3) - ${BACKLOG}
    OR NOT EXISTS (SELECT 1 FROM ${table} other WHERE other.workflow_started_at > NOW(3) - ${STARTING} AND other.status = '${status}'))`;

export const WORKFLOW_CHECKS: Checks = {
  I14_workflow: [
    {
      over: 'all',
      sql: `SELECT id AS reservationId FROM reservation WHERE ${notStarted('reservation', 'HELD', 'reserved_at')}`,
    },
    {
      over: 'all',
      sql: `SELECT id AS tokenId FROM waiting_token WHERE ${notStarted('waiting_token', 'ACTIVE', 'activated_at')}`,
    },
  ],
};

const ENDED_AT = { reservation: 'completed_at', waiting_token: 'ended_at' } as const;

/** Those of these rows that ended over a minute ago. */
export async function findLongEnded(
  db: Executor,
  table: keyof typeof ENDED_AT,
  ids: readonly number[],
): Promise<number[]> {
  if (ids.length === 0) return [];
  const rows = await select<{ id: number }>(
    db,
    `SELECT id FROM ${table} WHERE id IN (?) AND ${ENDED_AT[table]} < NOW(3) - ${MINUTE}`,
    [ids],
  );
  return rows.map((row) => row.id);
}
