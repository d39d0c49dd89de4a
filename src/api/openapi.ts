import { z } from 'zod';
import { headerRefs, schemaOf, withoutDialect, type Json } from './openapi-parts';
import { refusalResponses } from './openapi-refusals';
import { TAGS, type Operation, type Success } from './operations/operation';

const DESCRIPTION = `Concert reservations in turn. The whole way, by clicking:

1. **Become a new user** (dev mode) and **Authorize** with \`accessToken\` as bearerAuth; this page does it for you.
2. **Join the queue**; the reply's \`token\` goes into Authorize as queueToken (done for you, too). Wait until it is
   ACTIVE: **Ask for your place**.
3. **List concerts**; with the id of one **list the dates of a concert**, with the id of a date **list the seats of a date**.
4. **Hold seats** that are \`available\`: the id of the date as \`scheduleId\`, the ids of the seats as \`seatIds\`.
5. **Charge your balance** and **pay a held reservation**: its id as \`reservationId\`, before it expires.

Errors are RFC 9457 problem documents: decide by \`code\`. An \`Idempotency-Key\` makes an effect happen once: repeat a
request whose reply was lost with the same key, use a new key for a new intention.`;

/** The OpenAPI 3.1 document of these operations; its schemas are those that requests are checked against. */
export function buildOpenApi(operations: readonly Operation[]): Json {
  const paths: Record<string, Json> = {};
  for (const operation of operations) {
    paths[operation.path] = { ...paths[operation.path], [operation.method]: describe(operation) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Frontrow',
      version: '1.0.0',
      description: DESCRIPTION,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/', description: 'This server' }],
    tags: [...new Set(operations.map(({ tag }) => tag))].map((name) => ({ name, description: TAGS[name] })),
    paths,
    components: { schemas: componentSchemas(), securitySchemes: SECURITY_SCHEMES, headers: HEADERS },
  };
}

const SECURITY_SCHEMES = {
  bearerAuth: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'Who you are; `sub` is your user id',
  },
  queueToken: {
    type: 'apiKey',
    in: 'header',
    name: 'X-Queue-Token',
    description: 'Your place: `token` of POST /api/v1/queue/tokens',
  },
};

const HEADERS = {
  'X-Request-Id': { description: 'The trace id of this request', schema: { type: 'string' } },
  Location: { description: 'The address of what was made', schema: { type: 'string' } },
  ETag: { description: 'Send it as If-None-Match', schema: { type: 'string' } },
  'Idempotency-Replayed': {
    description: '`true` if this reply was stored by an earlier request',
    schema: { type: 'string', enum: ['true'] },
  },
  'Retry-After': { description: 'Try again after this many seconds', schema: { type: 'integer' } },
  'WWW-Authenticate': { description: 'What would be accepted', schema: { type: 'string' } },
};

function describe(operation: Operation): Json {
  const { operationId, tag, summary, description, body } = operation;
  return {
    operationId,
    tags: [tag],
    summary,
    description,
    security: securityOf(operation),
    parameters: [...pathParameters(operation), ...queryParameters(operation), ...headerParameters(operation)],
    ...(body
      ? { requestBody: { required: body.required, content: { 'application/json': { schema: schemaOf(body.schema) } } } }
      : {}),
    responses: responsesOf(operation),
  };
}

function securityOf({ access }: Operation): Json[] {
  if (access === 'open') return [];
  return access === 'token' || access === 'guarded' ? [{ bearerAuth: [], queueToken: [] }] : [{ bearerAuth: [] }];
}

function pathParameters({ path }: Operation): Json[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    description: name === 'name' ? 'The name of a queue' : 'An `id` from a list or from an earlier reply',
    schema: name === 'name' ? { type: 'string', example: 'main' } : { type: 'integer', minimum: 1, example: 1 },
  }));
}

function queryParameters({ query }: Operation): Json[] {
  if (!query) return [];
  const { properties = {} } = z.toJSONSchema(query, { io: 'input' });
  return Object.entries(properties).map(([name, schema]) => {
    const { description, ...rest } = schema as Json;
    return { name, in: 'query', required: false, description, schema: rest };
  });
}

function headerParameters({ idempotencyKey, replies }: Operation): Json[] {
  const key = {
    name: 'Idempotency-Key',
    in: 'header',
    required: true,
    description: 'Your name for this intention: 1 to 255 visible ASCII characters; kept for 24 hours',
    schema: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[!-~]+$' },
    example: idempotencyKey,
  };
  const tag = {
    name: 'If-None-Match',
    in: 'header',
    required: false,
    description: 'The ETag of what you have',
    schema: { type: 'string' },
  };
  const lastEvent = {
    name: 'Last-Event-ID',
    in: 'header',
    required: false,
    description: 'The `id` of the last event that you have: only what you do not have is sent',
    schema: { type: 'string' },
  };
  return [
    ...(idempotencyKey ? [key] : []),
    ...(replies.some(({ status }) => status === 304) ? [tag] : []),
    ...(replies.some(({ events }) => events) ? [lastEvent] : []),
  ];
}

function responsesOf(operation: Operation): Json {
  const responses: Record<string, Json> = {};
  for (const reply of operation.replies) responses[reply.status] = success(reply);
  for (const [status, problem] of refusalResponses(operation)) {
    const known = responses[status];
    responses[status] = known
      ? { ...known, content: { ...(known.content as Json), ...(problem.content as Json) } }
      : problem;
  }
  return responses;
}

function success({
  description,
  body,
  mediaType = 'application/json',
  headers = [],
  events,
  links = [],
}: Success): Json {
  return {
    description,
    headers: headerRefs(['X-Request-Id', ...headers]),
    ...(body ? { content: { [mediaType]: { schema: schemaOf(body) } } } : {}),
    ...(events ? { content: { 'text/event-stream': streamOf(events) } } : {}),
    ...(links.length > 0 ? { links: Object.fromEntries(links.map((link) => [link.operationId, link])) } : {}),
  };
}

/** OpenAPI 3.1 has no word for the events of a stream: the schemas of their data are in an extension. */
function streamOf(events: NonNullable<Success['events']>): Json {
  const described = Object.entries(events).map(([name, { description, data }]) => [
    name,
    { description, data: schemaOf(data) },
  ]);
  const list = Object.entries(events).map(([name, { description }]) => `- \`event: ${name}\`: ${description}`);
  return {
    schema: { type: 'string', description: `Server-sent events; the data of each is JSON:\n\n${list.join('\n')}` },
    'x-events': Object.fromEntries(described) as Json,
  };
}

/** Every schema with an id. What is accepted is described (`input`): a field with a default may be left out. */
function componentSchemas(): Json {
  const { schemas } = z.toJSONSchema(z.globalRegistry, { uri: (id) => `#/components/schemas/${id}`, io: 'input' });
  return Object.fromEntries(Object.entries(schemas).map(([id, schema]) => [id, withoutDialect(schema)]));
}
