import type { Plan } from '../api/operations';
import { ApiFailure } from '../api/problem';
import { api } from './session';

/** The seating plan of a date; `undefined` where it has none. Asks until it is there, or `signal` ends it. */
export async function readPlan(scheduleId: number, signal: AbortSignal): Promise<Plan | undefined> {
  for (;;) {
    try {
      return await api.call('getPlan', { id: scheduleId }, { signal });
    } catch (error) {
      if (!(error instanceof ApiFailure)) throw error;
      if (error.code === 'not_found') return undefined;
      await new Promise((resolve) => setTimeout(resolve, error.retryAfterMs));
    }
  }
}
