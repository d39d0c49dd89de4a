import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** From a poll out of memory (1 ms) to a payment that waits for another worker (15 s). */
const BUCKETS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20];

const LANES = ['inside', 'outside', 'joining'] as const;

/** How full the lanes of the API are, and how many requests they had no room for. */
export function observeLanes(
  registry: Registry,
  stateOf: (lane: (typeof LANES)[number]) => { running: number; waiting: number; shed: number },
): void {
  new Gauge({
    name: 'frontrow_requests',
    help: 'Requests by lane: running and waiting now, and shed (answered 503 for want of room) since the start',
    labelNames: ['lane', 'state'],
    registers: [registry],
    collect() {
      for (const lane of LANES) {
        for (const [state, count] of Object.entries(stateOf(lane))) this.set({ lane, state }, count);
      }
    },
  });
}

/** What Express and the routes leave behind. */
interface Routed {
  route?: { path: string };
}
interface Answered {
  locals?: { isStream?: boolean; refusedWith?: string };
}

/**
 * Measures every answered request by method, route pattern and status, never by the path, which has no bound; and counts
 * refusals by their code, which whoever refuses leaves in `res.locals`. Streams are counted as long as they are open
 * instead: how long a client listens says nothing about us.
 */
export function observeRequests(registry: Registry, listener: RequestListener): RequestListener {
  const duration = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the request to the end of the reply',
    labelNames: ['method', 'route', 'status'],
    buckets: BUCKETS_SECONDS,
    registers: [registry],
  });
  const refusals = new Counter({
    name: 'frontrow_refusals_total',
    help: 'Requests refused, by the code of the problem',
    labelNames: ['code'],
    registers: [registry],
  });
  return (req: IncomingMessage & Routed, res: ServerResponse & Answered) => {
    const startedMs = performance.now();
    res.on('finish', () => {
      const { isStream, refusedWith } = res.locals ?? {};
      if (isStream) return;
      const route = req.route?.path ?? 'none';
      const method = route === 'none' ? 'any' : req.method;
      duration.observe({ method, route, status: res.statusCode }, (performance.now() - startedMs) / 1_000);
      if (refusedWith) refusals.inc({ code: refusedWith });
    });
    listener(req, res);
  };
}
