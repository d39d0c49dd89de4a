import fc from 'fast-check';
import { SEATS_PER_PLAN_MAX, SeatingPlan } from '../../src/contracts/plan';
import { Refusal, type FieldFault } from '../../src/errors';
import { readPricedPlan } from '../../src/plan/check';
import { walkSeats } from '../../src/plan/walk';
import { rowPlan } from '../support/fan';
import { newestPlans, olderPlans } from '../support/plans';

/** The faults of a plan; none if it is taken. */
function faultsOf(value: unknown): FieldFault[] {
  try {
    readPricedPlan(value);
    return [];
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    expect(error.code).toBe('validation_failed');
    return error.members['errors'] as FieldFault[];
  }
}

const pointersOf = (value: unknown) => faultsOf(value).map(({ pointer }) => pointer);

/** A sound plan with something else at these places; a place whose value is `undefined` is taken away. */
function planWith(changes: Record<string, unknown>, seats = 2): unknown {
  const value = { plan: rowPlan(seats), prices: { R: 1_000 } } as unknown as Record<string, unknown>;
  for (const [pointer, change] of Object.entries(changes)) {
    const path = pointer.split('/').slice(1);
    const inner = path.slice(0, -1).reduce((part, name) => part[name] as Record<string, unknown>, value);
    const name = path.at(-1) as string;
    if (change === undefined) delete inner[name];
    else inner[name] = change;
  }
  return value;
}

const SEAT = '/plan/zones/0/rows/0/seats/1';

describe('a plan with a fault is refused with its pointer', () => {
  test('control: without one it is taken', () => expect(faultsOf(planWith({}))).toEqual([]));

  test.each<[string, Record<string, unknown>, string[]]>([
    ['an unknown property of a seat', { [`${SEAT}/colour`]: 'red' }, [`${SEAT}/colour`]],
    ['an unknown property of the plan', { '/plan/a~b': 1 }, ['/plan/a~0b']],
    [
      'an unknown property of a text',
      { '/plan/zones/0/areas': [{ text: { text: '', position: { x: 0, y: 0 }, font: 1 } }] },
      ['/plan/zones/0/areas/0/text/font'],
    ],
    ['a category that does not exist', { [`${SEAT}/category`]: 'S' }, [`${SEAT}/category`]],
    ['a seat_guid twice', { [`${SEAT}/seat_guid`]: 'a-1' }, [`${SEAT}/seat_guid`]],
    ['a seat twice', { [`${SEAT}/seat_number`]: '1' }, [`${SEAT}/seat_number`]],
    ['a category twice', { '/plan/categories/1': { name: 'R' } }, ['/plan/categories/1/name']],
    ['a price that is missing', { '/prices/R': undefined }, ['/prices/R']],
    ['a price of nothing', { '/prices/S': 1 }, ['/prices/S']],
    ['a price below zero', { '/prices/R': -1 }, ['/prices/R']],
    [
      'a price by the name of what every object has',
      { '/plan/categories/0/name': 'toString', '/prices/R': undefined },
      [`/plan/zones/0/rows/0/seats/0/category`, `${SEAT}/category`],
    ],
    ['no seat at all', { '/plan/zones/0/rows': [] }, ['/plan/zones']],
    ['no zones', { '/plan/zones': undefined }, ['/plan/zones']],
    [
      'a location of 41 characters',
      { '/plan/zones/0/name': 'x'.repeat(37) },
      ['/plan/zones/0/rows/0/seats/0/seat_number', `${SEAT}/seat_number`],
    ],
    ['a location with a control character', { [`${SEAT}/seat_number`]: '\u0007' }, [`${SEAT}/seat_number`]],
    ['a position without y', { [`${SEAT}/position`]: { x: 1 } }, [`${SEAT}/position/y`]],
    [
      'a colour that refers to something',
      { '/plan/categories/0/color': 'url(//example.org)' },
      ['/plan/categories/0/color'],
    ],
    ['half an older rectangle', { '/plan/zones/0/areas': [{ width: 5 }] }, ['/plan/zones/0/areas/0/height']],
    ['no plan', { '/plan': undefined }, ['/plan']],
  ])('%s', (_what, changes, pointers) => {
    expect(pointersOf(planWith(changes))).toEqual(pointers);
  });

  test('all of them are named, those of the shape and those beyond', () => {
    const changes = {
      [`${SEAT}/category`]: 'S',
      [`${SEAT}/extra`]: 1,
      '/prices/R': undefined,
      '/plan/size/width': 'x',
    };
    expect(pointersOf(planWith(changes)).sort()).toEqual(
      [`${SEAT}/category`, `${SEAT}/extra`, '/plan/size/width', '/prices/R'].sort(),
    );
  });

  test('whatever it is made of, it is taken or refused', () => {
    const part = fc.oneof(fc.jsonValue(), fc.constant(planWith({})));
    const places = [
      '/plan',
      '/plan/zones',
      '/plan/zones/0',
      '/plan/zones/0/rows/0',
      SEAT,
      '/plan/categories',
      '/prices',
    ];
    fc.assert(
      fc.property(fc.constantFrom(...places), part, (place, value) => {
        faultsOf(planWith({ [place]: value as never }));
      }),
    );
    fc.assert(fc.property(part, (value) => void faultsOf(value)));
  });

  test(`more than ${SEATS_PER_PLAN_MAX} seats, and only the first thousand faults`, () => {
    const { zones, ...plan } = rowPlan(1_000);
    const row = zones[0]!.rows[0]!;
    const rows = Array.from({ length: 21 }, (_, index) => ({ ...row, row_number: String(index) }));
    const faults = faultsOf({ plan: { ...plan, zones: [{ ...zones[0]!, rows }] }, prices: { R: 1 } });
    expect(faults).toHaveLength(1_000);
    const distinct = rows.map(({ seats, ...rest }, index) => ({
      ...rest,
      seats: seats.map((seat) => ({ ...seat, seat_guid: `${index} ${seat.seat_guid}` })),
    }));
    expect(pointersOf({ plan: { ...plan, zones: [{ ...zones[0]!, rows: distinct }] }, prices: { R: 1 } })).toEqual([
      '/plan/zones',
    ]);
  });
});

