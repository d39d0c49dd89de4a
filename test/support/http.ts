import assert from 'node:assert/strict';
import { Agent, request, type IncomingHttpHeaders } from 'node:http';
import { operationsFor } from '../../src/api/operations/all';
import type { Operation, Success } from '../../src/api/operations/operation';
import { refusalsOf } from '../../src/api/operations/refusals';
import { Problem } from '../../src/contracts/common';
import { ERRORS, type ErrorCode } from '../../src/errors';

/** Longer than any promise of the API (15 s for a payment). */
const REPLY_MS_MAX = 30_000;

export interface Call {
  method: string;
  /** With the query. */
  path: string;
  headers?: Record<string, string | undefined>;
  /** Sent as JSON. */
  json?: unknown;
  /** Sent as it is. */
  raw?: string | Buffer;
  signal?: AbortSignal;
}

export interface Reply<Body = unknown> {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  /** Of a reply that is not a refusal. */
  body: Body;
  /** Of a refusal. */
  problem: Problem | undefined;
  tookMs: number;
}

const agent = new Agent({ keepAlive: true });

/**
 * Sends one request to a process; nothing is retried. Of a stream, the reply ends with its first event. Rejects only
 * where there is no reply.
 */
export async function send<Body>(url: string, call: Call): Promise<Reply<Body>> {
  const payload = call.raw ?? (call.json === undefined ? undefined : JSON.stringify(call.json));
  const headers: Record<string, string> = {};
  if (call.json !== undefined) headers['content-type'] = 'application/json';
  for (const [name, value] of Object.entries(call.headers ?? {})) if (value !== undefined) headers[name] = value;
  if (payload !== undefined) headers['content-length'] = String(Buffer.byteLength(payload));
  const startedMs = performance.now();
  return new Promise((resolve, reject) => {
    const options = { method: call.method, headers, agent, ...(call.signal ? { signal: call.signal } : {}) };
    const outgoing = request(new URL(call.path, url), options, (incoming) => {
      const chunks: Buffer[] = [];
      const type = incoming.headers['content-type'] ?? '';
      const answer = (): void => {
        const text = Buffer.concat(chunks).toString();
        const content: unknown = /json/.test(type) && text !== '' ? JSON.parse(text) : undefined;
        const isProblem = type.startsWith('application/problem+json');
        resolve({
          status: incoming.statusCode ?? 0,
          headers: incoming.headers,
          text,
          body: (isProblem ? undefined : content) as Body,
          problem: isProblem ? (content as Problem) : undefined,
          tookMs: performance.now() - startedMs,
        });
      };
      incoming.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        if (!type.startsWith('text/event-stream') || eventsOf(Buffer.concat(chunks).toString()).length === 0) return;
        // A stream has no end to wait for.
        answer();
        outgoing.destroy();
      });
      incoming.on('error', reject);
      incoming.on('end', answer);
    });
    outgoing.setTimeout(REPLY_MS_MAX, () => outgoing.destroy(new Error(`no reply in ${REPLY_MS_MAX} ms`)));
    outgoing.on('error', reject);
    outgoing.end(payload);
  });
}

/** Everything that the API document says about the operations of a process in dev mode. */
export const operations = new Map(operationsFor('dev').map((operation) => [operation.operationId, operation]));

/** The operations that this test file has called and seen answered as documented. */
export const exercised = new Set<string>();

export function operation(id: string): Operation {
  const found = operations.get(id);
  assert.ok(found, `there is no operation ${id}`);
  return found;
}

/** Holds a reply against the document: a documented status, body and headers, or a documented refusal. */
export function checkReply(about: Operation, reply: Reply): void {
  const success = about.replies.find((candidate) => candidate.status === reply.status);
  if (success && !reply.problem) {
    checkSuccess(about, success, reply);
    exercised.add(about.operationId);
  } else {
    const code = checkProblem(reply);
    assert.ok(refusalsOf(about).includes(code), `${about.operationId} answered with the undocumented code ${code}`);
  }
}

function checkSuccess(about: Operation, success: Success, reply: Reply): void {
  if (success.events) {
    for (const event of eventsOf(reply.text)) checkEvent(about, event);
  } else if (!success.body) assert.equal(reply.text, '');
  else if (success.mediaType) assert.ok(reply.headers['content-type']?.startsWith(success.mediaType));
  // A schema drops what it does not know: whatever is lost here is not in the document.
  else assert.deepEqual(reply.body, success.body.parse(reply.body), `${about.operationId}: more than its schema`);
  for (const name of success.headers ?? []) {
    if (name !== 'Idempotency-Replayed')
      assert.ok(reply.headers[name.toLowerCase()], `${about.operationId}: no ${name}`);
  }
  assert.match(String(reply.headers['x-request-id']), /^[0-9a-f]{32}$/);
}

/** A server-sent event with data. */
export interface SentEvent {
  event: string;
  id: string | undefined;
  data: unknown;
}

/** The whole events in a part of a stream that begins with one. */
export function eventsOf(text: string): SentEvent[] {
  const whole = text.split('\n\n').slice(0, -1);
  return whole.flatMap((block) => {
    const fields = new Map(
      block.split('\n').map((line) => {
        const colon = line.indexOf(': ');
        return [line.slice(0, colon), line.slice(colon + 2)] as const;
      }),
    );
    const data = fields.get('data');
    if (data === undefined) return [];
    return [{ event: fields.get('event') ?? 'message', id: fields.get('id'), data: JSON.parse(data) as unknown }];
  });
}

/** Holds an event of a stream against the document. */
export function checkEvent(about: Operation, { event, data }: SentEvent): void {
  const documented = about.replies.flatMap(({ events }) => (events?.[event] ? [events[event]] : []))[0];
  assert.ok(documented, `${about.operationId} sent the undocumented event ${event}`);
  assert.deepEqual(data, documented.data.parse(data), `${about.operationId}: more than the schema of ${event}`);
}

const WITH_RETRY_AFTER: ReadonlySet<string> = new Set(['idempotency_in_flight', 'rate_limited', 'unavailable']);

/** Holds a refusal against RFC 9457 and the table of errors; gives its code. */
export function checkProblem(reply: Reply): ErrorCode {
  assert.ok(reply.headers['content-type']?.startsWith('application/problem+json'), `${reply.status}: ${reply.text}`);
  const problem = Problem.parse(reply.problem);
  const code = problem.code as ErrorCode;
  const { status, title, retryable } = ERRORS[code];
  assert.deepEqual(
    { status: reply.status, inBody: problem.status, title: problem.title, retryable: problem.retryable },
    { status, inBody: status, title, retryable },
  );
  assert.equal(problem.type, `urn:frontrow:problem:${code}`);
  assert.equal(problem.traceId, reply.headers['x-request-id']);
  assert.notEqual(code, 'internal', 'a request made the server fail');
  assert.equal(status === 401, reply.headers['www-authenticate'] !== undefined, 'WWW-Authenticate belongs to 401');
  if (WITH_RETRY_AFTER.has(code)) assert.match(String(reply.headers['retry-after']), /^[1-9]\d*$/);
  return code;
}
