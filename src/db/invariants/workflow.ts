import type { Executor } from '../connect';
import { select } from '../sql';
import type { Checks } from './check';

/** A start that was lost is made up for, and an end is told, long before. */
const MINUTE = 'INTERVAL 60 SECOND';

export const WORKFLOW_CHECKS: Checks = {
  I14_workflow: [
    {
      over: 'all',
      sql: `SELECT id AS reservationId FROM reservation
        WHERE workflow_started_at IS NULL AND status = 'HELD' AND reserved_at < NOW(3) - ${MINUTE}`,
    },
    {
      over: 'all',
      sql: `SELECT id AS tokenId FROM waiting_token
        WHERE workflow_started_at IS NULL AND status = 'ACTIVE' AND activated_at < NOW(3) - ${MINUTE}`,
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