describe('a plan that is sound', () => {
  test('in the newest form stays exactly as it is', () => {
    fc.assert(fc.property(newestPlans, (priced) => expect(readPricedPlan(priced)).toEqual(priced)));
  });

  test('in an older form becomes one of the newest, which then stays, with every seat where it was', () => {
    fc.assert(
      fc.property(olderPlans, (older) => {
        const newest = readPricedPlan(older);
        expect(SeatingPlan.parse(newest.plan)).toEqual(newest.plan);
        expect(readPricedPlan(newest)).toEqual(newest);
        expect([...walkSeats(newest.plan)]).toEqual([...walkSeats(older.plan as SeatingPlan)]);
      }),
    );
  });

  test('older rectangles keep their size, their text goes to the middle, and a missing size takes in everything', () => {
    const areas = [{ width: 100, height: 40, text: 'Stage', color: 'red', position: { x: 300, y: 10 } }];
    const older = planWith({ '/plan/size': undefined, '/plan/zones/0/displayed': true, '/plan/zones/0/areas': areas });
    const { plan } = readPricedPlan(older);
    expect(plan.zones[0]!.areas).toEqual([
      {
        shape: 'rectangle',
        rectangle: { width: 100, height: 40 },
        text: { text: 'Stage', position: { x: 50, y: 20 } },
        color: 'red',
        position: { x: 300, y: 10 },
      },
    ]);
    expect(plan.size).toEqual({ width: 20 + 300 + 100 + 20, height: 20 + 10 + 40 + 20 });
  });

  test.each([
    ['Balcony', 'A', '1', 'Balcony A-1'],
    [undefined, 'A', '1', 'A-1'],
    [' Left ', ' B', '07 ', 'Left B-07'],
    ['Box 3', '', '2', 'Box 3 2'],
  ])('seats are called by zone %j, row %j and number %j', (name, row, number, location) => {
    const plan = planWith(
      {
        '/plan/zones/0/name': name,
        '/plan/zones/0/rows/0/row_number': row,
        '/plan/zones/0/rows/0/seats/0/seat_number': number,
      },
      1,
    );
    expect([...walkSeats(readPricedPlan(plan).plan)].map((seat) => seat.location)).toEqual([location]);
  });
});
