import { admitNext } from '../db/admission';
import { checkInvariants, saveInvariantResults } from '../db/invariants';
import { readQueueStates } from '../db/queue-state';
import { expireHolds, expireTokens } from '../db/release';
import { deleteOldKeys, deletePassedDepartures } from '../db/sweep';
import { tellAdmitted } from '../temporal/notify';
import type { ActivityDeps } from './deps';

export interface SweepReport {
  repaired: Record<'holds' | 'tokens' | 'admitted' | 'keys' | 'departures', number>;
  /** By invariant; 0 is the only good value. */
  violations: Record<string, number>;
}

export type SweepActivities = ReturnType<typeof createSweepActivities>;

export function createSweepActivities({ db, client, logger }: ActivityDeps) {
  return {
    /** Settles what timers left behind: in good times it finds nothing. */
    async repair(): Promise<SweepReport['repaired']> {
      const holds = (await expireHolds(db)).length;
      const tokens = await expireTokens(db);
      let admittedCount = 0;
      for (const queue of await readQueueStates(db)) {
        const admitted = await admitNext(db, queue.id);
        await tellAdmitted(client, db, admitted);
        admittedCount += admitted.length;
      }
      const keys = await deleteOldKeys(db);
      const departures = await deletePassedDepartures(db);
      return { holds, tokens, admitted: admittedCount, keys, departures };
    },

    /** Checks what is new and a part of the rest, and publishes the result; a violation is logged with its rows. */
    async checkInvariants(): Promise<SweepReport['violations']> {
      const results = await checkInvariants(db, 'recent');
      await saveInvariantResults(db, results);
      for (const { name, sentence, rows } of results) {
        if (rows.length > 0) logger.error({ invariant: name, rows }, `invariant violated: ${sentence}`);
      }
      return Object.fromEntries(results.map(({ name, rows }) => [name, rows.length]));
    },
  };
}
