import { format } from 'mysql2';
import * as fc from 'fast-check';
import { loadConfig } from '../../src/config';
import { summaryOf, withoutValues } from '../../src/observability/traces/sql';

const NEEDED = {
  DATABASE_URL: 'mysql://nobody:nothing@127.0.0.1:1/none',
  TOKEN_SECRET: 'x'.repeat(32),
  AUTH_MODE: 'dev',
};

test.each<[string, Record<string, string>, boolean]>([
  ['unless they are asked for', {}, false],
  ['where there is an address', { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' }, true],
  ['where there is an address for traces', { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://collector:4318/x' }, true],
  ['where the exporter is named: its address has a default', { OTEL_TRACES_EXPORTER: 'otlp' }, true],
  ['where variables are empty, as compose files leave them', { OTEL_TRACES_EXPORTER: '' }, false],
  [
    'where there is an address but no traces are wanted',
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318', OTEL_TRACES_EXPORTER: 'none' },
    false,
  ],
  [
    'where all of it is switched off',
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318', OTEL_SDK_DISABLED: 'TRUE' },
    false,
  ],
])('traces %s', (_when, env, expected) => {
  expect(loadConfig({ ...NEEDED, ...env }).tracing).toBe(expected);
});

test('an exporter or a protocol that is not there is refused rather than ignored', () => {
  expect(() => loadConfig({ ...NEEDED, OTEL_TRACES_EXPORTER: 'zipkin' })).toThrow('OTEL_TRACES_EXPORTER');
  expect(() => loadConfig({ ...NEEDED, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' })).toThrow('OTEL_EXPORTER_OTLP_PROTOCOL');
});

describe('the text of a statement in a span', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.stringMatching(/^['"\\`?0-9 ()x,-]{0,12}$/),
    fc.constantFrom("\\'", "''", "' OR 1 --", '\n', '\u0000', '9'.repeat(30)),
  );
  const value = fc.oneof(
    text,
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.date({ noInvalidDate: true }),
    fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
  );

  test('is the same whatever its values are', () => {
    const sql = 'SELECT a FROM asset WHERE a = ? AND (b = ? OR c IN (?)) AND d > ? ORDER BY e LIMIT ?';
    fc.assert(
      fc.property(value, value, fc.array(value, { minLength: 1 }), value, fc.nat(), (a, b, c, d, limit) => {
        expect(withoutValues(format(sql, [a, b, c, d, limit]))).toBe(sql);
      }),
      { numRuns: 1_000 },
    );
  });

  test('is the same for any number of rows', () => {
    const sql = 'INSERT INTO asset_entry (user_id, kind) VALUES ?';
    fc.assert(
      fc.property(fc.array(fc.tuple(value, value), { minLength: 1 }), (rows) => {
        expect(withoutValues(format(sql, [rows]))).toBe('INSERT INTO asset_entry (user_id, kind) VALUES (?)');
      }),
    );
  });

  test('keeps names with digits in them, and loses what the statement says itself', () => {
    expect(withoutValues("SELECT t1.x2 FROM t1 WHERE s = 'HELD'\n  AND u <= NOW(3)")).toBe(
      'SELECT t1.x2 FROM t1 WHERE s = ? AND u <= NOW(?)',
    );
  });

  test.each([
    ['SELECT id FROM concert_seat WHERE id IN (?) FOR UPDATE', 'SELECT concert_seat'],
    ['UPDATE asset a JOIN asset_entry e ON e.user_id = a.user_id SET a.balance = ?', 'UPDATE asset'],
    ['INSERT INTO payment (price) VALUES (?)', 'INSERT payment'],
    ['COMMIT;', 'COMMIT'],
  ])('%s is called %s', (sql, name) => {
    expect(summaryOf(sql)).toBe(name);
  });
});
