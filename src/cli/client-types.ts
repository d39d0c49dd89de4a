import { clientTypes } from '../api/openapi-types';
import { buildOpenApi } from '../api/openapi';
import { operationsFor } from '../api/operations/all';

/** Prints what `web/src/api/operations.ts` has to be. */
process.stdout.write(clientTypes(buildOpenApi(operationsFor('dev'))));
