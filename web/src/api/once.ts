import { ApiFailure } from './problem';

/** An effect that must happen once: its key is kept until its outcome is known, over reloads as well. */
interface Intention {
  key: string;
  body: unknown;
  /** When it was first sent, by the browser's clock. */
  sentAtMs: number;
}

const STORED = 'frontrow.once.';
/** Tries to learn the outcome; after these it is the user who decides to ask again, with the same key still. */
const TRIES = 4;
/** The server knows a key for a day. Long before that it is not used again, or an effect could happen a second time. */
const KEPT_MS = 12 * 3_600_000;

const underWay = new Map<string, { asked: string; running: Promise<unknown> }>();

/**
 * Runs an effect under an idempotency key. A second call of the same `name` while one is under way joins it if it asks
 * for the same, and waits for it if not. A lost reply is asked for again with the same key, by itself a few times, then
 * by the next call with the same `body`.
 */
export function once<Body, Result>(
  name: string,
  body: Body,
  run: (body: Body, key: string) => Promise<Result>,
): Promise<Result> {
  const asked = JSON.stringify(body);
  const before = underWay.get(name);
  if (before?.asked === asked) return before.running as Promise<Result>;
  const start = () => untilKnown(name, body, run);
  const running = (before ? before.running.then(start, start) : start()).finally(() => {
    if (underWay.get(name)?.running === running) underWay.delete(name);
  });
  underWay.set(name, { asked, running });
  return running;
}

/** What was intended under this name and has no known outcome, and how long ago. */
export function unfinished<Body>(name: string): { body: Body; ageMs: number } | undefined {
  const kept = read(name);
  return kept && { body: kept.body as Body, ageMs: Date.now() - kept.sentAtMs };
}

/** Gives up to learn what became of it. */
export function forget(name: string): void {
  localStorage.removeItem(STORED + name);
}

/** Refused before anybody looked at the key: an earlier try with it may have succeeded. */
const saysNothing = (error: unknown): boolean =>
  error instanceof ApiFailure && (error.code === 'rate_limited' || error.code === 'unauthenticated');

async function untilKnown<Body, Result>(
  name: string,
  body: Body,
  run: (body: Body, key: string) => Promise<Result>,
): Promise<Result> {
  const kept = read(name);
  const isSame = kept && JSON.stringify(kept.body) === JSON.stringify(body);
  const intention = isSame ? kept : { key: crypto.randomUUID(), body, sentAtMs: Date.now() };
  localStorage.setItem(STORED + name, JSON.stringify(intention satisfies Intention));
  for (let tries = 1; ; tries += 1) {
    try {
      const result = await run(body, intention.key);
      forget(name);
      return result;
    } catch (error) {
      const unknown = error instanceof ApiFailure && error.outcomeUnknown;
      if (!unknown && !saysNothing(error)) forget(name);
      if (!unknown || tries === TRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, error.retryAfterMs));
    }
  }
}

function read(name: string): Intention | undefined {
  const stored = localStorage.getItem(STORED + name);
  const kept = stored ? (JSON.parse(stored) as Intention) : undefined;
  return kept && Date.now() - kept.sentAtMs < KEPT_MS ? kept : undefined;
}
