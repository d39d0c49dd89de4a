/** One event of a stream of server-sent events. */
export interface ServerEvent {
  name: string;
  data: string;
  id: string | undefined;
  /** How long to wait before coming back, where the server says so. */
  retryMs: number | undefined;
}

/** A server sends at least a heartbeat every 15 s or so: a stream this silent is dead. */
const SILENCE_MS = 40_000;

/**
 * The events of a stream, as WHATWG's "Server-sent events" has them. `EventSource` would do, could it send headers.
 * One without data says only when to come back. Ends with the stream; throws when it breaks or falls silent.
 */
export async function* readEvents(body: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<ServerEvent> {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  let lines: string[] = [];
  try {
    for (;;) {
      const { done, value } = await withinSilence(reader.read());
      if (done) return;
      const parts = (rest + value).split(/\r\n|\n|\r/);
      rest = parts.pop()!;
      for (const line of parts) {
        if (line !== '') lines.push(line);
        else {
          if (lines.length > 0) yield toEvent(lines);
          lines = [];
        }
      }
    }
  } finally {
    await reader.cancel().catch(() => {}); // broken already
  }
}

/** A line that begins with a colon is a comment: the heartbeat. */
function toEvent(lines: readonly string[]): ServerEvent {
  const fields = lines.map((line) => /^([^:]*)(?:: ?(.*))?$/.exec(line) ?? []);
  const valuesOf = (name: string) => fields.flatMap(([, field, value = '']) => (field === name ? [value] : []));
  const retryMs = Number(valuesOf('retry').at(-1) ?? Number.NaN);
  return {
    name: valuesOf('event').at(-1) ?? 'message',
    data: valuesOf('data').join('\n'),
    id: valuesOf('id').at(-1),
    retryMs: Number.isNaN(retryMs) ? undefined : retryMs,
  };
}

async function withinSilence<T>(reading: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('the stream fell silent')), SILENCE_MS);
  });
  try {
    return await Promise.race([reading, silence]);
  } finally {
    clearTimeout(timer);
  }
}
