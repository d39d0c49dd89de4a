/** Where a run sends its requests. */
export interface Target {
  host: string;
  port: number;
}

/** One run of the generator, as the driver asks for it. */
export interface RunPlan {
  target: Target;
  /** Name of the requests given to `load`. Each run goes on where the one before stopped. */
  pool: string;
  connections: number;
  /** Statuses that are right; any other makes the bench fail. */
  expected: readonly number[];
  /** How long to send before counting. */
  warmUpMs: number;
  /** How long to count; `null`: send every request of the pool once, and count all. */
  measureMs: number | null;
  /** Begins the pool anew at its end; otherwise the run ends there. */
  cycle: boolean;
  /** Keeps the bodies of all replies, in the order of the requests. */
  capture: boolean;
  /** Rest after each reply. */
  pauseMs: number;
}

/** What a run saw. */
export interface RunResult {
  /** Replies within the counted time, and its length. */
  replies: number;
  seconds: number;
  /** Of the counted replies, in ms. */
  latenciesMs: Float64Array;
  /** All replies, those before and after the counted time included, by status and problem code. */
  tally: Record<string, number>;
  /** Replies with an unexpected status, and the first few of them in words. */
  wrong: number;
  wrongExamples: string[];
  /** The generator's share of one core: near 1 means that it was the bottleneck. */
  generatorLoad: number;
  bodies: string[];
}

export type GeneratorRequest = { load: { pool: string; requests: string[] } } | { run: RunPlan };
