import { LRUCache } from 'lru-cache';
import type { QueueSaleView } from '../contracts/queue';
import type { Database } from '../db/connect';
import { readQueueSale } from '../db/queue-sale';
import { createRemembered, type Remembered } from './remembered';

/** What is left of the sale of a queue, as it was a moment ago. */
export type SaleOfQueue = (queueId: number) => Promise<QueueSaleView>;

/** Whoever waits has time: one reading serves everybody who waits. */
const KEEP_MS = 2_000;
const QUEUES_MAX = 1_000;

export function createSaleOfQueue(db: Database): SaleOfQueue {
  const known = new LRUCache<number, Remembered<QueueSaleView>>({ max: QUEUES_MAX });
  return async (queueId) => {
    const sale = known.get(queueId) ?? createRemembered(KEEP_MS, () => readQueueSale(db, queueId));
    known.set(queueId, sale);
    return sale.read();
  };
}
