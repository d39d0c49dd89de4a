import { randomUUID } from 'node:crypto';
import { Connection, type Client } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time';
import type { Config } from '../../src/config';
import { connectTemporal } from '../../src/temporal/connect';
import { registerSearchAttributes } from '../../src/temporal/setup';

export interface TestNamespace {
  readonly client: Client;
  readonly config: Config['temporal'];
}

/** Gives this test file a namespace of its own on the server of the run: nobody else's workflows have the ids of its rows. */
export function useNamespace(): TestNamespace {
  const address = process.env['TEMPORAL_ADDRESS'];
  if (!address) throw new Error('TEMPORAL_ADDRESS is not set: run the tests with `npm test`');
  const namespace = `test-${randomUUID()}`;
  const config = { address, namespace, tls: false } as Config['temporal'];
  const { client, close } = connectTemporal(config, []);

  beforeAll(async () => {
    const connection = await Connection.connect({ address });
    await registerNamespace(connection, namespace);
    await connection.close();
    await registerSearchAttributes(client, namespace);
  });
  afterAll(close);
  return { client, config };
}

export async function registerNamespace(connection: Connection, namespace: string): Promise<void> {
  await connection.workflowService.registerNamespace({
    namespace,
    workflowExecutionRetentionPeriod: msToTs('1 day'),
  });
}
