import { startChild } from '../child';
import type { RunPlan, RunResult, Target } from './plan';

/** The generator, seen from the driver. */
export interface Load {
  /** Hands over requests under a name; they are sent in this order, over as many runs as it takes. */
  load(pool: string, requests: string[]): Promise<void>;
  /** Runs once. A reply with an unexpected status throws `WrongReplies`. */
  run(plan: RunPlan): Promise<RunResult>;
  /** Sends every request once, many at a time, and gives the parsed bodies in the same order. */
  all<Body>(target: Target, requests: string[], expected: number[]): Promise<Body[]>;
  stop(): Promise<void>;
}

/** Something was answered that must not be: the whole bench has failed. */
export class WrongReplies extends Error {}

/** As many as the measured runs use: whatever has to be made first is made as fast as it is measured. */
export const CONNECTIONS = 50;
const PREPARATION = 'preparation';

export async function startLoad(): Promise<Load> {
  const child = await startChild('load/generator.ts');
  const load = (pool: string, requests: string[]) => child.call<void>({ load: { pool, requests } });
  const run = async (plan: RunPlan): Promise<RunResult> => {
    const result = await child.call<RunResult>({ run: plan });
    if (result.wrong > 0) {
      const count = `${result.wrong} unexpected replies to ${plan.pool} (${JSON.stringify(result.tally)})`;
      throw new WrongReplies([count, ...result.wrongExamples].join('\n  '));
    }
    return result;
  };
  return {
    load,
    run,
    all: async <Body>(target: Target, requests: string[], expected: number[]) => {
      await load(PREPARATION, requests);
      const once = { warmUpMs: 0, measureMs: null, cycle: false, capture: true, pauseMs: 0 };
      const { bodies } = await run({ target, pool: PREPARATION, connections: CONNECTIONS, expected, ...once });
      return bodies.map((body) => JSON.parse(body) as Body);
    },
    stop: child.stop,
  };
}
