import fc from 'fast-check';
import { countBelow, hasDeparted, mergeDepartures, positionOf } from '../../src/api/position';
import { advanceLine, openLine, type Departure, type QueueLine } from '../../src/api/queue-line';
import type { QueueState } from '../../src/db/queue-state';

/** The queue as a list of people: the model against which the arithmetic is held. */
interface Model {
  waiting: number[];
  issued: number;
  served: number;
  departures: Departure[];
}

type Step = { kind: 'join' | 'admit' | 'leave' | 'read'; count: number };

const steps = fc.array(fc.record({ kind: fc.constantFrom('join', 'admit', 'leave', 'read'), count: fc.nat(7) }), {
  minLength: 1,
  maxLength: 60,
}) as fc.Arbitrary<Step[]>;

function apply(model: Model, { kind, count }: Step): void {
  if (kind === 'join') {
    for (let n = 0; n < count; n += 1) model.waiting.push((model.issued += 1));
  } else if (kind === 'admit') {
    for (const ticketNo of model.waiting.splice(0, count)) model.served = ticketNo;
  } else if (kind === 'leave' && model.waiting.length > 0) {
    const [ticketNo] = model.waiting.splice(count % model.waiting.length, 1);
    model.departures.push({ departureNo: model.departures.length + 1, ticketNo: ticketNo! });
  }
}

function stateOf(model: Model): QueueState {
  return {
    id: 1,
    name: 'main',
    servedTicketNo: model.served,
    nextTicketNo: model.issued + 1,
    waiting: model.waiting.length,
    active: 0,
    maxActive: 50,
    activeSeconds: 600,
    admitPerMinute: null,
    paused: false,
    departureNo: model.departures.length,
    ended: 0,
    admissible: 0,
    readAt: new Date(0),
  };
}

/** What the database would answer: departures after a number, with a ticket still to be served. */
function departuresAfter(model: Model, departureNo: number, served: number): Departure[] {
  return model.departures.filter((departure) => departure.departureNo > departureNo && departure.ticketNo > served);
}

function read(model: Model, line: QueueLine | undefined): QueueLine {
  const state = stateOf(model);
  if (!line) return openLine(state, departuresAfter(model, 0, state.servedTicketNo), 0);
  return advanceLine(line, state, departuresAfter(model, line.departureNo, line.state.servedTicketNo), 0);
}

describe('the place in the queue', () => {
  test('is exactly the place in a plain list, whoever joins, is let in, or leaves', () => {
    fc.assert(
      fc.property(steps, (script) => {
        const model: Model = { waiting: [], issued: 0, served: 0, departures: [] };
        let line: QueueLine | undefined;
        for (const step of script) {
          apply(model, step);
          if (step.kind === 'read') line = read(model, line);
        }
        const { state, departed } = read(model, line);
        model.waiting.forEach((ticketNo, index) => {
          expect(positionOf(ticketNo, state.servedTicketNo, departed)).toBe(index + 1);
          expect(hasDeparted(ticketNo, departed)).toBe(false);
        });
        for (const { ticketNo } of model.departures) {
          expect(ticketNo <= state.servedTicketNo || hasDeparted(ticketNo, departed)).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('CONTROL: without counting those who left, the place is wrong', () => {
    const model: Model = { waiting: [], issued: 0, served: 0, departures: [] };
    apply(model, { kind: 'join', count: 3 });
    apply(model, { kind: 'leave', count: 0 });
    const { state } = read(model, undefined);
    expect(model.waiting).toEqual([2, 3]);
    expect(positionOf(2, state.servedTicketNo, [])).toBe(2);
    expect(positionOf(2, state.servedTicketNo, [1])).toBe(1);
  });

  test('the line never moves back when a reading is older than an admission this process knows of', () => {
    const model: Model = { waiting: [], issued: 0, served: 0, departures: [] };
    apply(model, { kind: 'join', count: 5 });
    const before = read(model, undefined);
    const moved: QueueLine = { ...before, state: { ...before.state, servedTicketNo: 3 } };
    expect(advanceLine(moved, stateOf(model), [], 0).state.servedTicketNo).toBe(3);
  });

  test('a reading says how far its departures go, if they are younger than its state; and never goes back', () => {
    const model: Model = { waiting: [], issued: 0, served: 0, departures: [] };
    apply(model, { kind: 'join', count: 9 });
    const [before, older] = [read(model, undefined), stateOf(model)];
    for (const count of [1, 2, 3]) apply(model, { kind: 'leave', count });

    const after = advanceLine(before, older, model.departures, 0);

    expect([after.departureNo, advanceLine(after, older, [], 0).departureNo]).toEqual([3, 3]);
    expect(advanceLine(before, stateOf(model), [], 0).departureNo).toBe(3);
  });

  test('only admissions of people who waited count for the rate; those who left do not', () => {
    const model: Model = { waiting: [], issued: 0, served: 0, departures: [] };
    apply(model, { kind: 'join', count: 40 });
    apply(model, { kind: 'admit', count: 10 });
    const before = read(model, undefined);
    apply(model, { kind: 'leave', count: 0 });
    apply(model, { kind: 'leave', count: 19 });
    apply(model, { kind: 'admit', count: 20 });
    // Whoever left last stood right before whoever is let in last.
    expect(model.departures.map(({ ticketNo }) => ticketNo)).toEqual([11, 31]);
    expect(model.served).toBe(32);
    const departures = departuresAfter(model, before.departureNo, before.state.servedTicketNo);
    const after = advanceLine(before, stateOf(model), departures, 10_000);
    expect(after.rate.perSecond(10_000)).toBe(20 / 10);
  });

  test('who is let in without waiting says nothing about the rate', () => {
    const model: Model = { waiting: [], issued: 0, served: 0, departures: [] };
    const before = read(model, undefined);
    apply(model, { kind: 'join', count: 20 });
    apply(model, { kind: 'admit', count: 20 });
    expect(advanceLine(before, stateOf(model), [], 10_000).rate.perSecond(10_000)).toBeUndefined();
  });
});

test('what went on is counted, also what this process knew before its next reading', () => {
  const model: Model = { waiting: [], issued: 0, served: 0, departures: [] };
  apply(model, { kind: 'join', count: 30 });
  const before = read(model, undefined);
  apply(model, { kind: 'leave', count: 25 });
  apply(model, { kind: 'admit', count: 20 });
  apply(model, { kind: 'join', count: 2 });
  const moved: QueueLine = { ...before, state: { ...before.state, servedTicketNo: 20 } };
  const after = advanceLine(moved, { ...stateOf(model), active: 5 }, [], 10_000);
  const { admitted, departed, finished } = after.traffic;
  expect([admitted, departed, finished].map((count) => count.total(10_000))).toEqual([20, 1, 15]);
  expect(after.rate.perSecond(10_000)).toBe(20 / 10);
  expect(admitted.total(75_000)).toBe(0);
});

describe('departures', () => {
  test('stay sorted, without repetition, and above the last ticket served', () => {
    const ticket = fc.integer({ min: 1, max: 40 });
    fc.assert(
      fc.property(fc.uniqueArray(ticket), fc.uniqueArray(ticket), ticket, (first, second, served) => {
        const merged = mergeDepartures(mergeDepartures([], first, 0), second, served);
        const expected = [...new Set([...first, ...second])].filter((no) => no > served).sort((a, b) => a - b);
        expect(merged).toEqual(expected);
        expect(countBelow(merged, 20)).toBe(expected.filter((no) => no < 20).length);
      }),
    );
  });
});
