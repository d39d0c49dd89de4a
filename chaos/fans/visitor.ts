import { randomUUID } from 'node:crypto';
import type { QueueTokenView } from '../../src/contracts/queue';
import type { ReservationView } from '../../src/contracts/reservation';
import type { CallOptions, Fan, Sale } from '../../test/support/fan';
import type { Reply } from '../../test/support/http';
import type { Effect } from '../model/effects';
import { tokenId } from '../model/line';
import type { Random } from '../random';
import type { World } from '../world';
import { ask } from './ask';
import { perform } from './effect';

/** Some come too late. */
const LATE_MS = 500;

/** A fan on their way through a sale, and what they know. */
export class Visitor {
  status: QueueTokenView['status'] | 'NONE' = 'NONE';
  /** Seats that were free when they last looked. */
  seatIds: number[] = [];
  /** Theirs, in whatever state. */
  readonly reservationIds: number[] = [];
  readonly paymentIds: number[] = [];

  constructor(
    readonly world: World,
    readonly fan: Fan,
    readonly sale: Sale,
    readonly random: Random,
  ) {}

  ask<Body>(operationId: string, options: CallOptions = {}): Promise<Reply<Body> | undefined> {
    return ask<Body>(this.world, this.fan, this.random, operationId, options);
  }

  /** A guarded read: served to those inside, and to nobody else. */
  async look<Body>(operationId: string, options: CallOptions = {}): Promise<Reply<Body> | undefined> {
    const token = this.tokenId;
    const sentMs = Date.now();
    const reply = await this.ask<Body>(operationId, options);
    const code = reply?.problem?.code;
    if (token === undefined || !reply) return reply;
    if (!code) this.world.model.line.guarded(token, true, sentMs);
    else if (code === 'queue_token_ended') this.world.model.line.guarded(token, false, sentMs);
    if (code === 'queue_token_ended') this.status = 'USED';
    return reply;
  }

  /** `name` makes the key, so that what is meant to be the same effect is asked for under the same one. */
  async effect(kind: Effect['kind'], json: object, name: string = randomUUID()): Promise<Effect> {
    const operationId = { hold: 'holdSeats', charge: 'chargeAsset', payment: 'payReservation' }[kind];
    const { userId } = this.fan;
    const effect = this.world.model.effects.begin({ kind, key: `${kind}-${name}`, userId, operationId, json });
    await perform(this.world, this.fan, this.random, effect);
    if (effect.state !== 'done' && effect.refusal === 'queue_token_ended') this.status = 'USED';
    return effect;
  }

  get tokenId(): number | undefined {
    return this.fan.queueToken ? tokenId({ token: this.fan.queueToken }) : undefined;
  }

  saw(view: ReservationView): void {
    this.world.model.seats.saw(view.id, view.status);
  }

  get isInLine(): boolean {
    return this.status === 'WAITING' || this.status === 'ACTIVE';
  }

  /** Those that may still be paid or cancelled, and for a moment those that have just run out. */
  get live(): number[] {
    return this.reservationIds.filter((id) => {
      const hold = this.world.model.seats.holds.get(id);
      return hold?.status === 'HELD' && !hold.endAsked && Date.now() < hold.expiresMs + LATE_MS;
    });
  }
}
