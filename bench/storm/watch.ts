import { setTimeout as delay } from 'node:timers/promises';
import { selectOne } from '../../src/db/sql';
import type { Bench } from '../bench';
import { openConnection } from '../load/connection';

const LOOK_MS = 100;
const CLOSED_MAX_MS = 600_000;
const BATCH_MS_MAX = 60_000;
const RESALE_MS_MAX = 60_000;

/** How long after the deadline, in ms, the first and the last of these holds was had; each asks until it is. */
export async function watchResale(bench: Bench, requests: string[], deadlineMs: number): Promise<[number, number]> {
  const hadMs = await Promise.all(
    requests.map(async (request) => {
      const connection = await openConnection(bench.api);
      try {
        while ((await connection.exchange(Buffer.from(request))).status !== 201) {
          if (Date.now() - deadlineMs > RESALE_MS_MAX) throw new Error('a seat whose hold is over cannot be held');
          await delay(LOOK_MS / 10);
        }
        return Date.now() - deadlineMs;
      } finally {
        connection.close();
      }
    }),
  );
  return [Math.min(...hadMs), Math.max(...hadMs)];
}

/** How long after the deadline, in ms, the last hold of the date that ran out with it was EXPIRED in its row. */
export async function watchRows({ db }: Bench, scheduleId: number, deadlineMs: number): Promise<number> {
  const overdue = `SELECT COUNT(*) AS count FROM reservation
    WHERE concert_schedule_id = ? AND status = 'HELD' AND expires_at <= ?`;
  // A batch that took long to be held ends that much later; those who hold the seats next have an hour.
  const ended = new Date(deadlineMs + BATCH_MS_MAX);
  for (;;) {
    const row = await selectOne<{ count: number }>(db, overdue, [scheduleId, ended]);
    if (row?.count === 0) return Date.now() - deadlineMs;
    await delay(LOOK_MS);
  }
}

/** Workflows that closed a second, from the deadline until nine of ten of `count` have. */
export async function watchClosing({ temporal }: Bench, query: string, count: number, deadlineMs: number) {
  const closed = `${query} AND ExecutionStatus = 'Completed'`;
  for (;;) {
    const { count: done } = await temporal.workflow.count(closed);
    const elapsedMs = Date.now() - deadlineMs;
    if (done >= 0.9 * count) return done / (elapsedMs / 1_000);
    if (elapsedMs > CLOSED_MAX_MS) throw new Error(`only ${done} of ${count} workflows have closed: ${query}`);
    await delay(10 * LOOK_MS);
  }
}
