import { OPERATIONS, type Operations, type Problem } from './operations';
import { ApiFailure } from './problem';

/** Longer than the longest promise of the API, 15 s for a payment. */
const REPLY_LIMIT_MS = 20_000;

export interface Credentials {
  accessToken?: string | undefined;
  queueToken?: string | undefined;
}

export interface CallOptions {
  /** Required by operations that happen once. */
  key?: string;
  /** Of what is known already: `null` comes back when it is still so. */
  etag?: string | undefined;
  signal?: AbortSignal;
}

export interface Reply<Body> {
  body: Body;
  etag: string | undefined;
}

export interface Api {
  /** Calls an operation by its id. Throws `ApiFailure`, and `AbortError` where `signal` ended it. */
  call<Id extends keyof Operations>(
    id: Id,
    takes: Operations[Id]['takes'],
    options?: CallOptions,
  ): Promise<Operations[Id]['gives']>;
  /** The same for what is often unchanged: `undefined` means that the copy with `etag` is still good. */
  callIfChanged<Id extends keyof Operations>(
    id: Id,
    takes: Operations[Id]['takes'],
    options: CallOptions,
  ): Promise<Reply<Operations[Id]['gives']> | undefined>;
}

export interface Surroundings {
  /** Who calls, asked at the moment of each call. */
  credentials(): Credentials;
  /** Hears of every answer, with the server's clock in it, and of every call that nobody answered. */
  heard(answer: Response | undefined): void;
}

/** The API as whoever `credentials` says. */
export function createApi({ credentials, heard }: Surroundings): Api {
  const ask = async <Id extends keyof Operations>(id: Id, takes: Operations[Id]['takes'], options: CallOptions) => {
    const { method, path } = OPERATIONS[id];
    const { body, query, ...inPath } = takes as { body?: unknown; query?: Record<string, string | number> };
    const headers = headersFor(credentials(), options, body !== undefined);
    const limit = AbortSignal.timeout(REPLY_LIMIT_MS);
    const signal = options.signal ? AbortSignal.any([options.signal, limit]) : limit;
    const init = { method, headers, signal, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    try {
      const response = await fetch(address(path, inPath, query), init);
      heard(response);
      if (response.status === 304) return undefined;
      const content: unknown = response.status === 204 ? undefined : await response.json();
      if (!response.ok) throw failureOf(response, content as Problem);
      return { body: content as Operations[Id]['gives'], etag: response.headers.get('etag') ?? undefined };
    } catch (error) {
      if (error instanceof ApiFailure) throw error;
      options.signal?.throwIfAborted();
      heard(undefined);
      throw new ApiFailure('no_reply');
    }
  };
  return {
    call: async (id, takes, options = {}) => (await ask(id, takes, options))!.body,
    callIfChanged: ask,
  };
}

function address(
  path: string,
  inPath: Record<string, unknown>,
  query: Record<string, string | number | boolean | undefined> = {},
): string {
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(inPath[name])));
  const search = new URLSearchParams(
    Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  ).toString();
  return search ? `${filled}?${search}` : filled;
}

export function headersFor(
  { accessToken, queueToken }: Credentials,
  { key, etag }: CallOptions,
  hasBody = false,
): Headers {
  const headers = new Headers();
  if (accessToken) headers.set('Authorization', `Bearer ${accessToken}`);
  if (queueToken) headers.set('X-Queue-Token', queueToken);
  if (key) headers.set('Idempotency-Key', key);
  if (etag) headers.set('If-None-Match', etag);
  if (hasBody) headers.set('Content-Type', 'application/json');
  return headers;
}

export function failureOf(response: Response, problem: Problem | undefined): ApiFailure {
  const seconds = Number(response.headers.get('retry-after') ?? 1);
  return problem?.code ? new ApiFailure(problem.code, problem, seconds * 1_000) : new ApiFailure('no_reply');
}
