import type { QueueTokenView } from '../../src/contracts/queue';
import { TWICE } from './ask';
import type { Visitor } from './visitor';

export async function join(visitor: Visitor): Promise<void> {
  const { fan, random, sale, world } = visitor;
  const askedMs = Date.now();
  const send = () => visitor.ask<QueueTokenView>('issueQueueToken', { json: { queue: sale.queue } });
  for (const reply of await Promise.all(random.chance(TWICE) ? [send(), send()] : [send()])) {
    if (!reply?.body) continue;
    fan.queueToken = reply.body.token;
    visitor.status = reply.body.status;
    world.model.line.issued(reply.body, fan.userId, reply.status, askedMs);
    world.journal.succeeded('effect');
  }
}

export async function poll(visitor: Visitor): Promise<void> {
  const askedMs = Date.now();
  const reply = await visitor.ask<QueueTokenView>('getQueueToken');
  if (!reply?.body) return;
  visitor.status = reply.body.status;
  visitor.world.model.line.saw(reply.body, askedMs);
}

/** Ends the live holds of the token with it. */
export async function leave(visitor: Visitor): Promise<void> {
  const { fan, world } = visitor;
  const token = visitor.tokenId!;
  world.model.line.mayEnd(token, 'leave');
  const left = world.model.seats.leaving(fan.userId);
  const reply = await visitor.ask('leaveQueue');
  if (reply?.status !== 204) return;
  left();
  world.model.line.left(token);
  world.journal.succeeded('effect');
  visitor.status = 'LEFT';
}
