import { context, propagation, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { Attributes, Context, Span } from '@opentelemetry/api';
import { RandomIdGenerator, type IdGenerator } from '@opentelemetry/sdk-trace-base';
import { WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client';
import type { WorkflowClientInterceptor } from '@temporalio/client';
import { defaultPayloadConverter, type Headers } from '@temporalio/common';
import type { ActivityInterceptorsFactory, InjectedSinks } from '@temporalio/worker';
import { spanIdOfRun, TRACE_HEADER, type Carrier, type TraceSinks } from '../../workflows/trace';

// Spans are named as those of Temporal's own interceptors. Those are not used, because they record the text of errors,
// in which drivers quote values.

/** Calls to Temporal; what they start or tell belongs to the same trace. */
export const clientInterceptor: WorkflowClientInterceptor = {
  startWithDetails: (input, next) =>
    call(`StartWorkflow:${input.workflowType}`, input.options.workflowId, (trail) =>
      next({ ...input, headers: { ...input.headers, ...trail } }),
    ),
  signal: (input, next) =>
    call(`SignalWorkflow:${input.signalName}`, input.workflowExecution.workflowId, (trail) =>
      next({ ...input, headers: { ...input.headers, ...trail } }),
    ),
  signalWithStart: (input, next) =>
    call(`SignalWithStartWorkflow:${input.workflowType}`, input.options.workflowId, (trail) =>
      next({ ...input, headers: { ...input.headers, ...trail } }),
    ),
  startUpdateWithStart: (input, next) =>
    call(`UpdateWithStartWorkflow:${input.updateName}`, input.workflowStartOptions.workflowId, (trail) =>
      next({
        ...input,
        workflowStartHeaders: { ...input.workflowStartHeaders, ...trail },
        updateHeaders: { ...input.updateHeaders, ...trail },
      }),
    ),
};

function call<T>(name: string, workflowId: string | undefined, work: (trail: Headers) => Promise<T>): Promise<T> {
  const about = { kind: SpanKind.CLIENT, attributes: { temporalWorkflowId: workflowId } };
  return inSpan(name, about, context.active(), () => {
    const carrier: Carrier = {};
    propagation.inject(context.active(), carrier);
    return work({ [TRACE_HEADER]: defaultPayloadConverter.toPayload(carrier) });
  });
}

/** The run of an activity, below the workflow that asked for it. */
export const activityInterceptor: ActivityInterceptorsFactory = ({ info }) => {
  const attributes = {
    temporalActivityId: info.activityId,
    temporalWorkflowId: info.workflowExecution?.workflowId,
    run_id: info.workflowExecution?.runId,
  };
  return {
    inbound: {
      execute: (input, next) => {
        const header = input.headers[TRACE_HEADER];
        const parent = header ? contextOf(defaultPayloadConverter.fromPayload<Carrier>(header)) : ROOT_CONTEXT;
        return inSpan(`RunActivity:${info.activityType}`, { attributes }, parent, () => next(input));
      },
    },
    outbound: {
      getLogAttributes: (input, next) => next({ ...input, traceId: trace.getActiveSpan()?.spanContext().traceId }),
    },
  };
};

const contextOf = (carrier: Carrier): Context => propagation.extract(ROOT_CONTEXT, carrier);

async function inSpan<T>(
  name: string,
  about: { kind?: SpanKind; attributes: Attributes },
  parent: Context,
  work: () => Promise<T>,
): Promise<T> {
  return trace.getTracer('frontrow').startActiveSpan(name, about, parent, async (span) => {
    try {
      return await work();
    } catch (error) {
      noteError(span, error);
      throw error;
    } finally {
      span.end();
    }
  });
}

/** The kind of an error, never its text. That a workflow is there already, or gone, is no failure. */
function noteError(span: Span, error: unknown): void {
  span.setAttribute('error.type', error instanceof Error ? error.name : 'unknown');
  if (error instanceof WorkflowExecutionAlreadyStartedError || error instanceof WorkflowNotFoundError) return;
  span.setStatus({ code: SpanStatusCode.ERROR });
}

const random = new RandomIdGenerator();
let givenSpanId: string | undefined;

/** Random ids, but for the spans of workflow runs: those have had theirs since they began. */
export const givenIds: IdGenerator = {
  generateTraceId: () => random.generateTraceId(),
  generateSpanId: () => givenSpanId ?? random.generateSpanId(),
};

/** The run of a workflow, made when it has ended: it may sleep for minutes, and end on another worker. */
export const workflowSinks: InjectedSinks<TraceSinks> = {
  workflowTrace: {
    ended: {
      fn({ workflowType, workflowId, runId, runStartTime }, parent, failed) {
        const attributes = { temporalWorkflowId: workflowId, run_id: runId };
        const tracer = trace.getTracer('frontrow');
        givenSpanId = spanIdOfRun(runId);
        const about = { attributes, startTime: runStartTime };
        const span = tracer.startSpan(`RunWorkflow:${workflowType}`, about, contextOf(parent));
        givenSpanId = undefined;
        if (failed) span.setStatus({ code: SpanStatusCode.ERROR });
        span.end();
      },
    },
  },
};
