import path from 'node:path';
import { setFlagsFromString } from 'node:v8';
import type { Logger } from 'pino';
import { Registry } from 'prom-client';
import { loadConfig, type Config } from '../config';
import { connect } from '../db/connect';
import { createLogger } from '../observability/logger';
import { createRegistry, observePool } from '../observability/metrics';
import { freeAddress, serveMetrics } from '../observability/metrics-server';
import { observeCalls } from '../observability/temporal-metrics';
import { startTracing } from '../observability/tracing';
import { observeActivities, observeDispatcher } from '../observability/worker-metrics';
import { connectTemporal } from '../temporal/connect';
import { ensureSweepSchedule } from '../temporal/setup';
import { runDispatcher } from '../worker/dispatcher';
import { installRuntime } from '../worker/runtime';
import { createWorkers } from '../worker/worker';

/** Work under way gets 10 s; after this the process ends whatever is left, which another worker takes over. */
const SHUTDOWN_MS = 18_000;

/**
 * MB that V8 takes for young objects in each of the threads that run workflows: what lives there longer is a workflow.
 * With Node's 16 a busy worker had 70 MB more, and was no faster (2026-11-27).
 */
const YOUNG_MB = 4;

async function main(): Promise<void> {
  // Read when a thread is made, and so in time.
  setFlagsFromString(`--max-semi-space-size=${YOUNG_MB}`);
  const config = loadConfig();
  const logger = createLogger(config);
  const { registry, closeMetrics } = await openMetrics(config, logger);
  const tracing = await startTracing(config, 'frontrow-worker', logger);
  const db = connect({ url: config.databaseUrl, poolMax: config.databasePool });
  observePool(registry, db);
  const { client, close } = connectTemporal(config.temporal, [...tracing.clientInterceptors, observeCalls(registry)]);
  const bundlePath = path.join(__dirname, '../workflow-bundle.js');
  const activityInterceptors = [...tracing.activityInterceptors, observeActivities(registry)];
  const { workflowSinks } = tracing;
  const workers = await createWorkers({ config, db, client, logger, bundlePath, activityInterceptors, workflowSinks });
  const servesQueue = config.workerTaskQueues.includes('frontrow-queue');
  if (servesQueue) await ensureSweepSchedule(client);
  const metrics = observeDispatcher(registry);
  const stopDispatcher = servesQueue ? runDispatcher({ db, client, logger, metrics }) : async () => undefined;

  const stop = (reason: string) => {
    logger.info({ reason }, 'worker is finishing its work');
    setTimeout(() => process.exit(1), SHUTDOWN_MS).unref();
    workers.shutdown();
  };
  for (const event of ['SIGTERM', 'SIGINT', 'disconnect'] as const) process.once(event, () => stop(event));

  const running = workers.run();
  logger.info({ taskQueues: config.workerTaskQueues }, 'worker is polling');
  process.send?.('ready');
  try {
    await running;
  } finally {
    await stopDispatcher();
    await close();
    await tracing.close();
    await db.destroy();
    closeMetrics();
    if (process.connected) process.disconnect();
  }
  logger.info('worker has stopped');
}

/** First of all: the SDK's native part is installed with its metrics or without. */
async function openMetrics({ workerMetricsPort: port }: Config, logger: Logger) {
  if (port === undefined) {
    installRuntime(logger, undefined);
    return { registry: new Registry(), closeMetrics: () => undefined };
  }
  const sdkAddress = await freeAddress();
  installRuntime(logger, sdkAddress);
  const registry = createRegistry();
  const server = await serveMetrics({ port, registry, sdkAddress });
  const closeMetrics = () => {
    server.close();
    server.closeAllConnections();
  };
  return { registry, closeMetrics };
}

main().catch((error: unknown) => {
  console.error(`The worker stopped: ${(error as Error).message}`);
  process.exit(1);
});
