import { admitNext } from '../db/admission';
import { endToken, type TokenEnding } from '../db/release';
import { readQueueStates } from '../db/queue-state';
import { findTokens, type TokenStatus } from '../db/tokens';
import { tellAdmitted } from '../temporal/notify';
import { turnInMs } from '../temporal/starts';
import type { ActivityDeps } from './deps';

/** Where a token stands after the line was moved. */
export interface Turn {
  status: TokenStatus | 'GONE';
  expiresAtMs: number | null;
  /** While WAITING: when to look again. */
  turnInMs: number;
}

export type QueueActivities = ReturnType<typeof createQueueActivities>;

export function createQueueActivities({ db, client }: ActivityDeps) {
  return {
    /** Admits whoever is next in the queue, perhaps this token, and says where this token stands now. */
    async takeTurn(tokenId: number, queueId: number): Promise<Turn> {
      const admitted = await admitNext(db, queueId);
      await tellAdmitted(
        client,
        db,
        admitted.filter((token) => token.id !== tokenId),
      );
      const [token] = await findTokens(db, [tokenId]);
      const queue = (await readQueueStates(db)).find((state) => state.id === queueId);
      if (!token || !queue) return { status: 'GONE', expiresAtMs: null, turnInMs: 0 };
      const ahead = Math.max(0, token.ticketNo - queue.servedTicketNo - 1);
      return {
        status: token.status,
        expiresAtMs: token.expiresAt?.getTime() ?? null,
        turnInMs: turnInMs(ahead, queue),
      };
    },

    /** Ends the token if its time is over and hands its place on, also when a retry finds it ended already. */
    async endToken(tokenId: number, queueId: number): Promise<TokenEnding> {
      const ending = await endToken(db, tokenId);
      if (ending.outcome !== 'TOO_EARLY') await tellAdmitted(client, db, await admitNext(db, queueId));
      return ending;
    },
  };
}
