import type { RequestListener } from 'node:http';
import type { WorkflowClientInterceptor } from '@temporalio/client';
import type { ActivityInterceptorsFactory, InjectedSinks } from '@temporalio/worker';
import type { Logger } from 'pino';
import type { Config } from '../config';
import type { TraceSinks } from '../workflows/trace';

/** How a process takes part in the traces of requests: HTTP, workflow, activity, SQL. */
export interface Tracing {
  /** The same listener, with a span for each request. */
  requests(listener: RequestListener): RequestListener;
  clientInterceptors: WorkflowClientInterceptor[];
  activityInterceptors: ActivityInterceptorsFactory[];
  workflowSinks: InjectedSinks<TraceSinks>;
  /** Sends what is left, for some seconds at the most. */
  close(): Promise<void>;
}

/** Workflows that another process traces are told of in vain. */
const NO_TRACING: Tracing = {
  requests: (listener) => listener,
  clientInterceptors: [],
  activityInterceptors: [],
  workflowSinks: { workflowTrace: { ended: { fn: () => undefined } } },
  close: async () => undefined,
};

/** Traces if the standard OTEL variables ask for it. Otherwise nothing is loaded, wrapped or subscribed to. */
export async function startTracing(config: Pick<Config, 'tracing'>, service: string, logger: Logger): Promise<Tracing> {
  if (!config.tracing) return NO_TRACING;
  const { openTracing } = await import('./traces/open.js');
  return openTracing(service, logger);
}
