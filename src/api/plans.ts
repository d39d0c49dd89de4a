import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Database } from '../db/connect';
import { readPlan } from '../db/plan';
import { keptBody, type KeptBody } from './kept-body';

/** Seating plans as they are sent: a plan never changes once it is there. */
export interface Plans {
  /** `undefined` where a schedule has no plan. */
  read(scheduleId: number): Promise<KeptBody | undefined>;
}

/** Some thirty arenas; the least looked at is read anew. */
const BYTES_MAX = 32 * 1024 * 1024;

export function createPlans(db: Database): Plans {
  const known = new LRUCache<number, KeptBody>({
    maxSize: BYTES_MAX,
    // Compressed it is a tenth as long.
    sizeCalculation: ({ body }) => Math.ceil(1.1 * body.length),
  });
  const underWay = new Map<number, Promise<KeptBody | undefined>>();
  const load = async (scheduleId: number): Promise<KeptBody | undefined> => {
    const text = await readPlan(db, scheduleId);
    if (text === undefined) return undefined;
    const plan = keptBody(text, createHash('sha256').update(text).digest('base64url'));
    known.set(scheduleId, plan);
    return plan;
  };
  return {
    read: async (scheduleId) => {
      const plan = known.get(scheduleId) ?? underWay.get(scheduleId);
      if (plan) return plan;
      const loading = load(scheduleId).finally(() => underWay.delete(scheduleId));
      underWay.set(scheduleId, loading);
      return loading;
    },
  };
}
