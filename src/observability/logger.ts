import { trace } from '@opentelemetry/api';
import { destination, pino, stdSerializers, type Logger } from 'pino';
import type { Config } from '../config';

/** Headers that let their reader act as somebody else; wherever one is logged by mistake, it is cut out (I15). */
const SECRETS = ['authorization', 'x-queue-token', 'idempotency-key', 'accessToken', 'token'];

/**
 * A logger of JSON lines to standard output. Errors go under `err`; secrets are cut out down to three levels. Inside a
 * trace, each line has its id.
 */
export function createLogger(config: Pick<Config, 'logLevel'>): Logger {
  const paths = SECRETS.flatMap((name) => [`["${name}"]`, `*["${name}"]`, `*.*["${name}"]`]);
  return pino(
    {
      level: config.logLevel,
      redact: { paths, censor: '[cut out]' },
      serializers: { err: withoutStatement },
      mixin: () => ({ traceId: trace.getActiveSpan()?.spanContext().traceId }),
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
    },
    destination({ fd: 1, sync: false }),
  );
}

/** The driver adds the statement with its values to its errors: balances and stored replies are not for the log. */
function withoutStatement(error: Error): object {
  const { sql: _sql, ...rest } = stdSerializers.errWithCause(error) as { sql?: unknown };
  return rest;
}
