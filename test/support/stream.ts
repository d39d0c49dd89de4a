import assert from 'node:assert/strict';
import { request, type ClientRequest, type IncomingMessage } from 'node:http';
import type { CallOptions, Fan } from './fan';
import { checkEvent, eventsOf, operation, type SentEvent } from './http';

/** An event comes by then, on a busy machine too, or never. */
const EVENT_MS_MAX = 15_000;

/** The events of one stream, each held against the API document as it comes. */
export interface Stream {
  /** All that have come so far. */
  readonly events: readonly SentEvent[];
  /** All that has come so far, as it was sent. */
  readonly text: string;
  readonly lastId: string | undefined;
  /** The first event, of those that have not been taken yet, that is `wanted`; those before it are passed over. */
  next<Data>(wanted: (data: Data, event: string) => boolean, withinMs?: number): Promise<Data>;
  /** How it ended: by the server, in order, or with the connection. */
  readonly ended: Promise<'ended' | 'cut'>;
  close(): void;
}

/** Opens a stream of the API as a page does. Rejects where the answer is a refusal: `Fan.call` is for those. */
export async function openStream(
  fan: Fan,
  operationId: string,
  { id, lastEventId }: { id?: CallOptions['id']; lastEventId?: string | undefined } = {},
): Promise<Stream> {
  const about = operation(operationId);
  const address = new URL(about.path.replace(/\{\w+\}/, String(id)), fan.url);
  const headers: Record<string, string> = { authorization: `Bearer ${fan.accessToken}` };
  if (fan.queueToken) headers['x-queue-token'] = fan.queueToken;
  if (lastEventId) headers['last-event-id'] = lastEventId;
  // A connection of its own: one that is shared would not say how it ended.
  const outgoing = request(address, { headers, agent: false });
  const incoming = await responseOf(outgoing);
  assert.equal(incoming.statusCode, 200, `${operationId} answered ${incoming.statusCode}`);
  assert.match(String(incoming.headers['content-type']), /^text\/event-stream/);
  return listen(outgoing, incoming, (event) => checkEvent(about, event));
}

function responseOf(outgoing: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    outgoing.on('response', resolve).on('error', reject);
    outgoing.end();
  });
}

function listen(outgoing: ClientRequest, incoming: IncomingMessage, check: (event: SentEvent) => void): Stream {
  const events: SentEvent[] = [];
  let text = '';
  let rest = '';
  let taken = 0;
  let wake = (): void => {};
  incoming.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
    rest += chunk;
    const end = rest.lastIndexOf('\n\n') + 2;
    for (const event of eventsOf(rest)) {
      check(event);
      events.push(event);
    }
    if (end > 1) rest = rest.slice(end);
    wake();
  });
  const ended = new Promise<'ended' | 'cut'>((resolve) => {
    incoming.on('end', () => resolve('ended')).on('error', () => resolve('cut'));
  });
  void ended.then(() => wake());
  return {
    events,
    get text() {
      return text;
    },
    get lastId() {
      return events.at(-1)?.id;
    },
    ended,
    next: async <Data>(wanted: (data: Data, event: string) => boolean, withinMs = EVENT_MS_MAX) => {
      const deadlineMs = performance.now() + withinMs;
      for (;;) {
        for (; taken < events.length;) {
          const { event, data } = events[taken++] as SentEvent;
          if (wanted(data as Data, event)) return data as Data;
        }
        const leftMs = deadlineMs - performance.now();
        if (leftMs <= 0) throw new Error(`no such event within ${withinMs} ms; last seen: ${text.slice(-500)}`);
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, leftMs);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
    },
    close: () => void outgoing.destroy(),
  };
}
