import fc from 'fast-check';
import { select } from '../../src/db/sql';
import { newFan, newGuest, newSale, type CallOptions, type Fan } from '../support/fan';
import { operations, type Reply } from '../support/http';
import { jsonSchema, validRequest, type JsonSchema, type Things } from '../support/requests';
import { startTestSystem, type TestSystem } from '../support/system';

/** In each of some sixty places; every run of the tests tries other texts. */
const RUNS = 12;
/** A plan has as many places as all the rest, with the same few rules: test/unit/plan tries them by the thousand. */
const RUNS_IN_PLAN = 2;
/** Text like any other where there are no rules about it. */
const PLAIN = ["' OR 1=1 --", '__proto__', '🎻 ß “x”; %_?'];

let system: TestSystem;
let things: Things;
let admin: Fan;
let fan: Fan;

beforeAll(async () => {
  system = await startTestSystem('text', { workers: 0 });
  admin = await newFan(system, 'admin');
  const sale = await newSale(admin);
  fan = await newGuest(system, sale, 99_000);
  const { body: hold } = await fan.hold(sale.scheduleId, [sale.seatIds[0]!]);
  const { concertId: concerts, scheduleId: schedules, queue: queues } = sale;
  things = { concerts, schedules, queues, reservations: hold.id, payments: 1, seats: sale.seatIds[1]! };
  const sql = 'SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE()';
  tables = await select<{ name: string }>(system.db, sql);
  rows = await rowCounts();
});
afterAll(() => system.stop());

/** Pieces that mean something to SQL, to JavaScript, to a terminal, to a page or to Unicode. */
const PIECES = [
  ...["'", '"', '`', '\\', "\\'", "' OR 1=1 --", "'; DROP TABLE user; --", '/*', '--', '%', '_', '?', '??', ':id', ';'],
  ...['__proto__', 'constructor', 'toString', '${1}', '{{1}}', '<script>', '&amp;', '../', '%00', '%27', 'null'],
  ...[
    '\u0000',
    '\r\n',
    '\u001b[31m',
    '\u202e',
    '\ufeff',
    '\u2028',
    'e\u0301',
    'ß',
    'İ',
    '🎻',
    '👩‍👩‍👧',
    '\ud800',
    '\udfff',
  ],
];
const text = fc.oneof(
  fc
    .array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ maxLength: 4 })), { maxLength: 5 })
    .map((all) => all.join('')),
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme', minLength: 190, maxLength: 210 }),
);

/** The tables in which an operation may leave new rows; any other, none. */
const ADDS_TO: Record<string, string[]> = {
  createSession: ['asset', 'user'],
  issueQueueToken: ['waiting_token'],
  createConcert: ['concert', 'queue'],
  createSchedule: ['concert_schedule'],
  addSeats: ['concert_seat'],
  importPlan: ['concert_seat', 'seating_plan'],
  holdSeats: ['idempotency_key', 'reservation', 'reservation_ticket'],
  chargeAsset: ['asset_entry', 'idempotency_key'],
};

/** Where a text that was accepted is kept. */
const KEPT_IN: Record<string, string | (() => string)> = {
  'createConcert /name': 'SELECT name AS kept FROM concert ORDER BY id DESC LIMIT 1',
  'createConcert /description': 'SELECT description AS kept FROM concert ORDER BY id DESC LIMIT 1',
  'createConcert /queue':
    'SELECT q.name AS kept FROM concert c JOIN queue q ON q.id = c.queue_id ORDER BY c.id DESC LIMIT 1',
  'createSchedule /place': 'SELECT place AS kept FROM concert_schedule ORDER BY id DESC LIMIT 1',
  'updateConcert /name': () => `SELECT name AS kept FROM concert WHERE id = ${things.concerts}`,
  'updateConcert /description': () => `SELECT description AS kept FROM concert WHERE id = ${things.concerts}`,
  'updateSchedule /place': () => `SELECT place AS kept FROM concert_schedule WHERE id = ${things.schedules}`,
  'addSeats /seats/0/location': 'SELECT location AS kept FROM concert_seat ORDER BY id DESC LIMIT 1',
};

/** One place of a request where text can be put. */
interface Place {
  operationId: string;
  pointer: string;
  put(request: CallOptions & { json?: object }, value: unknown): CallOptions;
}

/** Every field of a body, whatever its type, as a JSON pointer. */
function pointersOf(schema: JsonSchema, at = ''): string[] {
  if (schema.items) return [at, ...pointersOf(schema.items, `${at}/0`)];
  const inside = Object.entries(schema.properties ?? {}).flatMap(([name, member]) =>
    pointersOf(member, `${at}/${name}`),
  );
  return at === '' ? inside : [at, ...inside];
}

function withValueAt(json: unknown, pointer: string, value: unknown): object {
  const copy = structuredClone(json) as Record<string, unknown>;
  const path = pointer.split('/').slice(1);
  let inner = copy;
  for (const name of path.slice(0, -1)) {
    const there = inner[name] ?? {};
    // The other items of an example are there already.
    inner[name] = Array.isArray(there) ? there.slice(0, 1) : there;
    inner = inner[name] as Record<string, unknown>;
  }
  inner[path.at(-1) as string] = value;
  return copy;
}

