import { Client, Connection } from '@temporalio/client';
import { loadServers, type Config } from '../config';
import { connect, ping, type Database } from '../db/connect';
import { checkInvariants } from '../db/invariants';
import type { Checked } from '../invariants';
import { connectionOptions } from '../temporal/connect';
import { checkOpenWorkflows } from '../temporal/inspect';

/** Exit codes: every invariant holds, one is violated, not all could be checked. */
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
    for (const result of results) print(result);
    const workflows = temporal ? await checkWorkflows(temporal, db) : new Error('TEMPORAL_ADDRESS is not set');
    if (workflows instanceof Error) console.log(`not checked: I14_open_workflow: ${workflows.message}`);
    else print(workflows);
    const violated = [...results, workflows].some((result) => 'rows' in result && result.rows.length > 0);
    if (violated) return VIOLATED;
    return temporal && workflows instanceof Error ? UNREACHABLE : SOUND;
  } finally {
    await db.destroy();
  }
}

/** What the rows say is worth knowing also while Temporal cannot be reached: why not, is given, not thrown. */
async function checkWorkflows(temporal: Config['temporal'], db: Database): Promise<Checked | Error> {
  try {
    const connection = await Connection.connect(connectionOptions(temporal));
    try {
      return await checkOpenWorkflows(new Client({ connection, namespace: temporal.namespace }), db);
    } finally {
      await connection.close();
    }
  } catch (error) {
    return error as Error;
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
