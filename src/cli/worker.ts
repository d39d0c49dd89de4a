import path from 'node:path';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { loadConfig } from '../config';
import { connect } from '../db/connect';
import { createLogger } from '../observability/logger';
import { connectTemporal } from '../temporal/connect';
import { ensureSweepSchedule } from '../temporal/setup';
import { runDispatcher } from '../worker/dispatcher';
import { createWorkers } from '../worker/worker';

/** Work under way gets 10 s; after this the process ends whatever is left, which another worker takes over. */
const SHUTDOWN_MS = 18_000;

async function main(): Promise<void> {
  const config = loadConfig();
  const logger = createLogger(config);
  // First of all: the runtime takes its settings once per process. Signals are handled below.
  Runtime.install({
    shutdownSignals: [],
    logger: new DefaultLogger('WARN', ({ level, message, meta }) => {
      const { error, ...rest } = { ...meta };
      logger[level === 'ERROR' ? 'error' : 'warn']({ ...rest, ...(error ? { err: error } : {}) }, message);
    }),
  });
  const db = connect({ url: config.databaseUrl, poolMax: config.databasePool });
  const { client, close } = connectTemporal(config.temporal);
  const bundlePath = path.join(__dirname, '../workflow-bundle.js');
  const workers = await createWorkers({ config, db, client, logger, bundlePath });
  const servesQueue = config.workerTaskQueues.includes('frontrow-queue');
  if (servesQueue) await ensureSweepSchedule(client);
  const stopDispatcher = servesQueue ? runDispatcher({ db, client, logger }) : async () => undefined;

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
    await db.destroy();
    if (process.connected) process.disconnect();
  }
  logger.info('worker has stopped');
}

main().catch((error: unknown) => {
  console.error(`The worker stopped: ${(error as Error).message}`);
  process.exit(1);
});
