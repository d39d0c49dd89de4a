import { setTimeout as delay } from 'node:timers/promises';
import type { Journal } from './journal';
import type { Proxy } from './proxy';
import type { Random } from './random';

/** How often each happens beside the others. A process has one connection to Temporal and many to the database. */
const WEIGHTS = {
  database: { latency: 55, 'slow bytes': 25, reset: 15, 'lost replies': 1, 'half open': 1, stall: 2, refusal: 1 },
  temporal: { latency: 55, 'slow bytes': 25, reset: 10, 'lost replies': 1, 'half open': 1, stall: 4, refusal: 4 },
} as const;
type Kind = keyof (typeof WEIGHTS)['database'];
type Link = keyof typeof WEIGHTS;

const PAUSE_MS_MAX: Record<Link, number> = { database: 120, temporal: 800 };
const LATENCY_MS_MAX = 150;
const SLOW_MS_MAX = 1_000;
const STALL_MS_MAX = 1_200;
const REFUSAL_MS_MAX = 800;
/** A connection leads nowhere for this long, then its host is back and resets it. */
const VANISHED_MS = [500, 6_000] as const;

/** Makes a link bad in many small ways, several times a second, until `signal` is aborted. */
export async function harmLink(name: Link, proxy: Proxy, random: Random, journal: Journal, signal: AbortSignal) {
  while (!signal.aborted) {
    const kind = random.weighted(WEIGHTS[name]);
    if (harm(kind, proxy, random)) journal.fault(`${name} link: ${kind}`);
    await delay(random.between(0, PAUSE_MS_MAX[name]), undefined, { signal }).catch(() => undefined);
  }
  proxy.mend();
}

/** Gives false when there was nothing to harm. */
function harm(kind: Kind, proxy: Proxy, random: Random): boolean {
  const open = proxy.open();
  if (open.length === 0) return false;
  const [connection, direction] = [random.pick(open), random.pick([0, 1] as const)];
  switch (kind) {
    case 'latency':
      connection.delay(direction, random.between(1, LATENCY_MS_MAX));
      break;
    case 'slow bytes':
      connection.slow(direction, random.between(1, SLOW_MS_MAX));
      break;
    case 'reset':
      connection.reset();
      break;
    case 'lost replies':
      connection.vanish([1], random.between(...VANISHED_MS));
      break;
    case 'half open':
      connection.vanish([0, 1], random.between(...VANISHED_MS));
      break;
    case 'stall': {
      const ms = random.between(1, STALL_MS_MAX);
      for (const each of open) for (const way of [0, 1] as const) each.delay(way, ms);
      break;
    }
    case 'refusal':
      proxy.refuse(random.between(1, REFUSAL_MS_MAX));
      break;
  }
  return true;
}
