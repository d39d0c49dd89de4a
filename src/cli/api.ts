import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import type { Logger } from 'pino';
import { createApp } from '../api/app';
import { BACKLOG, createApiServer, stopServing } from '../api/server';
import { loadConfig } from '../config';
import { connect } from '../db/connect';
import { createLogger } from '../observability/logger';
import { createRegistry, observePool } from '../observability/metrics';
import { observeCalls } from '../observability/temporal-metrics';
import { startTracing } from '../observability/tracing';
import { connectTemporal } from '../temporal/connect';
import { createStarter } from '../temporal/starter';

/**
 * A payment takes 15 s at the most. After this the process ends whatever is under way: whoever stops it would kill it
 * soon anyway (Kubernetes 30 s after it told it to stop, of which `DRAIN_SECONDS` are gone by then).
 */
const SHUTDOWN_MS = 18_000;

/**
 * By how much V8 lets the heap grow beyond what is alive before it collects. With 100,000 waiting whom a process knows it has
 * 257 MB with 30 % and 244 with 20; as Node comes it was twice as much (2026-11-27).
 */
const HEAP_GROWING_PERCENT = 20;

/** Runs one API process until it is told to stop. Exits 0 after a clean stop, 1 when it cannot start or stop. */
async function main(): Promise<void> {
  setFlagsFromString(`--heap-growing-percent=${HEAP_GROWING_PERCENT}`);
  const config = loadConfig();
  const logger = createLogger(config);
  const registry = createRegistry();
  const tracing = await startTracing(config, 'frontrow-api', logger);
  const db = connect({ url: config.databaseUrl, poolMax: config.databasePool });
  observePool(registry, db);
  const temporal = connectTemporal(config.temporal, [...tracing.clientInterceptors, observeCalls(registry)]);
  const starter = createStarter({ client: temporal.client, db, logger });
  const app = createApp({ config, db, client: temporal.client, starter, logger, registry });
  const server = createApiServer(tracing.requests(app.listener));
  const drainMs = config.drainSeconds * 1_000;
  onStop(logger, drainMs + SHUTDOWN_MS, async () => {
    await stopServing(server, app, drainMs);
    await app.close();
    await starter.close();
    await temporal.close();
    await tracing.close();
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
    server.listen({ port, backlog: BACKLOG }, resolve);
  });
}

/** Calls `stop` once, at SIGTERM, SIGINT or when the process that started this one is gone, and ends the process, cleanly or not. */
function onStop(logger: Logger, withinMs: number, stop: () => Promise<void>): void {
  let stopping = false;
  const run = (reason: string): void => {
    if (stopping) return;
    stopping = true;
    logger.info({ reason }, 'api is stopping');
    setTimeout(() => process.exit(1), withinMs).unref();
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
