import { Client, Connection } from '@temporalio/client';
import { connect, type Database } from '../src/db/connect';
import { startChild, type Child } from './child';
import { createFans, type Fans } from './fans';
import { createHalls, type Halls } from './halls';
import { startLoad, type Load } from './load/load';
import type { Target } from './load/plan';
import type { System } from './system';

/** Everything the scenarios work with. */
export interface Bench {
  system: System;
  /** The API under test, and the bare Express beside it. */
  api: Target;
  floor: Target;
  floorPid: number;
  load: Load;
  db: Database;
  temporal: Client;
  fans: Fans;
  halls: Halls;
  /** Timed length of one round of one scenario. */
  seconds: number;
  close(): Promise<void>;
}

/** The database is asked once in a while only. */
const POOL_MAX = 2;

export async function openBench(system: System, seconds: number): Promise<Bench> {
  const load = await startLoad();
  const floorProcess = await startChild('floor/http.ts');
  const connection = await Connection.connect({ address: system.temporalAddress });
  const db = connect({ url: system.databaseUrl, poolMax: POOL_MAX });
  const { hostname, port } = new URL(system.url);
  const api = { host: hostname, port: Number(port) };
  const fans = createFans(load, api, db, system.tokenSecret);
  return {
    system,
    api,
    floor: await floorTarget(floorProcess),
    floorPid: floorProcess.pid,
    load,
    db,
    temporal: new Client({ connection }),
    fans,
    halls: createHalls(load, api, fans, db),
    seconds,
    close: async () => {
      await Promise.all([load.stop(), floorProcess.stop(), connection.close(), db.destroy()]);
    },
  };
}

async function floorTarget(floorProcess: Child): Promise<Target> {
  return { host: '127.0.0.1', port: await floorProcess.call<number>('port') };
}
