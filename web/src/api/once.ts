import { ApiFailure } from './problem';

/** An effect that must happen once: its key is kept until its outcome is known, over reloads as well. */
interface Intention {
  key: string;
  body: unknown;
}

const STORED = 'frontrow.once.';
/** Tries to learn the outcome; after these it is the user who decides to ask again, with the same key still. */
const TRIES = 4;

const underWay = new Map<string, Promise<unknown>>();

/**
 * Runs an effect under an idempotency key. A second call of the same `name` while one is under way joins it. A lost
 * reply is asked for again with the same key, by itself a few times, then by the next call with the same `body`.
 */
export function once<Body, Result>(name: string, body: Body, run: (body: Body, key: string) => Promise<Result>) {
  const already = underWay.get(name) as Promise<Result> | undefined;
  if (already) return already;
  const running = untilKnown(name, body, run).finally(() => underWay.delete(name));
  underWay.set(name, running);
  return running;
}

/** What was intended under this name and has no known outcome. */
export function unfinished<Body>(name: string): Body | undefined {
  return read(name)?.body as Body | undefined;
}

async function untilKnown<Body, Result>(
  name: string,
  body: Body,
  run: (body: Body, key: string) => Promise<Result>,
): Promise<Result> {
  const kept = read(name);
  const key = kept && JSON.stringify(kept.body) === JSON.stringify(body) ? kept.key : crypto.randomUUID();
  localStorage.setItem(STORED + name, JSON.stringify({ key, body } satisfies Intention));
  for (let tries = 1; ; tries += 1) {
    try {
      const result = await run(body, key);
      localStorage.removeItem(STORED + name);
      return result;
    } catch (error) {
      const unknown = error instanceof ApiFailure && error.outcomeUnknown;
      if (!unknown) localStorage.removeItem(STORED + name);
      if (!unknown || tries === TRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, error.retryAfterMs));
    }
  }
}

function read(name: string): Intention | undefined {
  const stored = localStorage.getItem(STORED + name);
  return stored ? (JSON.parse(stored) as Intention) : undefined;
}
