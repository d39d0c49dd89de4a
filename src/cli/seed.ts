import { loadConfig } from '../config';
import { connect } from '../db/connect';
import { seedDemoData } from '../db/demo-data';

async function main(): Promise<void> {
  const config = loadConfig();
  const db = connect({ url: config.databaseUrl, poolMax: 1 });
  try {
    const concerts = await seedDemoData(db);
    console.log(concerts === 0 ? 'there are concerts already' : `made ${concerts} demo concerts`);
  } finally {
    await db.destroy();
  }
}

main().catch((error: unknown) => {
  console.error(`The demo data could not be made: ${(error as Error).message}`);
  process.exitCode = 1;
});
