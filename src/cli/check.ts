import { Client, Connection } from '@temporalio/client';
import { loadServers } from '../config';
import { connect, ping } from '../db/connect';
import { checkInvariants } from '../db/invariants';
import type { Checked } from '../invariants';
import { checkOpenWorkflows } from '../temporal/inspect';

/** Exit codes: every invariant holds, one is violated, nothing could be checked. */
const SOUND = 0;
const VIOLATED = 1;
const UNREACHABLE = 2;

/** Checks every invariant of a database completely, and of its workflows where TEMPORAL_ADDRESS is set. Writes nothing. */
async function main(): Promise<number> {
  const { databaseUrl, temporal } = loadServers();
  const db = connect({ url: databaseUrl, poolMax: 1 });
  try {
    await ping(db);
    const results = await checkInvariants(db);
    if (temporal) {
      const connection = await Connection.connect({ address: temporal.address });
      results.push(await checkOpenWorkflows(new Client({ connection, namespace: temporal.namespace }), db));
      await connection.close();
    }
    for (const result of results) print(result);
    if (!temporal) console.log('not checked: I14_open_workflow, because TEMPORAL_ADDRESS is not set');
    return results.some(({ rows }) => rows.length > 0) ? VIOLATED : SOUND;
  } finally {
    await db.destroy();
  }
}

function print({ name, sentence, rows }: Checked): void {
  console.log(`${rows.length === 0 ? 'holds   ' : 'VIOLATED'} ${name}: never ${sentence}`);
  for (const row of rows) console.log(`         ${JSON.stringify(row)}`);
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(`The invariants could not be checked: ${(error as Error).message}`);
    process.exitCode = UNREACHABLE;
  },
);
