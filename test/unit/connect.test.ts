import { AsyncLocalStorage } from 'node:async_hooks';
import { Client, Connection } from '@temporalio/client';
import { connectTemporal } from '../../src/temporal/connect';
import { loadConfig } from '../../src/config';

/** Nobody listens there: the call fails, which is all the same here. */
const address = '127.0.0.1:1';
const entered = jest.spyOn(AsyncLocalStorage.prototype, 'run');
beforeEach(() => entered.mockClear());

const { temporal } = loadConfig({
  DATABASE_URL: 'mysql://nobody:nothing@127.0.0.1:1/none',
  TEMPORAL_ADDRESS: address,
  TOKEN_SECRET: 'x'.repeat(32),
  AUTH_MODE: 'dev',
});
const count = (client: Client) => client.workflow.count().catch(() => undefined);

test('a call to Temporal enters no AsyncLocalStorage, which would have Node follow every promise of the process', async () => {
  const { client, close } = connectTemporal(temporal, []);
  await count(client);
  expect(entered).not.toHaveBeenCalled();
  await close();
});

test("control: over the SDK's own connection it does", async () => {
  const connection = Connection.lazy({ address });
  await connection.withDeadline(Date.now() + 500, () => count(new Client({ connection })));
  expect(entered).toHaveBeenCalled();
  await connection.close();
});

test('a call is given up after the time for its kind', async () => {
  const { client, close } = connectTemporal(temporal, []);
  const startedMs = performance.now();
  await count(client);
  const tookMs = performance.now() - startedMs;
  expect(tookMs).toBeGreaterThan(1_500);
  expect(tookMs).toBeLessThan(4_500);
  await close();
});
