import { DefaultLogger, Runtime } from '@temporalio/worker';
import type { Logger } from 'pino';

/**
 * Installs the SDK's native part, which takes its settings once per process: before anything of it is used. It serves
 * its metrics at `metricsAddress`, and keeps none without.
 */
export function installRuntime(logger: Logger, metricsAddress: string | undefined): void {
  const prometheus = { countersTotalSuffix: true, unitSuffix: true, useSecondsForDurations: true };
  Runtime.install({
    // Signals are handled by the process.
    shutdownSignals: [],
    logger: new DefaultLogger('WARN', ({ level, message, meta }) => {
      const { error, ...rest } = { ...meta };
      logger[level === 'ERROR' ? 'error' : 'warn']({ ...rest, ...(error ? { err: error } : {}) }, message);
    }),
    ...(metricsAddress
      ? { telemetryOptions: { metrics: { prometheus: { ...prometheus, bindAddress: metricsAddress } } } }
      : {}),
  });
}
