import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { API } from '../../src/api/paths';
import { createQueueTokens } from '../../src/api/queue-token';
import { QUEUE_DEFAULT } from '../../src/contracts/queue';
import { holdSeats, type HoldInput } from '../../src/db/hold';
import { selectOne } from '../../src/db/sql';
import type { Bench } from '../bench';
import { randomKey, type QueuedFan } from '../fans';
import { FLOOR_TASK_QUEUES } from '../floor/task-queues';
import { requestText } from '../load/request';

/** Each may have a hundred tickets of a date. */
const HOLDS_PER_FAN = 100;
const STARTS_IN_FLIGHT = 16;

/** Holds that all end at the same moment, and what was planted with them. */
export interface Storm {
  scheduleId: number;
  seatIds: number[];
  /** Workflows of these holds, in any state. */
  query: string;
}

/** One seat each, held by the product's own code, but until `deadlineMs`; their workflows are the dispatcher's to start. */
export async function plantHolds(bench: Bench, count: number, deadlineMs: number): Promise<Storm> {
  const fans = await bench.fans.inside(Math.ceil(count / HOLDS_PER_FAN), QUEUE_DEFAULT);
  const hall = await bench.halls.open('Storm', QUEUE_DEFAULT, count);
  const queue = await selectOne<{ id: number }>(bench.db, 'SELECT id FROM queue WHERE name = ?', [QUEUE_DEFAULT]);
  const queueTokens = createQueueTokens(bench.system.tokenSecret);
  for (let from = 0; from < count; from += fans.length) {
    const inputs = hall.seatIds.slice(from, from + fans.length).map((seatId, index): HoldInput => {
      const { userId, queueToken } = fans[index] as QueuedFan;
      const tokenId = queueTokens.verify(queueToken) as number;
      return {
        userId,
        tokenId,
        queueId: queue?.id as number,
        scheduleId: hall.scheduleId,
        seatIds: [seatId],
        key: randomKey(userId),
      };
    });
    const holdSeconds = (deadlineMs - Date.now()) / 1_000;
    const held = await holdSeats(bench.db, { holdSeconds, maxTickets: HOLDS_PER_FAN, currency: 'KRW' }, inputs);
    const refused = held.find((outcome) => outcome instanceof Error);
    if (refused) throw refused;
  }
  return { ...hall, query: `WorkflowType = 'reservation' AND ScheduleId = ${hall.scheduleId}` };
}

/** The least that the same can cost: a timer and a local activity that does nothing. */
export async function plantFloor(client: Client, count: number, deadlineMs: number): Promise<string> {
  const left = Array.from({ length: count }, () => `floor-storm-${randomUUID()}`);
  const start = async (): Promise<void> => {
    for (let workflowId = left.pop(); workflowId; workflowId = left.pop()) {
      const args = [deadlineMs - Date.now()];
      await client.workflow.start('floorReservation', { workflowId, taskQueue: FLOOR_TASK_QUEUES.reservation, args });
    }
  };
  await Promise.all(Array.from({ length: STARTS_IN_FLIGHT }, start));
  return `WorkflowType = 'floorReservation'`;
}

/** A hold of each of these seats, by somebody who has none. */
export async function resaleRequests(bench: Bench, { scheduleId, seatIds }: Storm): Promise<string[]> {
  const buyers = await bench.fans.inside(seatIds.length, QUEUE_DEFAULT);
  return buyers.map(({ accessToken, queueToken }, index) => {
    const body = { scheduleId, seatIds: [seatIds[index]] };
    const idempotencyKey = `resale-${scheduleId}-${index}`;
    return requestText({ method: 'POST', path: `${API}/reservations`, accessToken, queueToken, idempotencyKey, body });
  });
}
