import {
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  type WorkflowClientInterceptor,
} from '@temporalio/client';
import { Histogram, type Registry } from 'prom-client';

/** From a start on an idle server to the deadline of a payment. */
const BUCKETS_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20];

/** Measures this client's calls to Temporal: the TypeScript client has no metrics of its own. */
export function observeCalls(registry: Registry): WorkflowClientInterceptor {
  const duration = new Histogram({
    name: 'frontrow_temporal_call_duration_seconds',
    help: 'Calls to Temporal by what came of them: done, no need (the workflow is there already, or gone), failed',
    labelNames: ['call', 'outcome'],
    buckets: BUCKETS_SECONDS,
    registers: [registry],
  });
  const measure = async <Result>(call: string, result: Promise<Result>): Promise<Result> => {
    const startedMs = performance.now();
    const end = (outcome: string) => duration.observe({ call, outcome }, (performance.now() - startedMs) / 1_000);
    try {
      const value = await result;
      end('done');
      return value;
    } catch (error) {
      end(isNoNeed(error) ? 'no_need' : 'failed');
      throw error;
    }
  };
  return {
    startWithDetails: (input, next) => measure('start', next(input)),
    signal: (input, next) => measure('signal', next(input)),
    signalWithStart: (input, next) => measure('signal_with_start', next(input)),
    // Until the update is answered, so with the payment that it asks for.
    startUpdateWithStart: (input, next) => measure('update_with_start', next(input)),
  };
}

function isNoNeed(error: unknown): boolean {
  return error instanceof WorkflowExecutionAlreadyStartedError || error instanceof WorkflowNotFoundError;
}
