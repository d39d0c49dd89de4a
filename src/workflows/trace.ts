import { defaultPayloadConverter, type Headers } from '@temporalio/common';
import { ContinueAsNew, proxySinks, workflowInfo, type Sinks, type WorkflowInterceptors } from '@temporalio/workflow';

/** Where the OpenTelemetry interceptors of every Temporal SDK keep the trace that a call belongs to. */
export const TRACE_HEADER = '_tracer-data';

/** W3C Trace Context: `traceparent`, perhaps `tracestate`. */
export interface Carrier {
  traceparent?: string;
  tracestate?: string;
}

export interface TraceSinks extends Sinks {
  workflowTrace: {
    /** Once per run, never at a replay. */
    ended(parent: Carrier, failed: boolean): void;
  };
}

const { workflowTrace } = proxySinks<TraceSinks>();

/**
 * The id of a run's span, known before it ends, to the run itself and on every worker that replays it: the last digits
 * of the run's own id, which are random.
 */
export function spanIdOfRun(runId: string): string {
  return runId.replaceAll('-', '').slice(-16);
}

/**
 * Carries the trace of whoever started a workflow on to its activities and to its next run, with the workflow as their
 * parent. A workflow that came without a trace is left as it is. Headers are no commands: with or without, a history
 * stays the same.
 */
export function interceptors(): WorkflowInterceptors {
  let carried: Headers = {};
  const carry = <Input extends { readonly headers: Headers }>(input: Input): Input =>
    TRACE_HEADER in carried ? { ...input, headers: { ...input.headers, ...carried } } : input;

  return {
    inbound: [
      {
        execute(input, next) {
          const header = input.headers[TRACE_HEADER];
          const parent = header && defaultPayloadConverter.fromPayload<Carrier>(header);
          if (!parent?.traceparent) return next(input);
          carried = { [TRACE_HEADER]: defaultPayloadConverter.toPayload(below(parent)) };
          return report(parent, next(input));
        },
      },
    ],
    outbound: [
      {
        scheduleActivity: (input, next) => next(carry(input)),
        scheduleLocalActivity: (input, next) => next(carry(input)),
        continueAsNew: (input, next) => next(carry(input)),
      },
    ],
  };
}

/** The same trace with this run as the parent: `version-traceid-parentid-flags`. */
function below(parent: Carrier): Carrier {
  const spanId = spanIdOfRun(workflowInfo().runId);
  return { ...parent, traceparent: parent.traceparent?.replace(/-[0-9a-f]{16}-/, `-${spanId}-`) };
}

async function report<Result>(parent: Carrier, run: Promise<Result>): Promise<Result> {
  try {
    const result = await run;
    workflowTrace.ended(parent, false);
    return result;
  } catch (error) {
    workflowTrace.ended(parent, !(error instanceof ContinueAsNew));
    throw error;
  }
}
