import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from 'pino';
import { createApp, type App } from '../api/app';
import { loadConfig } from '../config';
import { connect } from '../db/connect';
import { createLogger } from '../observability/logger';
import { connectTemporal } from '../temporal/connect';
import { createStarter } from '../temporal/starter';

/** The longest request is a payment's 15 s; a client that sends slower than this is not sending. */
const REQUEST_TIMEOUT_MS = 30_000;
const HEADERS_TIMEOUT_MS = 10_000;
/** Longer than a load balancer's (60 s by default on most), so that it never sends into a closing connection. */
const KEEP_ALIVE_MS = 65_000;
/** After this the process ends whatever is under way: whoever stops it would kill it soon anyway. */
const SHUTDOWN_MS = 10_000;

/** Runs one API process until it is told to stop. Exits 0 after a clean stop, 1 when it cannot start or stop. */
async function main(): Promise<void> {
  const config = loadConfig();
  const logger = createLogger(config);
  const db = connect({ url: config.databaseUrl, poolMax: config.databasePool });
  const temporal = connectTemporal(config.temporal);
  const starter = createStarter({ client: temporal.client, db, logger });
  const app = createApp({ config, db, client: temporal.client, starter, logger });
  const server = createServer(
    { requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: HEADERS_TIMEOUT_MS, keepAliveTimeout: KEEP_ALIVE_MS },
    app.express,
  );
  onStop(logger, async () => {
    await stopServing(app, server);
    await starter.close();
    await temporal.close();
    await db.destroy();
  });

  await listen(server, config.port);
  await app.start();
  const { port } = server.address() as AddressInfo;
  logger.info({ port }, 'api is ready');
  process.send?.('ready');
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'EADDRINUSE' ? new Error(`port ${port} is in use: stop who uses it, or set PORT`) : error);
    });
    server.listen(port, resolve);
  });
}

/** Not ready first; then nobody new is accepted, and what is under way finishes. */
async function stopServing(app: App, server: Server): Promise<void> {
  app.drain();
  await new Promise((resolve) => server.close(resolve));
  await app.close();
}

/** Calls `stop` once, at SIGTERM, SIGINT or when the process that started this one is gone, and ends the process. */
function onStop(logger: Logger, stop: () => Promise<void>): void {
  let stopping = false;
  const run = (reason: string): void => {
    if (stopping) return;
    stopping = true;
    logger.info({ reason }, 'api is stopping');
    setTimeout(() => process.exit(1), SHUTDOWN_MS).unref();
    stop().then(
      () => process.exit(0),
      (error: unknown) => {
        logger.error({ err: error }, 'api could not stop cleanly');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', () => run('SIGTERM'));
  process.on('SIGINT', () => run('SIGINT'));
  process.on('disconnect', () => run('parent is gone'));
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
