import type { Logger } from 'pino';
import type { Database } from '../../db/connect';
import type { QueueSnapshot } from '../queue-snapshot';
import type { SeatMaps } from '../seat-maps';
import { createSeatFeeds, type SeatFeeds } from './seat-feeds';
import { createEventStreams, STREAM_LIMITS, type EventStreams } from './streams';
import { createTokenWatch, type TokenWatch } from './token-watch';

/** What pushes changes to clients. All streams share one look at the tokens and one at the seats. */
export interface Live {
  streams: EventStreams;
  tokenWatch: TokenWatch;
  seatFeeds: SeatFeeds;
  start(): Promise<void>;
  close(): Promise<void>;
}

interface Deps {
  db: Database;
  snapshot: QueueSnapshot;
  seatMaps: SeatMaps;
  logger: Logger;
}

export function createLive({ db, snapshot, seatMaps, logger }: Deps): Live {
  const tokenWatch = createTokenWatch({ db, snapshot, logger });
  const seatFeeds = createSeatFeeds({ seatMaps, logger });
  return {
    streams: createEventStreams(STREAM_LIMITS),
    tokenWatch,
    seatFeeds,
    start: async () => {
      await Promise.all([tokenWatch.start(), seatFeeds.start()]);
    },
    close: async () => {
      await Promise.all([tokenWatch.close(), seatFeeds.close()]);
    },
  };
}
