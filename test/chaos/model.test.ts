import type { QueueTokenView } from '../../src/contracts/queue';
import type { ReservationView } from '../../src/contracts/reservation';
import type { Effect } from '../../chaos/model/effects';
import { Model } from '../../chaos/model/model';

const ACTIVE_MS = 10_000;
const HOLD_MS = 5_000;
const PRICE = 99_000;

let model: Model;
const now = Date.now();
const at = (ms: number) => new Date(now + ms).toISOString();
const faults = () => model.violations.map(({ fault }) => fault);

beforeEach(() => (model = new Model({ activeMs: ACTIVE_MS })));

const begin = (kind: Effect['kind'], key: string, json: object, userId = 1): Effect => {
  const effect = model.effects.begin({ kind, key, userId, operationId: kind, json });
  model.sending(effect, undefined);
  return effect;
};
const holdView = (id: number, seatIds: number[], fromMs = 0): ReservationView => ({
  id,
  status: 'HELD',
  scheduleId: 1,
  totalPrice: PRICE * seatIds.length,
  currency: 'KRW',
  reservedAt: at(fromMs),
  expiresAt: at(fromMs + HOLD_MS),
  expiresInSeconds: HOLD_MS / 1_000,
  completedAt: null,
  paymentId: null,
  tickets: seatIds.map((seatId) => ({ id: seatId, seatId, location: `A-${seatId}`, price: PRICE })),
});
const hold = (key: string, id: number, seatIds: number[], fromMs = 0, userId = id) =>
  model.held(begin('hold', key, { scheduleId: 1, seatIds }, userId), holdView(id, seatIds, fromMs));
const charge = (key: string, entryId: number, amount: number, balance: number, replayed = false) =>
  model.charged(begin('charge', key, { amount }), { entryId, amount, balance, currency: 'KRW' }, replayed);
const pay = (key: string, id: number, reservationId: number, balance: number, userId = 1) => {
  const paidAt = at(0);
  const view = { id, reservationId, price: PRICE, currency: 'KRW', paidAt, balance };
  model.paid(begin('payment', key, { reservationId }, userId), view, true);
};
const token = (id: number, over: Partial<QueueTokenView> = {}): QueueTokenView => ({
  token: `${id}.signature`,
  queue: 'main',
  status: 'ACTIVE',
  position: 0,
  ahead: 0,
  estimatedWaitSeconds: 0,
  pollAfterMs: 1_000,
  issuedAt: at(0),
  activatedAt: at(0),
  expiresAt: at(ACTIVE_MS),
  ...over,
});

describe('seats', () => {
  test('one after another is right, also at the very deadline', () => {
    hold('a', 1, [7]);
    hold('b', 2, [7], HOLD_MS);
    expect(faults()).toEqual([]);
  });

  test('two owners at once are found, and whichever hold was paid owns its seats for good', () => {
    hold('a', 1, [6, 7]);
    hold('b', 2, [7, 8], HOLD_MS - 1);
    expect(faults()).toEqual(['doubled']);
    hold('c', 3, [9], 0, 1);
    charge('money', 1, PRICE, PRICE);
    pay('pay', 1, 3, 0);
    hold('d', 4, [9], 100 * HOLD_MS);
    expect(faults()).toEqual(['doubled', 'doubled']);
  });

  test('from the moment that a cancellation was sent, whatever its reply, the seats may be another’s', () => {
    hold('a', 1, [7]);
    model.seats.mayEnd(1, now + 1_000);
    hold('b', 2, [7], 1_001);
    expect(faults()).toEqual([]);
    hold('c', 3, [8]);
    model.seats.mayEnd(3, now + 1_000);
    hold('d', 4, [8], 999);
    expect(faults()).toEqual(['doubled']);
  });

  test('a hold whose reply comes after its end was over by then; one made after the end was acknowledged is not', () => {
    model.seats.leaving(1, now + 1_000);
    hold('b', 2, [7], 1_001);
    hold('a', 1, [7]);
    expect(faults()).toEqual([]);
    model.seats.leaving(3, now - 1_000)();
    hold('c', 3, [8], 60_000);
    hold('d', 4, [8], 60_001);
    expect(faults()).toEqual(['doubled']);
  });

  test('a state that nobody caused, or that is undone, is found', () => {
    hold('a', 1, [7]);
    model.seats.saw(1, 'CANCELLED');
    hold('b', 2, [8]);
    model.seats.saw(2, 'EXPIRED');
    hold('c', 3, [9], 0, 1);
    model.seats.saw(3, 'PAID');
    expect(faults()).toEqual(['lost', 'lost', 'wrong']);
    model.seats.saw(3, 'HELD');
    expect(faults()).toEqual(['lost', 'lost', 'wrong', 'lost']);
  });

  test('other seats than those asked for are found', () => {
    model.held(begin('hold', 'a', { scheduleId: 1, seatIds: [7] }), holdView(1, [8]));
    expect(faults()).toEqual(['wrong']);
  });
});

