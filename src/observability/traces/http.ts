import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { context, propagation, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, type Span } from '@opentelemetry/api';

/** Asked for every few seconds, by nobody who would look at a trace. */
const UNTRACED: ReadonlySet<string | undefined> = new Set(['/livez', '/readyz', '/metrics']);

/** A span for each request, below the caller's `traceparent` if there is one. Names routes, never paths or queries. */
export function traceRequests(listener: RequestListener): RequestListener {
  const tracer = trace.getTracer('frontrow');
  return (req, res) => {
    if (UNTRACED.has(req.url)) return listener(req, res);
    const caller = propagation.extract(ROOT_CONTEXT, req.headers);
    const attributes = { 'http.request.method': req.method };
    const span = tracer.startSpan(req.method ?? 'HTTP', { kind: SpanKind.SERVER, attributes }, caller);
    const inside = trace.setSpan(caller, span);
    // Whoever began the trace: the API answers and logs under the trace id that it finds in this header.
    propagation.inject(inside, req.headers);
    res.once('close', () => finish(span, req, res));
    context.with(inside, () => listener(req, res));
  };
}

function finish(span: Span, req: IncomingMessage & { route?: { path?: string } }, res: ServerResponse): void {
  const route = req.route?.path;
  if (route) span.updateName(`${req.method} ${route}`).setAttribute('http.route', route);
  if (!res.writableFinished) span.setAttribute('error.type', 'client_gone');
  else span.setAttribute('http.response.status_code', res.statusCode);
  if (res.statusCode >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
  span.end();
}
