import { loadConfig } from '../config';
import { connectTemporal } from '../temporal/connect';
import { registerSearchAttributes } from '../temporal/setup';

async function main(): Promise<void> {
  const config = loadConfig();
  const { client, close } = connectTemporal(config.temporal, []);
  try {
    const added = await registerSearchAttributes(client, config.temporal.namespace);
    console.log(added.length === 0 ? 'search attributes are registered' : `registered: ${added.join(', ')}`);
  } finally {
    await close();
  }
}

main().catch((error: unknown) => {
  console.error(`Temporal could not be set up: ${(error as Error).message}`);
  process.exitCode = 1;
});
