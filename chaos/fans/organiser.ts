import { setTimeout as delay } from 'node:timers/promises';
import type { Fan } from '../../test/support/fan';
import type { Random } from '../random';
import type { World } from '../world';
import { ask, isUnknown } from './ask';

const PAUSE_MS_MAX = 6_000;
const MAX_ACTIVE = [8, 20] as const;

/** After the faults, everybody may in. */
const OPEN = { maxActive: 100, paused: false, admitPerMinute: null };
const RETRY_MS = 200;

/** Lets everybody in; asks until it is done. */
export async function openDoors(world: World, admin: Fan, random: Random): Promise<void> {
  for (const { queue } of world.sales) {
    while (isUnknown(await ask(world, admin, random, 'updateQueue', { id: queue, json: OPEN }))) await delay(RETRY_MS);
  }
}

/** Watches the queues and changes who may in: narrower, wider, slower, and now and then nobody for a moment. */
export async function organise(world: World, admin: Fan, random: Random): Promise<void> {
  while (!world.signal.aborted) {
    await delay(random.between(0, PAUSE_MS_MAX), undefined, { signal: world.signal }).catch(() => undefined);
    await ask(world, admin, random, 'listQueues');
    const settings = {
      maxActive: Math.round(random.between(...MAX_ACTIVE)),
      admitPerMinute: random.chance(0.3) ? Math.round(random.between(60, 600)) : null,
      paused: random.chance(0.1),
    };
    await ask(world, admin, random, 'updateQueue', { id: random.pick(world.sales).queue, json: settings });
  }
}
