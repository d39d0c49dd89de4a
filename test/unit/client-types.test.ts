import { readFileSync } from 'node:fs';
import path from 'node:path';
import { buildOpenApi } from '../../src/api/openapi';
import { clientTypes } from '../../src/api/openapi-types';
import { operationsFor } from '../../src/api/operations/all';

const file = path.join(__dirname, '../../web/src/api/operations.ts');

test('the types that the pages use are those of the API document (else: npm run client-types)', () => {
  expect(readFileSync(file, 'utf8')).toBe(clientTypes(buildOpenApi(operationsFor('dev'))));
});

test('a schema that cannot be said in TypeScript is refused, not left out', () => {
  const document = { components: { schemas: { Odd: { type: 'date' } } }, paths: {} };
  expect(() => clientTypes(document)).toThrow('no TypeScript for {"type":"date"}');
});
