import type { ReservationView } from '../../src/contracts/reservation';
import { CLOCK_SLACK_MS, type Violated } from './violations';

export interface Hold {
  readonly id: number;
  readonly userId: number;
  readonly seatIds: readonly number[];
  readonly totalPrice: number;
  readonly fromMs: number;
  readonly expiresMs: number;
  /** Until here nobody else can have had the seats, whatever became of the requests whose replies were lost. */
  surelyUntilMs: number;
  payAsked: boolean;
  endAsked: boolean;
  /** As acknowledged last. */
  status: ReservationView['status'];
}

/** A request that ends all holds that a user has by the time when it is done. */
interface Leaving {
  readonly sentMs: number;
  doneMs: number;
}

/** Who has which seat, as far as acknowledged replies say. */
export class Seats {
  readonly holds = new Map<number, Hold>();
  private readonly bySeat = new Map<number, Hold[]>();
  private readonly leavings = new Map<number, Leaving[]>();

  constructor(private readonly violated: Violated) {}

  /** The acknowledgement of a hold, or of the same one again. */
  held(view: ReservationView, userId: number): void {
    if (this.holds.has(view.id)) return;
    const expiresMs = Date.parse(view.expiresAt);
    const hold: Hold = {
      id: view.id,
      userId,
      seatIds: view.tickets.map((ticket) => ticket.seatId),
      totalPrice: view.totalPrice,
      fromMs: Date.parse(view.reservedAt),
      expiresMs,
      surelyUntilMs: expiresMs,
      payAsked: false,
      endAsked: false,
      status: 'HELD',
    };
    this.holds.set(hold.id, hold);
    // Its reply may come long after its end.
    for (const leaving of this.leavings.get(userId) ?? []) this.mayHaveLeft(hold, leaving);
    for (const seatId of hold.seatIds) {
      this.bySeat.set(seatId, [...(this.bySeat.get(seatId) ?? []), hold]);
    }
    this.checkAlone(hold);
  }

  /** A request that pays it was sent. */
  mayBePaid(id: number): void {
    const hold = this.holds.get(id);
    if (hold) hold.payAsked = true;
  }

  /** A request that ends it was sent: from then on the seats may be another's. */
  mayEnd(id: number, sentMs = Date.now()): void {
    const hold = this.holds.get(id);
    if (!hold || hold.status === 'PAID') return;
    hold.endAsked = true;
    hold.surelyUntilMs = Math.min(hold.surelyUntilMs, sentMs);
  }

  /** A request that ends all of a user's holds was sent; gives what to call when it is acknowledged. */
  leaving(userId: number, sentMs = Date.now()): () => void {
    const leaving: Leaving = { sentMs, doneMs: Number.POSITIVE_INFINITY };
    this.leavings.set(userId, [...(this.leavings.get(userId) ?? []), leaving]);
    for (const hold of this.holds.values()) if (hold.userId === userId) this.mayHaveLeft(hold, leaving);
    return () => (leaving.doneMs = Date.now());
  }

  paid(id: number): void {
    const hold = this.holds.get(id);
    if (!hold) return;
    this.move(hold, 'PAID');
    hold.surelyUntilMs = Number.POSITIVE_INFINITY;
    this.checkAlone(hold);
  }

  /** A reply showed it in this state. */
  saw(id: number, status: ReservationView['status']): void {
    const hold = this.holds.get(id);
    if (!hold) return;
    if (status === 'PAID') return this.paid(id);
    this.move(hold, status);
  }

  /** A seat map of this moment offered the seat. */
  offered(seatId: number, asOfMs: number, sentMs: number): void {
    const owner = this.bySeat.get(seatId)?.find((hold) => hold.status === 'PAID');
    if (owner && owner.expiresMs < Math.min(asOfMs, sentMs)) {
      this.violated('lost', `seat ${seatId} was sold with reservation ${owner.id} and is offered again`);
    }
  }

  private mayHaveLeft({ id, fromMs }: Hold, { sentMs, doneMs }: Leaving): void {
    if (fromMs <= doneMs) this.mayEnd(id, Math.max(sentMs, fromMs));
  }

  private move(hold: Hold, status: Hold['status']): void {
    const from = hold.status;
    hold.status = status;
    const say = (fault: 'lost' | 'wrong', what: string) => this.violated(fault, `reservation ${hold.id} ${what}`);
    // A payment that was decided just in time may be seen after the deadline was.
    const overtaken = from === 'EXPIRED' && status === 'PAID' && hold.payAsked;
    if (from !== 'HELD' && from !== status && !overtaken) {
      say(from === 'PAID' ? 'lost' : 'wrong', `was ${from} and is ${status}`);
    } else if (status === 'PAID' && !hold.payAsked) say('wrong', 'is PAID, and nobody paid it');
    else if (status === 'CANCELLED' && !hold.endAsked) say('lost', 'is CANCELLED, and nobody cancelled it');
    else if (status === 'EXPIRED' && Date.now() < hold.expiresMs - CLOCK_SLACK_MS) say('lost', 'EXPIRED too early');
  }

  private checkAlone(hold: Hold): void {
    for (const seatId of hold.seatIds) {
      for (const other of this.bySeat.get(seatId) ?? []) {
        const overlap = other.fromMs < hold.surelyUntilMs && hold.fromMs < other.surelyUntilMs;
        if (other === hold || !overlap) continue;
        this.violated('doubled', `seat ${seatId} has two owners at once: reservations ${other.id} and ${hold.id}`);
      }
    }
  }
}
