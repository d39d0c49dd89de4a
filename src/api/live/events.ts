import { createHash } from 'node:crypto';

/** One server-sent event, ready to be written. */
export interface LiveEvent {
  /** Names what a client has after it; absent where it changes nothing of that. */
  id?: string;
  frame: Buffer | string;
  /** The stream ends with it. */
  isLast?: true;
}

/** A comment: keeps the connection from falling silent, and no client sees it. */
export const HEARTBEAT = ':\n\n';

/** An event as the HTML standard writes it. `data` is JSON, which has no line break in it. */
export function toFrame(event: string, data: Buffer | string, id?: string): Buffer {
  const head = `event: ${event}\n${id === undefined ? '' : `id: ${id}\n`}data: `;
  return Buffer.concat([Buffer.from(head), typeof data === 'string' ? Buffer.from(data) : data, Buffer.from('\n\n')]);
}

/** Tells a client how long to wait before it comes back. */
export function retryFrame(afterMs: number): string {
  return `retry: ${Math.round(afterMs)}\n\n`;
}

/** A name for this content: the same at every process, so that a stream can be resumed at any. */
export function contentId(content: string): string {
  return createHash('sha256').update(content).digest('base64url');
}
