import { z } from 'zod';

export const LivenessView = z
  .object({ status: z.literal('alive') })
  .meta({ id: 'Liveness', description: 'The process runs and answers' });

export const ReadinessView = z
  .object({
    status: z.enum(['ready', 'not ready']),
    checks: z.object({
      database: z.enum(['up', 'down']),
      queueSnapshot: z.enum(['fresh', 'stale']).meta({ description: 'Whether the queues were read in the last 10 s' }),
      temporal: z.enum(['up', 'down', 'unknown']).meta({ description: 'Not required: only payments wait for it' }),
      process: z.enum(['running', 'stopping']),
    }),
  })
  .meta({ id: 'Readiness', description: 'Whether requests should be sent here, and why not' });
export type ReadinessView = z.infer<typeof ReadinessView>;
