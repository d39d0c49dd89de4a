import { tracingChannel } from 'node:diagnostics_channel';
import { SpanKind, SpanStatusCode, trace, type Span } from '@opentelemetry/api';

/** What the driver says of a statement on its channel, and keeps for its whole life. */
interface Statement {
  /** With its values in it. */
  query: string;
  serverAddress?: string;
  serverPort?: number;
  error?: unknown;
}

/** Enough to know a statement by; a batch's is longer. */
const TEXT_LENGTH_MAX = 1_000;

/**
 * A span for each statement that is part of a trace, from the driver's own diagnostics channel; what runs by itself (the
 * queue snapshot, the dispatcher's look) is in none. Returns how to stop.
 */
export function traceStatements(): () => void {
  const tracer = trace.getTracer('frontrow');
  const channel = tracingChannel<unknown, Statement>('mysql2:query');
  const spans = new WeakMap<object, Span>();
  const ignore = (): void => undefined;
  const subscribers = {
    start(statement: Statement) {
      if (!trace.getActiveSpan()?.isRecording()) return;
      const text = withoutValues(statement.query);
      const attributes = {
        'db.system.name': 'mysql',
        'db.query.text': text,
        'server.address': statement.serverAddress,
        'server.port': statement.serverPort,
      };
      spans.set(statement, tracer.startSpan(summaryOf(text), { kind: SpanKind.CLIENT, attributes }));
    },
    error(statement: Statement) {
      // The text of a driver's error quotes values.
      const { code } = statement.error as { code?: string };
      spans
        .get(statement)
        ?.setAttribute('error.type', code ?? 'unknown')
        .setStatus({ code: SpanStatusCode.ERROR });
    },
    asyncStart(statement: Statement) {
      spans.get(statement)?.end();
    },
    end: ignore,
    asyncEnd: ignore,
  };
  channel.subscribe(subscribers);
  return () => channel.unsubscribe(subscribers);
}

/** Everything that the driver writes for a value: a text in quotes, bytes as `X'…'`, a number. */
const VALUE = /X?'(?:[^'\\]|\\.|'')*'|-?\b\d+(?:\.\d+)?(?:e[+-]?\d+)?\b/gis;
const LIST = /\(\s*\?(?:\s*,\s*\?)*\s*\)(?:\s*,\s*\(\s*\?(?:\s*,\s*\?)*\s*\))*/g;

/** The text of a statement with `?` for each of its values, and one for any number of them in a row. */
export function withoutValues(sql: string): string {
  return sql.replace(VALUE, '?').replace(LIST, '(?)').replace(/\s+/g, ' ').trim().slice(0, TEXT_LENGTH_MAX);
}

/** Such as `SELECT concert_seat`: few enough to tell statements apart by. */
export function summaryOf(text: string): string {
  const verb = /^\w+/.exec(text)?.[0] ?? 'SQL';
  const table = /\b(?:FROM|INTO|UPDATE|JOIN)\s+([a-z_]+)/i.exec(text)?.[1];
  return table ? `${verb} ${table}` : verb;
}
