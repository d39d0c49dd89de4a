import type { Logger } from 'pino';
import { admitNext } from '../db/admission';
import type { Database } from '../db/connect';
import type { QueueToken } from '../db/tokens';
import { createLoop, type Loop } from './loop';
import type { QueueSnapshot } from './queue-snapshot';

/** Every reading of the queues asks for it; this is only how often it is done anyway. */
const UNASKED_MS = 60_000;

interface Deps {
  db: Database;
  logger: Logger;
  snapshot: Pick<QueueSnapshot, 'states' | 'follow'>;
  /** Must not throw. */
  onAdmitted: (tokens: QueueToken[]) => void;
}

/**
 * Admits where the snapshot shows a free place and somebody waiting, so that the line moves even without Temporal. Apart
 * from the readings: where another process holds a queue's row, neither they nor the other queues wait for it.
 */
export function createAdmission({ db, logger, snapshot, onAdmitted }: Deps): Loop {
  const loop = createLoop({
    name: 'admission',
    everyMs: UNASKED_MS,
    restMs: () => 0,
    work: async () => {
      const open = snapshot.states().filter(({ admissible, waiting }) => admissible > 0 && waiting > 0);
      const results = await Promise.allSettled(open.map(async ({ id }) => onAdmitted(await admitNext(db, id))));
      const failed = results.find((result) => result.status === 'rejected');
      if (failed) throw failed.reason;
    },
    logger,
  });
  snapshot.follow(loop.soon);
  return loop;
}
