import type { Logger } from 'pino';
import { createLoop } from '../loop';
import type { RenderedSeatMap, SeatMaps } from '../seat-maps';
import { contentId, toFrame, type LiveEvent } from './events';
import { changesBetween, toVersion, type SeatVersion } from './seat-versions';

/** The dates that streams look at, all read by one reader, whatever the number of streams. */
export interface SeatFeeds {
  start(): Promise<void>;
  close(): Promise<void>;
  /** Follows a date; `push` is called for every new version of its map, the first one included. */
  watch(scheduleId: number, push: () => void): SeatWatch;
}

export interface SeatWatch {
  /** What somebody who has the version `hasId` does not know yet. */
  since(hasId: string | undefined): LiveEvent | undefined;
  stop(): void;
}

/** What other processes change, and holds that run out, are seen after this. */
const READ_EVERY_MS = 250;
/** In a rush this process changes a map many times a second. */
const REST_MS_MIN = 100;
/** At most a quarter of the time goes into reading, however large the maps and however many the dates. */
const REST_PER_READING = 3;
/** Some 20 s of a rush: who reads slowly, or comes back, is told what has changed instead of the whole map. */
const VERSIONS_MAX = 128;

interface Feed {
  pushes: Set<() => void>;
  latest: RenderedSeatMap | undefined;
  /** The last of them is the latest. */
  versions: SeatVersion[];
  /** Events that lead to the latest version, by the id of the one that they start from; '' is from nothing. */
  events: Map<string, LiveEvent>;
}

export function createSeatFeeds({ seatMaps, logger }: { seatMaps: SeatMaps; logger: Logger }): SeatFeeds {
  const feeds = new Map<number, Feed>();
  const loop = createLoop({
    name: 'seat feed',
    everyMs: READ_EVERY_MS,
    restMs: (tookMs) => Math.max(REST_MS_MIN, tookMs * REST_PER_READING),
    // One after the other: one connection is enough, however many dates are looked at.
    work: async () => {
      for (const [scheduleId, feed] of [...feeds]) advance(feed, await seatMaps.read(scheduleId, undefined));
    },
    logger,
  });
  seatMaps.follow((scheduleId) => {
    if (scheduleId === undefined || feeds.has(scheduleId)) loop.soon();
  });
  return {
    start: loop.start,
    close: loop.close,
    watch: (scheduleId, push) => {
      const feed = feeds.get(scheduleId) ?? { pushes: new Set(), latest: undefined, versions: [], events: new Map() };
      feeds.set(scheduleId, feed);
      feed.pushes.add(push);
      if (!feed.latest) loop.soon();
      return {
        since: (hasId) => eventSince(feed, hasId),
        stop: () => {
          feed.pushes.delete(push);
          if (feed.pushes.size === 0) feeds.delete(scheduleId);
        },
      };
    },
  };
}

function advance(feed: Feed, map: RenderedSeatMap): void {
  const id = contentId(map.etag);
  const before = feed.versions.at(-1);
  if (before?.id === id) return;
  const version = toVersion(id, map.view, before);
  feed.versions = [...feed.versions.filter((other) => other.id !== id), version].slice(-VERSIONS_MAX);
  feed.latest = map;
  feed.events.clear();
  for (const push of [...feed.pushes]) push();
}

function eventSince(feed: Feed, hasId: string | undefined): LiveEvent | undefined {
  const now = feed.versions.at(-1);
  if (!now || now.id === hasId) return undefined;
  const before = feed.versions.findLast(({ id }) => id === hasId);
  const from = before?.id ?? '';
  const event = feed.events.get(from) ?? (before && changesEvent(before, now)) ?? wholeEvent(feed, now);
  feed.events.set(from, event);
  return event;
}

function changesEvent(before: SeatVersion, now: SeatVersion): LiveEvent | undefined {
  const changes = changesBetween(before, now);
  return changes && { id: now.id, frame: toFrame('changes', JSON.stringify(changes), now.id) };
}

function wholeEvent({ events, latest }: Feed, { id }: SeatVersion): LiveEvent {
  return events.get('') ?? { id, frame: toFrame('seats', latest?.body ?? '', id) };
}
