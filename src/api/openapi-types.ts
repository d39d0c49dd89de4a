import type { Json } from './openapi-parts';

/**
 * The TypeScript of a client from an OpenAPI document of ours: its schemas as types, and a table of its operations with
 * the types of what each takes and gives. Knows what our documents use of JSON Schema; throws at anything else.
 */
export function clientTypes(document: Json): string {
  const { schemas } = document.components as { schemas: Record<string, Json> };
  const operations = Object.entries(document.paths as Record<string, Record<string, Operation>>).flatMap(
    ([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ ...operation, method, path })),
  );
  return [
    '// Made from the document of the API by `npm run client-types`.',
    ...Object.entries(schemas).map(([name, schema]) => `export type ${name} = ${typeOf(schema)};`),
    `export type ErrorCode = Problem['code'];`,
    `export interface Operations {\n${operations.map(typesOfOperation).join('\n')}\n}`,
    `export const OPERATIONS: { [Id in keyof Operations]: { method: string; path: string; once: boolean } } = {`,
    ...operations.map(entryOfOperation),
    '};',
    '',
  ].join('\n');
}

interface Parameter {
  name: string;
  in: 'path' | 'query' | 'header';
  schema: Json;
}

interface Operation {
  operationId: string;
  method: string;
  path: string;
  parameters: Parameter[];
  requestBody?: { required: boolean; content: Content };
  responses: Record<string, { content?: Content }>;
}

type Content = Record<string, { schema: Json }>;

function typesOfOperation({ operationId, parameters, requestBody, responses }: Operation): string {
  const path = parameters.filter((parameter) => parameter.in === 'path');
  const query = parameters.filter((parameter) => parameter.in === 'query');
  const body = requestBody?.content['application/json']?.schema;
  const replies = Object.entries(responses)
    .filter(([status]) => status.startsWith('2'))
    .map(([, { content }]) =>
      content?.['application/json'] ? typeOf(content['application/json'].schema) : 'undefined',
    );
  const parts = [
    ...path.map(({ name, schema }) => `${name}: ${typeOf(schema)}`),
    ...(query.length
      ? [`query?: { ${query.map(({ name, schema }) => `${name}?: ${typeOf(schema)}`).join('; ')} }`]
      : []),
    ...(body ? [`body${requestBody?.required ? '' : '?'}: ${typeOf(body)}`] : []),
  ];
  return `  ${operationId}: { takes: { ${parts.join('; ')} }; gives: ${[...new Set(replies)].join(' | ') || 'undefined'} };`;
}

function entryOfOperation({ operationId, method, path, parameters }: Operation): string {
  const once = parameters.some(({ name }) => name === 'Idempotency-Key');
  return `  ${operationId}: { method: '${method.toUpperCase()}', path: '${path}', once: ${once} },`;
}

const PRIMITIVES: Record<string, string> = {
  string: 'string',
  integer: 'number',
  number: 'number',
  boolean: 'boolean',
  null: 'null',
};

function typeOf(schema: Json): string {
  const {
    $ref,
    enum: values,
    const: value,
    anyOf,
    oneOf,
    type,
  } = schema as {
    $ref?: string;
    enum?: unknown[];
    const?: unknown;
    anyOf?: Json[];
    oneOf?: Json[];
    type?: string | string[];
  };
  if ($ref) return $ref.split('/').at(-1) as string;
  if (values) return values.map((one) => JSON.stringify(one)).join(' | ');
  if (value !== undefined) return JSON.stringify(value);
  const choices = anyOf ?? oneOf ?? (Array.isArray(type) ? type.map((one) => ({ ...schema, type: one })) : undefined);
  if (choices) return choices.map(typeOf).join(' | ');
  if (type === 'array') return `Array<${typeOf(schema.items as Json)}>`;
  if (type === 'object') return objectType(schema);
  if (type === undefined) return 'unknown';
  const primitive = PRIMITIVES[type as string];
  if (!primitive) throw new Error(`no TypeScript for ${JSON.stringify(schema)}`);
  return primitive;
}

function objectType(schema: Json): string {
  const {
    properties = {},
    required = [],
    additionalProperties,
  } = schema as {
    properties?: Record<string, Json>;
    required?: string[];
    additionalProperties?: Json | boolean;
  };
  const members = Object.entries(properties).map(
    ([name, property]) => `${JSON.stringify(name)}${required.includes(name) ? '' : '?'}: ${typeOf(property)}`,
  );
  if (members.length === 0 && additionalProperties && additionalProperties !== true)
    return `Record<string, ${typeOf(additionalProperties)}>`;
  // A loose object, such as a problem, has further members of any kind.
  const open = additionalProperties && Object.keys(additionalProperties).length === 0;
  return `{ ${[...members, ...(open ? ['[more: string]: unknown'] : [])].join('; ')} }`;
}
