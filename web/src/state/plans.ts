import { headersFor } from '../api/client';
import type { SeatingPlan } from '../map/plan';
import { credentials } from './session';

/** The seating plan of a date, and which seat each of its ids stands for. */
export interface SchedulePlan {
  plan: SeatingPlan;
  seats: Record<string, number>;
}

/** Reads it; `undefined` where a date has none, or it cannot be had: names of seats are enough to lay them out. */
export async function readPlan(scheduleId: number, signal: AbortSignal): Promise<SchedulePlan | undefined> {
  try {
    const response = await fetch(`/api/v1/schedules/${scheduleId}/plan`, {
      headers: headersFor(credentials(), {}),
      signal,
    });
    return response.ok ? ((await response.json()) as SchedulePlan) : undefined;
  } catch {
    return undefined;
  }
}
