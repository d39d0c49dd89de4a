import DataLoader from 'dataloader';
import type { Decided } from '../db/together';
import { Refusal } from '../errors';

/** Look-ups in one statement: those of one turn of the event loop. */
const LOOKUP_BATCH_MAX = 500;

/** Reads by key; the keys asked for in one turn of the event loop share one statement. Nothing is cached. */
export function createLookup<Key, Value>(
  read: (keys: readonly Key[]) => Promise<(Value | undefined)[]>,
): (key: Key) => Promise<Value | undefined> {
  const loader = new DataLoader<Key, Value | undefined>(read, {
    cache: false,
    maxBatchSize: LOOKUP_BATCH_MAX,
    // Each request arrives in its own callback: the default schedule (a microtask) would gather only one.
    batchScheduleFn: (dispatch) => void setImmediate(dispatch),
  });
  return (key) => loader.load(key);
}

export interface BatchLimits {
  /** Requests in one transaction. */
  size: number;
  /** Transactions under way; while they are, the requests that come in gather for the next. */
  atOnce: number;
  /** Requests that may wait; who comes later is better off asking again. */
  waiting: number;
}

interface Waiting<Request, Reply> {
  request: Request;
  resolve(reply: Reply): void;
  reject(error: unknown): void;
}

/**
 * Gathers requests into batches without making anyone wait for company: a batch is what has come in while `atOnce`
 * others were under way. An `Error` in the place of a reply rejects that request alone. Refuses with 503 `unavailable`
 * when too many wait.
 */
export function createBatches<Request, Reply>(
  limits: BatchLimits,
  decide: (requests: readonly Request[]) => Promise<Decided<Reply>[]>,
): (request: Request) => Promise<Reply> {
  const waiting: Waiting<Request, Reply>[] = [];
  let underWay = 0;

  const run = async (batch: Waiting<Request, Reply>[]): Promise<void> => {
    underWay += 1;
    try {
      const decided = await decide(batch.map(({ request }) => request));
      batch.forEach(({ resolve, reject }, index) => {
        const outcome = decided[index] as Decided<Reply>;
        if (outcome instanceof Error) reject(outcome);
        else resolve(outcome);
      });
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
    underWay -= 1;
    dispatch();
  };
  const dispatch = (): void => {
    while (underWay < limits.atOnce && waiting.length > 0) void run(waiting.splice(0, limits.size));
  };

  return (request) =>
    new Promise((resolve, reject) => {
      if (waiting.length >= limits.waiting) {
        reject(new Refusal('unavailable', 'Too many are asking for this at this moment.'));
        return;
      }
      // After this turn of the event loop, with whoever else it brings.
      if (waiting.length === 0) setImmediate(dispatch);
      waiting.push({ request, resolve, reject });
    });
}
