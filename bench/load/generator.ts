/** The process that sends the load, on its own so that neither server nor driver shares its event loop. */
import { serve } from '../child';
import type { GeneratorRequest } from './plan';
import { runPlan, type Pool } from './run';

const pools = new Map<string, Pool>();

serve<GeneratorRequest>(async (request) => {
  if ('load' in request) {
    const { name, requests } = { name: request.load.pool, requests: request.load.requests };
    // Made into bytes now rather than while the clock runs.
    pools.set(name, { requests: requests.map((text) => Buffer.from(text)), next: 0 });
    return undefined;
  }
  const pool = pools.get(request.run.pool);
  if (!pool) throw new Error(`no requests named ${request.run.pool} were loaded`);
  return runPlan(request.run, pool);
});