describe('money', () => {
  test('each balance is the sum of what was acknowledged', () => {
    charge('a', 1, 500, 500);
    charge('b', 2, 300, 800);
    model.money.saw(1, 800);
    expect(faults()).toEqual([]);
    model.money.saw(1, 500);
    model.money.saw(1, 1_100);
    expect(faults()).toEqual(['lost', 'doubled']);
  });

  test('a charge whose reply was lost may be there or not, and nothing else', () => {
    charge('a', 1, 500, 500);
    begin('charge', 'b', { amount: 300 });
    model.money.saw(1, 500);
    model.money.saw(1, 800);
    expect(faults()).toEqual([]);
    model.money.saw(1, 600);
    expect(faults()).toEqual(['wrong']);
  });

  test('a reply given again tells of its own moment', () => {
    charge('a', 1, 500, 500);
    charge('b', 2, 300, 800);
    charge('a', 1, 500, 500, true);
    expect(faults()).toEqual([]);
    charge('a', 1, 500, 500, false);
    expect(faults()).toEqual(['lost']);
  });

  test('one key with two effects, one reservation with two payments, and another price are found', () => {
    charge('a', 1, 500_000, 500_000);
    charge('a', 2, 500_000, 500_000);
    expect(faults()).toEqual(['doubled']);
    hold('h', 3, [7], 0, 1);
    pay('p', 1, 3, 401_000);
    pay('p', 1, 3, 401_000);
    pay('q', 2, 3, 401_000);
    expect(faults()).toEqual(['doubled', 'doubled']);
    hold('i', 4, [8, 9], 0, 1);
    pay('r', 3, 4, 302_000);
    expect(faults()).toEqual(['doubled', 'doubled', 'wrong']);
  });

  test('a refusal for want of money that is surely there is found; with a payment under way it is not sure', () => {
    hold('h', 1, [7], 0, 1);
    charge('a', 1, PRICE, PRICE);
    const effect = begin('payment', 'p', { reservationId: 1 });
    model.refused(effect, 'insufficient_balance');
    expect(faults()).toEqual([]); // this payment itself may have been made by then
    charge('b', 2, PRICE, 2 * PRICE);
    model.refused(begin('payment', 'p', { reservationId: 1 }), 'insufficient_balance');
    expect(faults()).toEqual(['wrong']);
  });
});

describe('keys', () => {
  test('a refusal after the effect is found', () => {
    hold('a', 1, [7]);
    model.refused(model.effects.all.get('a')!, 'queue_token_ended');
    expect(faults()).toEqual(['lost']);
  });

  test('a refusal is final only where no reply of its key was lost', () => {
    const [sure, unsure] = [begin('charge', 'a', { amount: 1 }), begin('charge', 'b', { amount: 2 })];
    unsure.lost = 1;
    model.refused(sure, 'seat_taken');
    model.refused(unsure, 'seat_taken');
    expect(model.effects.ofState('open')).toEqual([unsure]);
    model.money.saw(1, 2);
    expect(faults()).toEqual([]);
    model.money.saw(1, 1);
    expect(faults()).toEqual(['wrong']);
  });
});

describe('line', () => {
  const issue = (view: QueueTokenView, userId = Number.parseInt(view.token, 10), status = 201) =>
    model.line.issued(view, userId, status, now);

  test('in order is right; let in before an earlier ticket is found, whichever is seen first', () => {
    issue(token(1, { activatedAt: at(0) }));
    issue(token(3, { activatedAt: at(20) }));
    issue(token(2, { activatedAt: at(10) }));
    expect(faults()).toEqual([]);
    issue(token(5, { activatedAt: at(30) }));
    issue(token(4, { activatedAt: at(31) }));
    expect(faults()).toEqual(['wrong']);
  });

  test('a second live token is found; after the first has run out, or may have been left, it is right', () => {
    const second = (id: number, ms: number) => token(id, { issuedAt: at(ms), activatedAt: at(ms) });
    issue(token(1), 1);
    issue(second(2, ACTIVE_MS), 1);
    expect(faults()).toEqual([]);
    issue({ ...token(3), queue: 'left' }, 2);
    model.line.mayEnd(3, 'leave', now);
    issue({ ...second(4, 1), queue: 'left' }, 2);
    expect(faults()).toEqual([]);
    issue({ ...token(5), queue: 'live' }, 3);
    issue({ ...second(6, ACTIVE_MS / 2), queue: 'live' }, 3);
    expect(faults()).toEqual(['doubled']);
  });

  test('of two requests at once one is told that the token is new; both is one too many', () => {
    issue(token(1), 1, 200);
    issue(token(1), 1, 201);
    expect(faults()).toEqual([]);
    issue(token(1), 1, 201);
    expect(faults()).toEqual(['doubled']);
  });

  test('an ended token that lives again, or is served, is found', () => {
    issue(token(1));
    model.line.mayEnd(1, 'leave');
    model.line.left(1);
    model.line.guarded(1, true, now);
    model.line.saw(token(1), now);
    expect(faults()).toEqual(['wrong', 'wrong']);
  });

  test('a token that is given up may have ended otherwise before, and stays as it ended', () => {
    issue(token(1));
    model.line.mayEnd(1, 'pay');
    model.line.mayEnd(1, 'leave');
    model.line.left(1);
    model.line.saw(token(1, { status: 'USED' }), now);
    expect(faults()).toEqual([]);
    model.line.saw(token(1, { status: 'EXPIRED' }), now);
    expect(faults()).toEqual(['wrong']);
    issue(token(2));
    model.line.mayEnd(2, 'leave');
    model.line.left(2);
    model.line.saw(token(2, { status: 'USED' }), now);
    expect(faults()).toEqual(['wrong', 'lost']);
  });

  test('an end that nobody caused is found', () => {
    for (const status of ['USED', 'LEFT', 'EXPIRED'] as const) {
      const id = { USED: 1, LEFT: 2, EXPIRED: 3 }[status];
      issue(token(id));
      model.line.saw(token(id, { status }), now);
    }
    expect(faults()).toEqual(['lost', 'lost', 'lost']);
  });
});
