import type { ChargeView } from '../../src/contracts/asset';
import type { PaymentView } from '../../src/contracts/payment';
import type { ReservationView } from '../../src/contracts/reservation';
import { Effects, type Effect } from './effects';
import { Line } from './line';
import { Money } from './money';
import { Seats } from './seats';
import type { Violation } from './violations';

/** A payment is one per reservation, whatever the keys. */
const paymentName = (reservationId: number) => `payment of ${reservationId}`;

/** What is true by acknowledged replies alone. Each further reply is held against it. */
export class Model {
  readonly violations: Violation[] = [];
  private readonly violated = (fault: Violation['fault'], sentence: string) => {
    this.violations.push({ fault, sentence });
    this.onViolation(sentence);
  };
  readonly seats = new Seats(this.violated);
  readonly money = new Money(this.violated);
  readonly effects = new Effects(this.violated);
  readonly line: Line;
  /** By reservation. */
  readonly payments = new Map<number, PaymentView>();

  constructor(
    terms: { activeMs: number },
    private readonly onViolation: (sentence: string) => void = () => undefined,
  ) {
    this.line = new Line(this.violated, terms.activeMs);
  }

  violate(fault: Violation['fault'], sentence: string): void {
    this.violated(fault, sentence);
  }

  /** A request with a key is about to be sent, for the first time or again. */
  sending({ kind, userId, key, json }: Effect, tokenId: number | undefined): void {
    if (kind === 'charge') this.money.asked(userId, key, (json as { amount: number }).amount);
    if (kind === 'payment') {
      const { reservationId } = json as { reservationId: number };
      const hold = this.seats.holds.get(reservationId);
      if (hold) this.money.asked(userId, paymentName(reservationId), -hold.totalPrice);
      this.seats.mayBePaid(reservationId);
      if (tokenId !== undefined) this.line.mayEnd(tokenId, 'pay');
    }
  }

  held(effect: Effect, view: ReservationView): void {
    this.effects.acknowledged(effect, view.id);
    const wanted = (effect.json as { seatIds: number[] }).seatIds;
    const got = view.tickets.map((ticket) => ticket.seatId);
    if (wanted.length !== got.length || !wanted.every((seatId) => got.includes(seatId))) {
      this.violated('wrong', `key ${effect.key} asked for seats ${String(wanted)} and holds ${String(got)}`);
    }
    this.seats.held(view, effect.userId);
  }

  charged(effect: Effect, view: ChargeView, replayed: boolean): void {
    this.effects.acknowledged(effect, view.entryId);
    this.money.done(effect.userId, effect.key, view.amount);
    // A reply that was stored tells of an earlier moment.
    if (!replayed) this.money.saw(effect.userId, view.balance);
  }

  paid(effect: Effect, view: PaymentView, first: boolean): void {
    const { userId } = effect;
    const hold = this.seats.holds.get(view.reservationId);
    const before = this.payments.get(view.reservationId);
    this.effects.acknowledged(effect, view.id);
    if (before && before.id !== view.id) {
      this.violated('doubled', `reservation ${view.reservationId} has payments ${before.id} and ${view.id}`);
    }
    if (hold && view.price !== hold.totalPrice) {
      this.violated('wrong', `reservation ${hold.id} costs ${hold.totalPrice}, and ${view.price} was paid`);
    }
    this.payments.set(view.reservationId, view);
    this.money.done(userId, paymentName(view.reservationId), -view.price);
    this.seats.paid(view.reservationId);
    if (first) this.money.saw(userId, view.balance);
  }

  refused(effect: Effect, code: string): void {
    this.effects.refused(effect, code);
    if (effect.kind === 'payment') this.checkUnpaid(effect, code);
    if (effect.state !== 'refused') return;
    if (effect.kind === 'charge') this.money.refused(effect.userId, effect.key);
    if (effect.kind === 'payment') {
      this.money.refused(effect.userId, paymentName((effect.json as { reservationId: number }).reservationId));
    }
  }

  private checkUnpaid({ userId, json }: Effect, code: string): void {
    const { reservationId } = json as { reservationId: number };
    const hold = this.seats.holds.get(reservationId);
    if (!hold) return;
    const wrong = (why: string) => this.violated('wrong', `payment of ${reservationId} refused with ${code}: ${why}`);
    if (hold.status === 'PAID') wrong('it is paid');
    if (code === 'insufficient_balance' && this.money.surelyCovers(userId, hold.totalPrice))
      wrong('the money is there');
    if (code === 'hold_expired' && !hold.endAsked && Date.now() < hold.expiresMs) wrong('it has not');
    if (code === 'reservation_not_payable' && !hold.endAsked) wrong('nobody cancelled it');
  }
}
