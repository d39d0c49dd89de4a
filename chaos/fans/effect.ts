import { setTimeout as delay } from 'node:timers/promises';
import type { ChargeView } from '../../src/contracts/asset';
import type { PaymentView } from '../../src/contracts/payment';
import type { ReservationView } from '../../src/contracts/reservation';
import type { Fan } from '../../test/support/fan';
import type { Reply } from '../../test/support/http';
import type { Effect } from '../model/effects';
import { tokenId } from '../model/line';
import type { Random } from '../random';
import type { World } from '../world';
import { ask, isUnknown, TWICE } from './ask';

const ATTEMPTS_MAX = 6;
const RETRY_MS_MAX = 500;

/** Asks for an effect and again with the same key while its outcome is unknown, a few times; gives the effect. */
export async function perform(world: World, fan: Fan, random: Random, effect: Effect): Promise<Effect> {
  for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt += 1) {
    if (await attemptOnce(world, fan, random, effect)) break;
    await delay(random.between(0, RETRY_MS_MAX));
  }
  return effect;
}

/** Sends the request, now and then twice at once; gives whether its outcome is known. */
export async function attemptOnce(world: World, fan: Fan, random: Random, effect: Effect): Promise<boolean> {
  const { model, journal } = world;
  const token = fan.queueToken ? tokenId({ token: fan.queueToken }) : undefined;
  model.sending(effect, token);
  const { operationId, json, key } = effect;
  const send = () => ask(world, fan, random, operationId, { json, key });
  const replies = await Promise.all(random.chance(TWICE) ? [send(), send()] : [send()]);
  effect.lost += replies.filter(isUnknown).length;
  const successes = replies.filter((reply): reply is Reply => reply !== undefined && !reply.problem);
  for (const reply of successes) {
    acknowledge(world, effect, reply);
    journal.succeeded(effect.kind === 'payment' ? 'payment' : 'effect');
  }
  if (successes.length > 0) return true;
  // Beside one that is still under way, a refusal of the same request says nothing.
  if (replies.some(isUnknown)) return false;
  model.refused(effect, replies[0]!.problem!.code);
  return true;
}

function acknowledge({ model }: World, effect: Effect, reply: Reply): void {
  const replayed = reply.headers['idempotency-replayed'] === 'true';
  switch (effect.kind) {
    case 'hold':
      return model.held(effect, reply.body as ReservationView);
    case 'charge':
      return model.charged(effect, reply.body as ChargeView, replayed);
    case 'payment':
      return model.paid(effect, reply.body as PaymentView, reply.status === 201 && !replayed);
  }
}
