import type { IncomingMessage, RequestListener } from 'node:http';
import type { RequestHandler, Response } from 'express';
import { onAnswered } from './answered';
import { API } from './paths';
import type { Ease } from './pressure';
import { sendProblem } from './problem';
import { BUSY, type Shed } from './shed';

/** What a request is about decides which lane it takes; a rush in one leaves the others free. */
export type Lane = 'inside' | 'outside' | 'joining';

/** How many at the most: while all is at ease, and while those inside need what there is. */
interface Bound {
  atEase: number;
  strained: number;
}

export interface LaneLimits {
  /** Requests that are worked on at once. */
  running: Bound;
  /** Requests that wait for their turn; whoever comes then is refused. */
  waiting: Bound;
}

const always = (count: number): Bound => ({ atEase: count, strained: count });

/**
 * The bounds of everything that grows with requests: waiters for a database connection, batches, keys under way. Polls
 * and joins are begun that many in a turn of the event loop, so that whoever is inside passes between them.
 */
export const LANE_LIMITS: Readonly<Record<Lane, LaneLimits>> = {
  /** Seats and money at stake: never made to wait here, and more than a second's work is not taken on. */
  inside: { running: always(2_000), waiting: always(0) },
  /** A poll takes 0.1 ms: a whole turn of them delays the inside by 5 ms, and the last in line waits for half a second. */
  outside: { running: { atEase: 50, strained: 20 }, waiting: { atEase: 2_000, strained: 500 } },
  /** Three batches: of new users, of issuing, and one that gathers. At 5,000 a second the last waits for half a second. */
  joining: { running: { atEase: 150, strained: 5 }, waiting: { atEase: 2_000, strained: 500 } },
};

/** Whoever looks at the process must see it when it is busy most of all. */
const NEVER_REFUSED: ReadonlySet<string> = new Set(['/livez', '/readyz', '/metrics']);
/** Those inside are taken to be still there for so long after their last request. */
const INSIDE_MS = 1_000;

export interface LaneState {
  running: number;
  waiting: number;
  /** Refused since the start. */
  shed: number;
}

export interface Lanes {
  /** Answers whoever has no room, before anybody reads a body or verifies a signature; all others are `listener`'s. */
  before(listener: RequestListener): RequestListener;
  /** Lets the others pass in turn; to come after the body, so that a slow sender takes nobody's place. */
  enter: RequestHandler;
  state(lane: Lane): LaneState;
}

export interface LaneDeps {
  limits: Readonly<Record<Lane, LaneLimits>>;
  ease: Ease;
  shed: Shed;
}

/** Admits requests lane by lane: 503 `unavailable` with Retry-After where one is full. */
export function createLanes({ limits, ease, shed }: LaneDeps): Lanes {
  let insideUntilMs = Number.NEGATIVE_INFINITY;
  const inside = createLane(limits.inside, () => 1);
  // With nobody inside there is nobody to be spared.
  const share = (): number => (inside.state().running > 0 || performance.now() < insideUntilMs ? ease() : 1);
  const lanes = {
    inside,
    outside: createLane(limits.outside, share),
    joining: createLane(limits.joining, share),
  };
  return {
    before: (listener) => (req, res) => {
      const name = laneOfRequest(req);
      if (name === 'inside') insideUntilMs = performance.now() + INSIDE_MS;
      const lane = name && lanes[name];
      if (!lane?.isFull()) return listener(req, res);
      lane.countShed();
      shed(req, res);
    },
    enter: (req, res, next) => {
      const name = laneOfRequest(req);
      if (name) lanes[name].enter(res, next);
      else next();
    },
    state: (lane) => lanes[lane].state(),
  };
}

function laneOfRequest({ method = '', url = '' }: IncomingMessage): Lane | undefined {
  return laneOf(method, pathOf(url));
}

/** Of a request target as clients send it, which may be a whole address. */
function pathOf(target: string): string {
  const path = target.startsWith('/') ? target : target.replace(/^[a-z]+:\/\/[^/?]*/i, '');
  const end = path.indexOf('?');
  return end < 0 ? path : path.slice(0, end);
}

/** The lane of a request; none for the few that are never refused. */
export function laneOf(method: string, address: string): Lane | undefined {
  // As the routes match: in any case.
  const path = address.toLowerCase();
  if (NEVER_REFUSED.has(path)) return undefined;
  if (path.startsWith(`${API}/dev/`)) return 'joining';
  if (path.startsWith(`${API}/queue/`)) return method === 'POST' ? 'joining' : 'outside';
  return path.startsWith(`${API}/`) ? 'inside' : 'outside';
}

/** `share` of what the lane may do at ease it may do now, but never less than when it is strained. */
function createLane(limits: LaneLimits, share: () => number) {
  const waiting: { res: Response; next: () => void }[] = [];
  let running = 0;
  let shed = 0;
  let startsSoon = false;

  const now = ({ atEase, strained }: Bound): number => Math.max(strained, Math.floor(atEase * share()));
  const isFull = (): boolean => running >= now(limits.running) && waiting.length >= now(limits.waiting);
  const answered = (): void => {
    running -= 1;
    if (waiting.length === 0 || startsSoon) return;
    startsSoon = true;
    // Not at once: a line of quick requests would be worked off in one turn of the event loop.
    setImmediate(startWaiting);
  };
  const start = (res: Response, next: () => void): void => {
    running += 1;
    onAnswered(res, answered);
    next();
  };
  const startWaiting = (): void => {
    startsSoon = false;
    let free = now(limits.running) - running;
    while (free > 0 && waiting.length > 0) {
      const first = waiting.shift();
      // Whoever gave up meanwhile would only keep the others waiting.
      if (!first || first.res.destroyed) continue;
      free -= 1;
      start(first.res, first.next);
    }
  };
  return {
    isFull,
    countShed: (): void => void (shed += 1),
    enter: (res: Response, next: () => void): void => {
      if (running < now(limits.running) && waiting.length === 0) start(res, next);
      else if (waiting.length < limits.waiting.atEase) waiting.push({ res, next });
      else {
        shed += 1;
        sendProblem(res, BUSY);
      }
    },
    state: (): LaneState => ({ running, waiting: waiting.length, shed }),
  };
}
