import type { Plan } from '../api/operations';
import { ApiFailure } from '../api/problem';
import { api } from './session';

/** The seating plan of a date; `undefined` where it has none, or cannot be had: seats' names are enough to lay them out. */
export async function readPlan(scheduleId: number, signal: AbortSignal): Promise<Plan | undefined> {
  try {
    return await api.call('getPlan', { id: scheduleId }, { signal });
  } catch (error) {
    if (error instanceof ApiFailure) return undefined;
    throw error;
  }
}
