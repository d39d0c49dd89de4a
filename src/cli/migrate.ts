import { loadConfig } from '../config';
import { connect } from '../db/connect';
import { migrate } from '../db/migrate';

async function main(): Promise<void> {
  const config = loadConfig();
  const db = connect({ url: config.databaseUrl, poolMax: 3 });
  try {
    const names = await migrate(db, config.queue);
    console.log(names.length === 0 ? 'schema is up to date' : `migrated: ${names.join(', ')}`);
  } finally {
    await db.destroy();
  }
}

main().catch((error: unknown) => {
  console.error(`The schema could not be brought up to date: ${(error as Error).message}`);
  process.exitCode = 1;
});
