import { headersFor, type Credentials } from './client';
import { readEvents } from './events';
import { ApiFailure } from './problem';

/** Something that changes on the server: as a stream where there is one, by polling where there is none. */
export interface Followed {
  /** Of its stream of server-sent events. */
  address: string;
  credentials(): Credentials;
  /** Hears of every answer to the stream, with the server's clock in it. */
  heard(answer: Response): void;
  /** Whether it is worth one of the few connections of a browser while nobody looks; a poll is always made. */
  whileHidden: boolean;
  /** Takes an event of the stream; `false` when nothing more will come of it. */
  onEvent(name: string, data: unknown): boolean;
  /** Asks once; gives the time after which to ask again, `undefined` when there is nothing more to ask. */
  poll(): Promise<number | undefined>;
  /** A poll was refused. `true` to go on asking. */
  onRefused(failure: ApiFailure): boolean;
}

/** Until a stream that was refused is tried again; polling goes on meanwhile. */
const REFUSED_AGAIN_MS = 10_000;
/** Until one that ended is opened again, where the server did not say. */
const ENDED_AGAIN_MS = 1_000;
/** Between two tries to reach a server that does not answer. */
const UNREACHED_MS = 2_000;

/** What is known of the stream between two tries to read it. */
interface StreamState {
  over: boolean;
  againAtMs: number;
  lastEventId: string | undefined;
}

/** Follows until `signal` is aborted or there is nothing more to follow. */
export async function follow(followed: Followed, signal: AbortSignal): Promise<void> {
  const state: StreamState = { over: false, againAtMs: 0, lastEventId: undefined };
  while (!signal.aborted) {
    const wanted = followed.whileHidden || document.visibilityState === 'visible';
    if (wanted && performance.now() >= state.againAtMs) await readStream(followed, state, signal);
    if (state.over || signal.aborted) return;
    // A poll tells what was missed, and whether the server is there at all.
    const waitMs = await pollOnce(followed, signal);
    if (waitMs === undefined) return;
    await pause(wanted ? Math.max(0, Math.min(waitMs, state.againAtMs - performance.now())) : waitMs, signal);
  }
}

/** Reads a stream to its end, however it ends. */
async function readStream(followed: Followed, state: StreamState, signal: AbortSignal): Promise<void> {
  let againAfterMs = REFUSED_AGAIN_MS;
  const hidden = new AbortController();
  const onHidden = () => {
    if (!followed.whileHidden && document.visibilityState === 'hidden') hidden.abort();
  };
  document.addEventListener('visibilitychange', onHidden);
  try {
    const headers = headersFor(followed.credentials(), {});
    headers.set('Accept', 'text/event-stream');
    if (state.lastEventId !== undefined) headers.set('Last-Event-ID', state.lastEventId);
    const ended = AbortSignal.any([signal, hidden.signal]);
    const response = await fetch(followed.address, { headers, signal: ended, cache: 'no-store' });
    followed.heard(response);
    if (response.ok && response.body) {
      againAfterMs = ENDED_AGAIN_MS;
      for await (const event of readEvents(response.body)) {
        state.lastEventId = event.id ?? state.lastEventId;
        againAfterMs = event.retryMs ?? againAfterMs;
        state.over = event.data !== '' && !followed.onEvent(event.name, JSON.parse(event.data));
        if (state.over) return;
      }
    } else {
      await response.body?.cancel();
      // A server of another version may have no such stream.
      if (response.status === 404 || response.status === 405) againAfterMs = Number.POSITIVE_INFINITY;
    }
  } catch {
    // Why it broke does not matter: the poll that comes next finds out.
  } finally {
    document.removeEventListener('visibilitychange', onHidden);
  }
  state.againAtMs = hidden.signal.aborted ? 0 : performance.now() + againAfterMs;
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
