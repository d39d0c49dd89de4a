/** What one request says, apart from where it is sent. */
export interface RequestText {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  path: string;
  accessToken?: string;
  queueToken?: string;
  idempotencyKey?: string;
  etag?: string;
  /** Asks for a compressed reply, as browsers do. */
  gzip?: boolean;
  body?: unknown;
}

/** The whole HTTP/1.1 request, ready for the socket. */
export function requestText({
  method,
  path,
  accessToken,
  queueToken,
  idempotencyKey,
  etag,
  gzip,
  body,
}: RequestText): string {
  const json = body === undefined ? undefined : JSON.stringify(body);
  const headers = {
    Host: 'localhost',
    Accept: 'application/json',
    Authorization: accessToken && `Bearer ${accessToken}`,
    'X-Queue-Token': queueToken,
    'Idempotency-Key': idempotencyKey,
    'If-None-Match': etag,
    'Accept-Encoding': gzip ? 'gzip' : undefined,
    'Content-Type': json && 'application/json',
    'Content-Length': json && String(Buffer.byteLength(json)),
  };
  const lines = Object.entries(headers).flatMap(([name, value]) => (value ? [`${name}: ${value}`] : []));
  return [`${method} ${path} HTTP/1.1`, ...lines, '', json ?? ''].join('\r\n');
}
