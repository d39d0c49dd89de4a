import { setTimeout as delay } from 'node:timers/promises';
import { context, diag, DiagLogLevel, propagation, trace, type DiagLogger } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { Logger } from 'pino';
import type { Tracing } from '../tracing';
import { traceRequests } from './http';
import { traceStatements } from './sql';
import { activityInterceptor, clientInterceptor, givenIds, workflowSinks } from './temporal';

/** A collector that does not answer must not keep a process from ending. */
const CLOSE_MS = 2_000;
/** While a collector is away, every batch fails: one line says it. */
const COMPLAINT_INTERVAL_MS = 60_000;

/**
 * Exports to an OTLP collector by HTTP. Address, headers, sampler, batches and names come from the standard OTEL
 * variables, which the SDK reads by itself; `service` is the name unless OTEL_SERVICE_NAME says otherwise.
 */
export function openTracing(service: string, logger: Logger): Tracing {
  diag.setLogger(complaints(logger), DiagLogLevel.WARN);
  const named = resourceFromAttributes({ 'service.name': service, 'process.pid': process.pid });
  const provider = new BasicTracerProvider({
    resource: named.merge(detectResources({ detectors: [envDetector] })),
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
    idGenerator: givenIds,
  });
  trace.setGlobalTracerProvider(provider);
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  const stopStatements = traceStatements();
  return {
    requests: traceRequests,
    clientInterceptors: [clientInterceptor],
    activityInterceptors: [activityInterceptor],
    workflowSinks,
    async close() {
      stopStatements();
      const sent = provider.shutdown().catch(() => undefined);
      await Promise.race([sent, delay(CLOSE_MS, undefined, { ref: false })]);
    },
  };
}

/** The exporter's errors may quote what a collector answered; the first line is enough. */
function complaints(logger: Logger): DiagLogger {
  let lastMs = Number.NEGATIVE_INFINITY;
  const complain = (message: string): void => {
    if (performance.now() - lastMs < COMPLAINT_INTERVAL_MS) return;
    lastMs = performance.now();
    logger.warn({ detail: firstLine(message) }, 'traces cannot be exported');
  };
  const silent = (): void => undefined;
  return { error: complain, warn: complain, info: silent, debug: silent, verbose: silent };
}

const DETAIL_LENGTH_MAX = 200;

function firstLine(message: string): string {
  return (message.split('\n', 1)[0] as string).slice(0, DETAIL_LENGTH_MAX);
}
