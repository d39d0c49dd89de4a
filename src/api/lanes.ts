import type { Request, RequestHandler, Response } from 'express';
import { Refusal } from '../errors';
import { API } from './paths';
import { sendProblem } from './problem';

/** What a request is about decides which lane it takes; a rush in one leaves the others free. */
export type Lane = 'inside' | 'outside' | 'joining';

export interface LaneLimits {
  /** Requests that are worked on at once. */
  running: number;
  /** Requests that wait for their turn; whoever comes then is refused. */
  waiting: number;
}

/**
 * The bounds of everything that grows with requests: waiters for a database connection, batches, keys under way. Polls
 * and joins are begun that many in a turn of the event loop, so that whoever is inside passes between them.
 */
export const LANE_LIMITS: Readonly<Record<Lane, LaneLimits>> = {
  /** Seats and money at stake: never made to wait here, and more than a second's work is not taken on. */
  inside: { running: 2_000, waiting: 0 },
  /** A poll takes 0.1 ms: a whole turn of them delays the inside by 5 ms, and the last in line waits for half a second. */
  outside: { running: 50, waiting: 2_000 },
  /** Three batches of issuing: two under way and one that gathers. At 5,000 a second the last waits for half a second. */
  joining: { running: 150, waiting: 2_000 },
};

/** Whoever looks at the process must see it when it is busy most of all. */
const NEVER_REFUSED: ReadonlySet<string> = new Set(['/livez', '/readyz', '/metrics']);

const BUSY = new Refusal('unavailable', 'Too many requests at this moment.');

export interface LaneState extends LaneLimits {
  /** Refused since the start. */
  shed: number;
}

export interface Lanes {
  /** Refuses what has no room, before its body is read or a signature verified. */
  refuse: RequestHandler;
  /** Lets the others pass in turn; to come after the body, so that a slow sender takes nobody's place. */
  enter: RequestHandler;
  state(lane: Lane): LaneState;
}

/** Admits requests lane by lane: 503 `unavailable` with Retry-After where one is full. */
export function createLanes(limits: Readonly<Record<Lane, LaneLimits>>): Lanes {
  const lanes = {
    inside: createLane(limits.inside),
    outside: createLane(limits.outside),
    joining: createLane(limits.joining),
  };
  const laneFor = (req: Request) => {
    const lane = laneOf(req.method, req.path);
    return lane && lanes[lane];
  };
  return {
    refuse: (req, res, next) => {
      const lane = laneFor(req);
      if (lane?.isFull()) lane.shed(res);
      else next();
    },
    enter: (req, res, next) => {
      const lane = laneFor(req);
      if (lane) lane.enter(res, next);
      else next();
    },
    state: (lane) => lanes[lane].state(),
  };
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

function createLane(limits: LaneLimits) {
  const waiting: { res: Response; next: () => void }[] = [];
  let running = 0;
  let shed = 0;
  let startsSoon = false;

  const isFull = (): boolean => running >= limits.running && waiting.length >= limits.waiting;
  const refuse = (res: Response): void => {
    shed += 1;
    sendProblem(res, BUSY);
  };
  const start = (res: Response, next: () => void): void => {
    running += 1;
    onAnswered(res, () => {
      running -= 1;
      if (waiting.length === 0 || startsSoon) return;
      startsSoon = true;
      // Not at once: a line of quick requests would be worked off in one turn of the event loop.
      setImmediate(startWaiting);
    });
    next();
  };
  const startWaiting = (): void => {
    startsSoon = false;
    let free = limits.running - running;
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
    shed: refuse,
    enter: (res: Response, next: () => void): void => {
      if (running < limits.running && waiting.length === 0) start(res, next);
      else if (waiting.length < limits.waiting) waiting.push({ res, next });
      else refuse(res);
    },
    state: (): LaneState => ({ running, waiting: waiting.length, shed }),
  };
}

/**
 * Calls `done` once, when the reply is made: its head is written, and what follows is no work of ours. So neither a
 * client that reads slowly nor a stream keeps a place; one that goes away leaves its work behind, which is over when it
 * is answered all the same.
 */
function onAnswered(res: Response, done: () => void): void {
  let answered = false;
  const once = (): void => {
    if (answered) return;
    answered = true;
    done();
  };
  const writeHead = res.writeHead.bind(res) as (...args: unknown[]) => Response;
  res.writeHead = ((...args: unknown[]) => {
    once();
    return writeHead(...args);
  }) as Response['writeHead'];
  // To a client that has gone, no head is written.
  const end = res.end.bind(res) as (...args: unknown[]) => Response;
  res.end = ((...args: unknown[]) => {
    once();
    return end(...args);
  }) as Response['end'];
}
