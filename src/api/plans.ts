import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { LRUCache } from 'lru-cache';
import type { Database } from '../db/connect';
import { readPlan } from '../db/plan';

export interface RenderedPlan {
  body: Buffer;
  /** The same, a tenth as long. */
  gzipped: Buffer;
  etag: string;
}

/** Seating plans as they are sent: a plan never changes once it is there. */
export interface Plans {
  /** `undefined` where a schedule has no plan. */
  read(scheduleId: number): Promise<RenderedPlan | undefined>;
}

/** Some thirty arenas; the least looked at is read anew. */
const BYTES_MAX = 32 * 1024 * 1024;
const deflate = promisify(gzip);

export function createPlans(db: Database): Plans {
  const known = new LRUCache<number, RenderedPlan>({
    maxSize: BYTES_MAX,
    sizeCalculation: ({ body, gzipped }) => body.length + gzipped.length,
  });
  const underWay = new Map<number, Promise<RenderedPlan | undefined>>();
  const load = async (scheduleId: number): Promise<RenderedPlan | undefined> => {
    const text = await readPlan(db, scheduleId);
    if (text === undefined) return undefined;
    const plan = await render(text);
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

/** The tag is weak because it is that of both forms. */
async function render(text: string): Promise<RenderedPlan> {
  const body = Buffer.from(text);
  const hash = createHash('sha256').update(body).digest('base64url');
  return { body, gzipped: await deflate(body), etag: `W/"${hash}"` };
}
