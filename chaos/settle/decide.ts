import { setTimeout as delay } from 'node:timers/promises';
import type { Fan } from '../../test/support/fan';
import { attemptOnce } from '../fans/effect';
import type { Effect } from '../model/effects';
import type { Random } from '../random';
import type { World } from '../world';

const DECIDED_MS_MAX = 60_000;
const PAUSE_MS = 200;
const AT_ONCE = 8;

/**
 * Asks for every open effect again, with its key, until it is decided; those of one user in turn, so that each balance in
 * a reply is the latest. What still is not decided is a violation.
 */
export async function decideOpen(world: World, random: Random): Promise<void> {
  const open = new Map<number, Effect[]>();
  for (const effect of world.model.effects.ofState('open')) {
    open.set(effect.userId, [...(open.get(effect.userId) ?? []), effect]);
  }
  const users = [...open];
  const deadline = performance.now() + DECIDED_MS_MAX;
  const lane = async (): Promise<void> => {
    for (let next = users.pop(); next; next = users.pop()) {
      const [userId, effects] = next;
      for (const effect of effects) await decide(world, world.credentials.get(userId)!, random, effect, deadline);
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
