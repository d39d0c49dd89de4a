import { setTimeout as delay } from 'node:timers/promises';
import type { SessionView } from '../../src/contracts/admin';
import { Fan } from '../../test/support/fan';
import type { Random } from '../random';
import type { World } from '../world';
import { ask } from './ask';
import { cancel, hold, pay, payAgain } from './booking';
import { join, leave, poll } from './queue';
import { readAsset, readConcert, readReservations, readSeats } from './reading';
import { Visitor } from './visitor';

const ACTIONS_OF_A_VISIT = [15, 60] as const;
const PAUSE_MS_MAX = 120;
/** The others just go away, and their tokens run out. */
const POLITE = 0.8;
const CHARGES = [50_000, 100_000, 300_000, 1_000_000] as const;

const charge = (visitor: Visitor) => visitor.effect('charge', { amount: visitor.random.pick(CHARGES) });
const ACTIONS = {
  join,
  poll,
  leave,
  hold,
  pay,
  payAgain,
  cancel,
  charge,
  readSeats,
  readConcert,
  readAsset,
  readReservations,
};

/** What leads on is done more often than what ends. */
function weights(visitor: Visitor): Record<keyof typeof ACTIONS, number> {
  const { status, seatIds, live, tokenId } = visitor;
  const [inside, waiting] = [status === 'ACTIVE', status === 'WAITING'];
  return {
    join: visitor.isInLine ? 0.3 : 20,
    poll: waiting ? 15 : tokenId === undefined ? 0 : 1,
    leave: tokenId === undefined ? 0 : 0.6,
    hold: inside && seatIds.length > 0 ? 15 : 0,
    pay: live.length > 0 ? 20 : 0,
    payAgain: 1,
    cancel: live.length > 0 ? 3 : 0,
    charge: 3,
    readSeats: tokenId === undefined ? 0 : inside && seatIds.length === 0 ? 15 : 1,
    readConcert: tokenId === undefined ? 0 : 2,
    readAsset: 2,
    readReservations: 2,
  };
}

/** One fan after another, each doing what comes to their mind, until the signal is aborted. */
export async function visit(world: World, random: Random): Promise<void> {
  while (!world.signal.aborted) {
    const visitor = await arrive(world, random);
    if (!visitor) {
      await delay(random.between(0, PAUSE_MS_MAX));
      continue;
    }
    const last = random.between(...ACTIONS_OF_A_VISIT);
    for (let count = 0; count < last && !world.signal.aborted; count += 1) {
      await ACTIONS[random.weighted(weights(visitor))](visitor);
      await delay(random.between(0, PAUSE_MS_MAX));
    }
    if (visitor.isInLine && random.chance(POLITE)) await leave(visitor);
  }
}

async function arrive(world: World, random: Random): Promise<Visitor | undefined> {
  const nobody = new Fan(world.apis[0]!.url, 0, 'none');
  const options = { json: {}, headers: { authorization: undefined } };
  const reply = await ask<SessionView>(world, nobody, random, 'createSession', options);
  if (!reply?.body) return undefined;
  const { userId, accessToken } = reply.body;
  const fan = new Fan(world.apis[0]!.url, userId, accessToken);
  world.credentials.set(userId, fan);
  return new Visitor(world, fan, random.pick(world.sales), random);
}
