import { z } from 'zod';

export type Json = Record<string, unknown>;

/** References to these of the document's header components. */
export function headerRefs(names: readonly string[]): Json {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}

/** A reference to the schema's component, or the schema itself if it has no id. */
export function schemaOf(schema: z.ZodType): Json {
  const id = z.globalRegistry.get(schema)?.id;
  return id ? { $ref: `#/components/schemas/${id}` } : withoutDialect(z.toJSONSchema(schema, { io: 'input' }));
}

/** Inside an OpenAPI 3.1 document the dialect is JSON Schema 2020-12 already, and the address is the component's. */
export function withoutDialect(schema: object): Json {
  const { $schema: _dialect, $id: _address, ...rest } = schema as Json;
  return rest;
}
