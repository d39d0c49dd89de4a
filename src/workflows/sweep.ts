import { proxyActivities, setCurrentDetails } from '@temporalio/workflow';
import type { SweepActivities, SweepReport } from '../activities/sweep';

const { repair, checkInvariants } = proxyActivities<SweepActivities>({
  startToCloseTimeout: '50 seconds',
  // The next minute brings the next sweep.
  scheduleToCloseTimeout: '55 seconds',
  retry: { initialInterval: '1 second' },
});

/** Every minute at second 00: repairs what timers left behind, then checks the invariants and publishes them. */
export async function sweep(): Promise<SweepReport> {
  const repaired = await repair();
  const violations = await checkInvariants();
  const broken = Object.entries(violations).filter(([, count]) => count > 0);
  setCurrentDetails(
    broken.length === 0 ? 'All invariants hold' : `**Violated:** ${broken.map(([name]) => name).join(', ')}`,
  );
  return { repaired, violations };
}
