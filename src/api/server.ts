import { createServer, type RequestListener, type Server } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * Idle ones cost about 10 kB each. Beyond, a new one is closed at once; most systems allow a process more files by far,
 * and those that do not refuse by themselves.
 */
const CONNECTIONS_MAX = 15_000;
/** Connections that the system accepts for us while we are busy; with Node's 511 a rush lost some. Linux caps it at 4,096. */
export const BACKLOG = 4_096;
/** A whole request with its body, at 2.3 Mbit/s also one with the largest seating plan; who sends slower is not sending. */
const REQUEST_TIMEOUT_MS = 15_000;
/** Also for a connection that sends nothing at all. */
const HEADERS_TIMEOUT_MS = 10_000;
/** How often those two are looked at. */
const TIMEOUT_CHECK_MS = 5_000;
/** A connection with a reply that nobody reads; a request is answered within 20 s, so that silence is never ours. */
const SILENCE_MS = 30_000;
/** Longer than a load balancer's (60 s by default on most), so that it never sends into a closing connection. */
const KEEP_ALIVE_MS = 65_000;
/** Node's own values, which are enough for a provider's token with many groups. */
const HEADER_BYTES_MAX = 16 * 1024;
/** More are ignored. */
const HEADERS_MAX = 100;
/** While the server closes, connections become idle one by one. */
const CLOSE_IDLE_MS = 50;

/** The HTTP server of the API, with a limit on everything that a client may take its time for. */
export function createApiServer(listener: RequestListener): Server {
  const server = createServer(
    {
      requestTimeout: REQUEST_TIMEOUT_MS,
      headersTimeout: HEADERS_TIMEOUT_MS,
      connectionsCheckingInterval: TIMEOUT_CHECK_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      maxHeaderSize: HEADER_BYTES_MAX,
    },
    listener,
  );
  server.maxConnections = CONNECTIONS_MAX;
  server.maxHeadersCount = HEADERS_MAX;
  server.timeout = SILENCE_MS;
  return server;
}

/**
 * Stops a server in the order that a load balancer needs: `drain` says at once that no more is wanted; for `drainMs`
 * requests are served all the same, because the balancer has to notice; then nobody new is accepted, `hangUp` ends what
 * would go on for ever, and what is under way finishes.
 */
export async function stopServing(
  server: Server,
  { drain, hangUp }: { drain(): void; hangUp(): void },
  drainMs: number,
): Promise<void> {
  drain();
  await delay(drainMs);
  hangUp();
  const closed = new Promise((resolve) => server.close(resolve));
  const timer = setInterval(() => server.closeIdleConnections(), CLOSE_IDLE_MS);
  await closed;
  clearInterval(timer);
}
