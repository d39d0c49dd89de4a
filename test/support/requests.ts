import { z } from 'zod';
import type { Operation } from '../../src/api/operations/operation';
import type { CallOptions } from './fan';

/** What requests can name, by the words that paths use for it. */
export interface Things {
  concerts: number;
  schedules: number;
  queues: string;
  reservations: number;
  payments: number;
  seats: number;
}

/** The fields of bodies that name something. A new one has to be entered here. */
const FIELDS: Record<string, keyof Things> = {
  reservationId: 'reservations',
  scheduleId: 'schedules',
  seatIds: 'seats',
  queue: 'queues',
};

export interface JsonSchema {
  $ref?: string;
  type?: string;
  properties?: Record<string, JsonSchema>;
  items?: JsonSchema;
  example?: unknown;
  default?: unknown;
}

/** The JSON Schema of what is sent, with every reference replaced by what it refers to. */
export function jsonSchema(schema: z.ZodType): JsonSchema {
  const { $defs, ...top } = z.toJSONSchema(schema, { io: 'input' }) as JsonSchema & { $defs?: object };
  const inlined = (part: JsonSchema): JsonSchema => {
    const { $ref, ...own } = part;
    const name = $ref?.split('/').at(-1);
    if (name) return { ...inlined(($defs as Record<string, JsonSchema>)[name] as JsonSchema), ...own };
    const members = Object.entries(part.properties ?? {}).map(([key, member]) => [key, inlined(member)]);
    return {
      ...part,
      ...(part.items ? { items: inlined(part.items) } : {}),
      ...(part.properties ? { properties: Object.fromEntries(members) as Record<string, JsonSchema> } : {}),
    };
  };
  return inlined(top);
}

/** What an operation names: by its path, and by the fields of its body. A field that is not known is given as it is. */
export function namedBy({ path, body }: Operation): string[] {
  const inPath = [...path.matchAll(/\/([a-z]+)\/\{/g)].map((match) => match[1] as string);
  const fields = body ? Object.keys(jsonSchema(body.schema).properties ?? {}) : [];
  const inBody = fields.filter((field) => field in FIELDS || /Ids?$/.test(field));
  return [...inPath, ...inBody.map((field) => FIELDS[field] ?? field)];
}

/** A request that nothing is wrong with, about these things; for the rest, the examples of the API document. */
export function validRequest({ path, body, query }: Operation, things: Things): CallOptions & { json?: object } {
  const inPath = /\/([a-z]+)\/\{/.exec(path)?.[1] as keyof Things | undefined;
  const fields = Object.entries(body ? (jsonSchema(body.schema).properties ?? {}) : {}).map(([name, schema]) => {
    const thing = FIELDS[name];
    if (!thing) return [name, schema.example ?? schema.default];
    return [name, schema.type === 'array' ? [things[thing]] : things[thing]];
  });
  const parameters = Object.entries(query ? (jsonSchema(query).properties ?? {}) : {}).flatMap(([name, { example }]) =>
    typeof example === 'string' || typeof example === 'number' ? [[name, String(example)]] : [],
  );
  return {
    ...(parameters.length > 0 ? { query: Object.fromEntries(parameters) as Record<string, string> } : {}),
    ...(inPath ? { id: things[inPath] } : {}),
    ...(body ? { json: Object.fromEntries(fields) as object } : {}),
  };
}
