import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { SeatMapView } from '../contracts/concert';
import { readSeatMap } from '../db/concert';
import type { Database } from '../db/connect';
import { keptBody, type KeptBody } from './kept-body';

export interface RenderedSeatMap extends KeptBody {
  /** All seats, whatever was asked for. */
  view: SeatMapView;
}

/** Seat maps as they were a moment ago, rendered once for everybody who asks in that moment. */
export interface SeatMaps {
  /** `available`: only the seats that are free, or only those that are not; `undefined` for all. */
  read(scheduleId: number, available: boolean | undefined): Promise<RenderedSeatMap>;
  /** Something was changed by this process: nobody who asks from now on is answered with what was read before. */
  invalidate(scheduleId: number): void;
  invalidateAll(): void;
  /** Calls `listener` whenever something was changed by this process; without a schedule, any may have been. */
  follow(listener: (scheduleId: number | undefined) => void): void;
}

/** What other processes change is seen after this; one reading serves thousands of requests in that time. */
const FRESH_MS = 100;
/** What took long to read, because a hall is large or this process busy, is good for so many times as long. */
const FRESH_PER_READING = 4;
const FRESH_MS_MAX = 1_000;
/** An arena's map takes some 2 MB: this many dates are looked at in one moment, and more would be memory wasted. */
const SCHEDULES_MAX = 32;

interface Entry {
  reading: Promise<{ view: SeatMapView; rendered: Map<boolean | undefined, RenderedSeatMap> }>;
  /** Of the monotonic clock; unlimited while the reading is under way, so that all share it. */
  freshUntilMs: number;
}

export function createSeatMaps(db: Database, nowMs: () => number = () => performance.now()): SeatMaps {
  const entries = new LRUCache<number, Entry>({ max: SCHEDULES_MAX });
  const listeners: ((scheduleId: number | undefined) => void)[] = [];
  const start = (scheduleId: number): Entry => {
    const startedMs = nowMs();
    const entry: Entry = {
      freshUntilMs: Number.POSITIVE_INFINITY,
      reading: readSeatMap(db, scheduleId)
        .then(({ view, validUntil }) => {
          const freshMs = Math.min(FRESH_MS_MAX, Math.max(FRESH_MS, FRESH_PER_READING * (nowMs() - startedMs)));
          // The map changes by itself when its first hold runs out; both times are the database's.
          const validMs = validUntil ? validUntil.getTime() - Date.parse(view.asOf) : freshMs;
          entry.freshUntilMs = startedMs + Math.min(freshMs, validMs);
          return { view, rendered: new Map() };
        })
        .catch((error: unknown) => {
          entry.freshUntilMs = startedMs;
          throw error;
        }),
    };
    return entry;
  };
  return {
    read: async (scheduleId, available) => {
      let entry = entries.get(scheduleId);
      if (!entry || nowMs() >= entry.freshUntilMs) {
        entry = start(scheduleId);
        entries.set(scheduleId, entry);
      }
      const { view, rendered } = await entry.reading;
      const known = rendered.get(available) ?? render(view, available);
      rendered.set(available, known);
      return known;
    },
    invalidate: (scheduleId) => {
      entries.delete(scheduleId);
      for (const listener of listeners) listener(scheduleId);
    },
    invalidateAll: () => {
      entries.clear();
      for (const listener of listeners) listener(undefined);
    },
    follow: (listener) => void listeners.push(listener),
  };
}

/** `asOf` differs between readings that say the same about every seat: it is no part of the tag. */
function render(view: SeatMapView, available: boolean | undefined): RenderedSeatMap {
  const seats = available === undefined ? view.seats : view.seats.filter((seat) => seat.available === available);
  const content = JSON.stringify({ scheduleId: view.scheduleId, availableSeats: view.availableSeats, seats });
  const hash = createHash('sha256').update(content).digest('base64url');
  return { ...keptBody(JSON.stringify({ ...view, seats }), hash), view };
}