const all = [...operations.values()];
const inBodies: Place[] = all.flatMap(({ operationId, body }) =>
  (body ? pointersOf(jsonSchema(body.schema)) : []).map((pointer) => ({
    operationId,
    pointer,
    put: (request, value) => ({ ...request, json: withValueAt(request.json, pointer, value) }),
  })),
);
const inQueries: Place[] = all.flatMap(({ operationId, query }) =>
  (query ? Object.keys(query.shape) : []).map((name) => ({
    operationId,
    pointer: `?${name}`,
    put: (request, value) => ({ ...request, query: { [name]: String(value) } }),
  })),
);
const inPaths: Place[] = all
  .filter(({ path }) => path.includes('{'))
  .map(({ operationId }) => ({
    operationId,
    pointer: '{}',
    put: (request, value) => ({ ...request, id: String(value) }),
  }));

let tables: { name: string }[] = [];
/** As they were after the last request: nobody else is here. */
let rows: Record<string, number> = {};

async function rowCounts(): Promise<Record<string, number>> {
  const counts = tables.map(({ name }) => `(SELECT COUNT(*) FROM \`${name}\`) AS \`${name}\``);
  return (await select<Record<string, number>>(system.db, `SELECT ${counts.join()}`))[0] as Record<string, number>;
}

/** Sends a request and holds the rows against the reply: refused, nothing is added; granted, only where it belongs. */
async function send(operationId: string, request: CallOptions): Promise<Reply> {
  const { access } = operations.get(operationId)!;
  // Every reply is held against the document; a 500 throws.
  const reply = await (access === 'admin' ? admin : fan).call(operationId, request);
  const after = await rowCounts();
  const grown = Object.keys(after).filter((table) => after[table] !== rows[table]);
  rows = after;
  const allowed = reply.problem ? [] : (ADDS_TO[operationId] ?? []);
  expect(grown.filter((table) => !allowed.includes(table))).toEqual([]);
  return reply;
}

const runsAt = ({ pointer }: Place) => (pointer.startsWith('/plan/') ? RUNS_IN_PLAN : RUNS);
const named = (places: Place[]) => places.map((place) => [`${place.operationId} ${place.pointer}`, place] as const);
const request = (operationId: string) => validRequest(operations.get(operationId)!, things);

test('every operation that takes text has its places here', () => {
  expect(inBodies.map(({ operationId, pointer }) => `${operationId} ${pointer}`)).toEqual(
    expect.arrayContaining(Object.keys(KEPT_IN)),
  );
  expect(new Set(inPaths.map(({ operationId }) => operationId)).size).toBe(18);
});

test.each(named(inBodies))('any text at %s is kept as it is, or refused', async (name, place) => {
  const kept = KEPT_IN[name];
  const sql = typeof kept === 'function' ? kept() : kept;
  const accepted: string[] = [];
  await fc.assert(
    fc.asyncProperty(text, async (value) => {
      const reply = await send(place.operationId, place.put(request(place.operationId), value));
      if (reply.problem) return;
      accepted.push(value);
      if (sql) expect((await select(system.db, sql))[0]).toEqual({ kept: value });
      const said = (reply.body as Record<string, unknown>)[place.pointer.slice(1)];
      if (sql && said !== undefined) expect(said).toBe(value);
    }),
    { numRuns: runsAt(place), examples: PLAIN.map((value) => [value]) },
  );
  if (sql && !name.endsWith('/queue')) expect(accepted).toEqual(expect.arrayContaining(PLAIN));
});

test.each(named(inBodies))(
  'any JSON at %s is taken or refused, and never makes the server fail',
  async (_name, place) => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (value) => {
        await send(place.operationId, place.put(request(place.operationId), value));
      }),
      { numRuns: runsAt(place) },
    );
  },
);

test.each(named([...inQueries, ...inPaths]))(
  'any text at %s is refused unless it names something',
  async (_name, place) => {
    // These three the client itself would take for another address.
    const sendable = text.filter((value) => !['', '.', '..'].includes(value) && !/\p{Surrogate}/u.test(value));
    await fc.assert(
      fc.asyncProperty(sendable, async (value) => {
        const reply = await send(place.operationId, place.put(request(place.operationId), value));
        if (!reply.problem) expect(value).toMatch(/^[a-z0-9-]+$/);
      }),
      { numRuns: RUNS },
    );
  },
);

test('a field that nobody knows is refused, whatever its name', async () => {
  const name = fc.oneof(text, fc.constantFrom('__proto__', 'constructor', 'hasOwnProperty', 'toString', 'then'));
  for (const { operationId, body } of all.filter((operation) => operation.body)) {
    const known = new Set(Object.keys(jsonSchema(body!.schema).properties ?? {}));
    await fc.assert(
      fc.asyncProperty(
        name.filter((candidate) => !known.has(candidate)),
        fc.oneof(text, fc.constant({ role: 'admin' })),
        async (extra, value) => {
          const valid = request(operationId);
          // Spelt out: an object literal would take `__proto__` for something else.
          const raw = `{${JSON.stringify(extra)}:${JSON.stringify(value)},${JSON.stringify(valid.json).slice(1)}`;
          const headers = { 'content-type': 'application/json' };
          const { json: _json, ...rest } = valid;
          const reply = await send(operationId, { ...rest, raw: raw.replace(/,\}$/, '}'), headers });
          expect([extra, reply.problem?.code]).toEqual([extra, 'validation_failed']);
        },
      ),
      { numRuns: RUNS },
    );
  }
});
