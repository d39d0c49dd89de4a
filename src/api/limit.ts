import { Refusal } from '../errors';

/** Runs work when its turn comes; rejects with 503 `unavailable` when too many wait already. */
export type Limit = <T>(work: () => Promise<T>) => Promise<T>;

/** At most `running` at once; up to `waiting` more take their turn in order. */
export function createLimit(max: { running: number; waiting: number }): Limit {
  const queue: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (running >= max.running) {
      if (queue.length >= max.waiting) throw new Refusal('unavailable', 'Too many are doing this at this moment.');
      // Whoever ends hands its place on: `running` stays the same.
      await new Promise<void>((resolve) => queue.push(resolve));
    } else {
      running += 1;
    }
    try {
      return await work();
    } finally {
      const next = queue.shift();
      if (next) next();
      else running -= 1;
    }
  };
}
