import { setTimeout as delay } from 'node:timers/promises';
import type { Fan } from '../../test/support/fan';
import { attemptOnce } from '../fans/effect';
import type { Effect } from '../model/effects';
import type { Random } from '../random';
import type { World } from '../world';

const DECIDED_MS_MAX = 60_000;
const PAUSE_MS = 200;
const AT_ONCE = 8;

/** Asks for every open effect again, with its key, until it is decided. What still is not is a violation. */
export async function decideOpen(world: World, random: Random): Promise<void> {
  const open = world.model.effects.ofState('open');
  const deadline = performance.now() + DECIDED_MS_MAX;
  const lane = async (): Promise<void> => {
    for (let effect = open.pop(); effect; effect = open.pop()) {
      await decide(world, world.credentials.get(effect.userId)!, random, effect, deadline);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
}

async function decide(world: World, fan: Fan, random: Random, effect: Effect, deadline: number): Promise<void> {
  effect.lost = 0; // every request of before has ended with the faults: a refusal is final now
  while (!(await attemptOnce(world, fan, random, effect))) {
    if (performance.now() > deadline) {
      return world.model.violate('undecided', `${effect.kind} ${effect.key} of user ${effect.userId}`);
    }
    effect.lost = 0;
    await delay(PAUSE_MS);
  }
}
