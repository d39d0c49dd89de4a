/** One event of a stream of server-sent events. */
export interface ServerEvent {
  name: string;
  data: string;
  id: string | undefined;
}

/** A server sends at least a heartbeat every 15 s or so: a stream this silent is dead. */
const SILENCE_MS = 40_000;

/**
 * The events of a stream, as WHATWG's "Server-sent events" has them. `EventSource` would do, could it send headers.
 * Ends with the stream; throws when it breaks or falls silent.
 */
export async function* readEvents(body: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<ServerEvent> {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  let event = emptyEvent();
  try {
    for (;;) {
      const { done, value } = await withinSilence(reader.read());
      if (done) return;
      const lines = (rest + value).split(/\r\n|\n|\r/);
      rest = lines.pop()!;
      for (const line of lines) {
        if (line !== '') addField(event, line);
        else {
          if (event.data.length > 0) yield { name: event.name, data: event.data.join('\n'), id: event.id };
          event = emptyEvent();
        }
      }
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

interface PartialEvent {
  name: string;
  data: string[];
  id: string | undefined;
}

const emptyEvent = (): PartialEvent => ({ name: 'message', data: [], id: undefined });

function addField(event: PartialEvent, line: string): void {
  const colon = line.indexOf(':');
  if (colon === 0) return; // a comment: the heartbeat
  const field = colon < 0 ? line : line.slice(0, colon);
  const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
  if (field === 'event') event.name = value;
  if (field === 'data') event.data.push(value);
  if (field === 'id') event.id = value;
}

async function withinSilence<T>(reading: Promise<T>): Promise<T> {
  let timer = 0;
  const silence = new Promise<never>((_, reject) => {
    timer = window.setTimeout(() => reject(new Error('the stream fell silent')), SILENCE_MS);
  });
  try {
    return await Promise.race([reading, silence]);
  } finally {
    clearTimeout(timer);
  }
}
