import { LRUCache } from 'lru-cache';
import { findSchedule } from '../db/concert';
import type { Database } from '../db/connect';

/** The queue that a schedule is sold through; `undefined` where there is no such schedule. */
export type QueueOfSchedule = (scheduleId: number) => Promise<number | undefined>;

const SCHEDULES_MAX = 10_000;

/** Asks the database once per schedule: a schedule never changes its concert, nor a concert its queue. */
export function createQueueOfSchedule(db: Database): QueueOfSchedule {
  const known = new LRUCache<number, number>({ max: SCHEDULES_MAX });
  return async (scheduleId) => {
    const queueId = known.get(scheduleId) ?? (await findSchedule(db, scheduleId))?.queueId;
    if (queueId !== undefined) known.set(scheduleId, queueId);
    return queueId;
  };
}
