import { headersFor, type Credentials } from './client';
import { readEvents } from './events';
import { ApiFailure } from './problem';

/** Something that changes on the server: as a stream where there is one, by polling where there is none. */
export interface Followed {
  /** Of its stream of server-sent events. */
  address: string;
  credentials(): Credentials;
  /** Takes an event of the stream; `false` when nothing more will come of it. */
  onEvent(name: string, data: unknown): boolean;
  /** Asks once; gives the time after which to ask again, `undefined` when there is nothing more to ask. */
  poll(): Promise<number | undefined>;
  /** A poll was refused. `true` to go on asking. */
  onRefused(failure: ApiFailure): boolean;
}

/** Between two tries to open a stream that broke or was refused; polling goes on meanwhile. */
const STREAM_AGAIN_MS = 10_000;
/** Between two tries to reach a server that does not answer. */
const UNREACHED_MS = 2_000;

/** Follows until `signal` is aborted or there is nothing more to follow. */
export async function follow(followed: Followed, signal: AbortSignal): Promise<void> {
  let streamAgainAtMs = 0;
  let lastEventId: string | undefined;
  while (!signal.aborted) {
    if (performance.now() >= streamAgainAtMs) {
      const outcome = await stream(followed, lastEventId, signal);
      if (outcome.over) return;
      lastEventId = outcome.lastEventId;
      streamAgainAtMs = outcome.absent ? Number.POSITIVE_INFINITY : performance.now() + STREAM_AGAIN_MS;
    }
    if (signal.aborted) return;
    const waitMs = await pollOnce(followed, signal);
    if (waitMs === undefined) return;
    await pause(waitMs, signal);
  }
}

interface StreamOutcome {
  over?: boolean;
  /** This server has no such stream. */
  absent?: boolean;
  lastEventId: string | undefined;
}

/** Reads a stream to its end, however it ends. */
async function stream(followed: Followed, from: string | undefined, signal: AbortSignal): Promise<StreamOutcome> {
  let lastEventId = from;
  try {
    const headers = headersFor(followed.credentials(), {});
    headers.set('Accept', 'text/event-stream');
    if (from) headers.set('Last-Event-ID', from);
    const response = await fetch(followed.address, { headers, signal, cache: 'no-store' });
    if (!response.ok || !response.body) {
      await response.body?.cancel();
      return { absent: response.status === 404 || response.status === 405, lastEventId };
    }
    for await (const event of readEvents(response.body)) {
      lastEventId = event.id ?? lastEventId;
      if (!followed.onEvent(event.name, JSON.parse(event.data))) return { over: true, lastEventId };
    }
  } catch {
    // Why it broke does not matter: a poll finds out whether the server is there, and what has changed.
  }
  return { lastEventId };
}

async function pollOnce(followed: Followed, signal: AbortSignal): Promise<number | undefined> {
  try {
    return await followed.poll();
  } catch (error) {
    if (signal.aborted) return undefined;
    if (!(error instanceof ApiFailure)) throw error;
    if (error.code === 'no_reply') return UNREACHED_MS;
    return followed.onRefused(error) ? error.retryAfterMs : undefined;
  }
}

/** Waits, but no longer than until the browser is on line or the page is looked at again. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const over = new AbortController();
    const timer = setTimeout(() => over.abort(), ms);
    const options = { signal: over.signal };
    over.signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
    signal.addEventListener('abort', () => over.abort(), options);
    window.addEventListener('online', () => over.abort(), options);
    document.addEventListener(
      'visibilitychange',
      () => document.visibilityState === 'visible' && over.abort(),
      options,
    );
  });
}
