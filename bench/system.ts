/** A system under test, as `scripts/bench.mjs` has started it and describes it in `BENCH_SYSTEMS`. */
export interface System {
  url: string;
  /** Free when the bench began: for one more API. */
  sparePort: number;
  databaseUrl: string;
  temporalAddress: string;
  dataDir: string;
  /** Signs the sessions of the fans. */
  tokenSecret: string;
  /** Settings that differ from those of `npm start`. */
  settings: Record<string, string>;
  /** Of its processes by name; a part of the bench may start more of them. */
  pids: Record<string, number> & { api: number; worker: number; temporal: number; database: number };
}

/** The only one, or the first; throws when the bench was not started by its script. */
export function readSystem(): System {
  return readSystems()[0] as System;
}

/** All of them, which have nothing in common; throws when the bench was not started by its script. */
export function readSystems(): System[] {
  const text = process.env.BENCH_SYSTEMS;
  if (!text) throw new Error('Start the bench with: npm run bench');
  return JSON.parse(text) as System[];
}
