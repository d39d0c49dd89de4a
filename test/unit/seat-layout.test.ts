import { layoutFromLocations, type PlacedSeat } from '../../web/src/map/layout';
import { indexSeats } from '../../web/src/map/nearest';
import type { SeatingPlan } from '../../web/src/api/operations';
import { layoutFromPlan } from '../../web/src/map/plan';
import { bestTogether, rowsOf } from '../../web/src/map/together';
import { fit, panBy, zoomAt } from '../../web/src/map/viewport';

const seatsNamed = (...names: string[]) =>
  names.map((location, index) => ({ id: index + 1, location, price: 99_000, available: true }));
const row = (name: string, count: number) => Array.from({ length: count }, (_, index) => `${name}-${index + 1}`);
const namesOf = (seats: readonly PlacedSeat[] | undefined) => seats?.map(({ location }) => location);

describe('seats that have no plan', () => {
  test.each([
    ['101-A-12', { zone: '101', row: 'A', number: '12' }],
    ['Block B-AA-3', { zone: 'Block B', row: 'AA', number: '3' }],
    ['A-12', { zone: '', row: 'A', number: '12' }],
    ['A12', { zone: '', row: 'A', number: '12' }],
    ['12', { zone: '', row: '', number: '12' }],
    ['Royal box', { zone: '', row: 'Royal box', number: '1' }],
  ])('%s is found where its name says', (location, place) => {
    expect(layoutFromLocations(seatsNamed(location)).seats[0]).toMatchObject(place);
  });

  test('stand in rows from the front, numbers from left to right, none on another', () => {
    const { seats } = layoutFromLocations(seatsNamed(...row('AA', 3), ...row('B', 12), ...row('A', 12)));
    const at = (name: string) => seats.find(({ location }) => location === name)!;
    expect(at('A-1').y).toBeLessThan(at('B-1').y);
    expect(at('B-1').y).toBeLessThan(at('AA-1').y);
    expect(at('A-2').x).toBeLessThan(at('A-10').x);
    expect(new Set(seats.map(({ x, y }) => `${x} ${y}`)).size).toBe(seats.length);
  });

  test('of several blocks stay apart, inside of the map', () => {
    const names = ['101', '102', '103', '104', '105'].flatMap((block) => row(`${block}-A`, 8));
    const layout = layoutFromLocations(seatsNamed(...names));
    expect(layout.seats).toHaveLength(40);
    expect(rowsOf(layout)).toHaveLength(5);
    for (const { x, y, radius } of layout.seats) {
      expect(x - radius).toBeGreaterThanOrEqual(0);
      expect(x + radius).toBeLessThanOrEqual(layout.width);
      expect(y + radius).toBeLessThanOrEqual(layout.height);
    }
  });
});

describe('the best seats together', () => {
  const layout = layoutFromLocations(seatsNamed(...row('A', 9), ...row('B', 9)));
  const allBut =
    (...taken: string[]) =>
    (seat: PlacedSeat) =>
      !taken.includes(seat.location);

  test('are in the middle of the first row', () => {
    expect(namesOf(bestTogether(layout, 3, allBut()))).toEqual(['A-4', 'A-5', 'A-6']);
  });

  test('are never on both sides of a taken one, nor in two rows', () => {
    const found = bestTogether(layout, 4, allBut('A-3', 'A-6', 'B-5'));
    expect(namesOf(found)).toEqual(['B-1', 'B-2', 'B-3', 'B-4']);
  });

  test('are none where no row has so many', () => {
    expect(bestTogether(layout, 5, allBut('A-5', 'B-5'))).toBeUndefined();
  });

  test('are never on both sides of an aisle', () => {
    const split = layoutFromLocations(seatsNamed('A-1', 'A-2', 'A-3', 'A-7', 'A-8', 'A-9', 'A-10'));
    expect(namesOf(bestTogether(split, 4, allBut()))).toEqual(['A-7', 'A-8', 'A-9', 'A-10']);
    expect(bestTogether(split, 5, allBut())).toBeUndefined();
  });
});

describe('seats that have a plan', () => {
  const plan: SeatingPlan = {
    name: 'Hall',
    size: { width: 400, height: 300 },
    categories: [{ name: 'Gold', color: '#aa8800' }, { name: 'Grey' }],
    zones: [
      {
        name: 'Stalls',
        position: { x: 100, y: 50 },
        rows: [
          {
            row_number: 'A',
            row_number_position: 'start',
            position: { x: 10, y: 5 },
            seats: [
              { seat_guid: 'a', seat_number: '1', position: { x: 1, y: 2 }, category: 'Gold' },
              { seat_guid: 'b', seat_number: '2', position: { x: 31, y: 2 }, category: 'Grey', radius: 7 },
              { seat_guid: 'not sold', seat_number: '3', position: { x: 61, y: 2 }, category: 'Grey' },
            ],
          },
        ],
        areas: [
          {
            shape: 'rectangle',
            rectangle: { width: 80, height: 20 },
            text: { text: 'Stage', position: { x: 40, y: 10 } },
            position: { x: 0, y: -40 },
          },
        ],
      },
    ],
  };
  const layout = layoutFromPlan(plan, { a: 1, b: 2, 'not sold': 9 }, seatsNamed('Stalls A-1', 'Stalls A-2'));

  test('stand where the positions of zone, row and seat add up to', () => {
    expect(layout.seats).toEqual([
      expect.objectContaining({ id: 1, x: 111, y: 57, radius: 10, category: 0, row: 'A', number: '1' }),
      expect.objectContaining({ id: 2, x: 141, y: 57, radius: 7, category: 1 }),
    ]);
    expect(layout.categories.map(({ price }) => price)).toEqual([99_000, 99_000]);
  });

  test('look towards its stage', () => {
    expect(layout.front).toMatchObject({ x: 140, y: 20 });
  });
});

describe('the best seats together of a plan', () => {
  /** One row of the plan, each number at its place. */
  function rowAt(places: [number: string, x: number, y: number][]) {
    const category = 'Gold';
    const plan: SeatingPlan = {
      name: 'Hall',
      size: { width: 1_000, height: 1_000 },
      categories: [{ name: category }],
      zones: [
        {
          position: { x: 0, y: 0 },
          rows: [
            {
              row_number: 'A',
              seats: places.map(([seat_number, x, y]) => ({
                seat_guid: seat_number,
                seat_number,
                position: { x, y },
                category,
              })),
            },
          ],
        },
      ],
    };
    const names = places.map(([number]) => number);
    const idOf = Object.fromEntries(names.map((name, index) => [name, index + 1]));
    return layoutFromPlan(plan, idOf, seatsNamed(...names));
  }
  const inLine = (numbers: string[], xs: number[]) => rowAt(numbers.map((number, index) => [number, xs[index]!, 100]));
  const onlyFree =
    (...free: string[]) =>
    (seat: PlacedSeat) =>
      free.includes(seat.location);

  test('are neighbours by their places: odd numbers on one side, even ones on the other', () => {
    const numbers = ['9', '7', '5', '3', '1', '2', '4', '6', '8', '10'];
    const hall = inLine(numbers, [0, 20, 40, 60, 80, 140, 160, 180, 200, 220]);
    expect(namesOf(rowsOf(hall)[0])).toEqual(numbers);
    expect(bestTogether(hall, 2, onlyFree('7', '8'))).toBeUndefined();
    expect(bestTogether(hall, 2, onlyFree('1', '2'))).toBeUndefined();
    expect(namesOf(bestTogether(hall, 2, onlyFree('7', '8', '9')))).toEqual(['9', '7']);
    expect(namesOf(bestTogether(hall, 5, () => true))).toHaveLength(5);
    expect(bestTogether(hall, 6, () => true)).toBeUndefined();
  });

  test('are never on both sides of an aisle, also where most gaps are aisles', () => {
    const hall = inLine(['1', '2', '3', '4'], [0, 60, 80, 140]);
    expect(namesOf(bestTogether(hall, 2, () => true))).toEqual(['2', '3']);
    expect(bestTogether(hall, 3, () => true)).toBeUndefined();
  });

  test('go along a bent row, from its lower number on, wherever the file begins', () => {
    const numbers = Array.from({ length: 20 }, (_, index) => String(20 - index));
    const bent = numbers.map((number, index): [string, number, number] => {
      const angle = (index / 20) * 1.5 * Math.PI;
      return [number, 500 + 100 * Math.cos(angle), 500 + 100 * Math.sin(angle)];
    });
    const hall = rowAt([...bent.slice(7), ...bent.slice(0, 7)]);
    expect(namesOf(rowsOf(hall)[0])).toEqual(numbers.toReversed());
    expect(bestTogether(hall, 20, () => true)).toHaveLength(20);
  });
});

describe('on the map', () => {
  const layout = layoutFromLocations(seatsNamed(...row('A', 9), ...row('B', 9)));
  const index = indexSeats(layout.seats);
  const at = (name: string) => layout.seats.find(({ location }) => location === name)!;

  test('a tap finds the nearest seat within reach, and none beyond', () => {
    const { x, y } = at('B-4');
    expect(index.at(x + 5, y - 4, 12)?.location).toBe('B-4');
    expect(index.at(x, y + 40, 12)).toBeUndefined();
  });

  test('arrow keys go from seat to seat, and stop at the edge', () => {
    expect(index.next(at('A-4'), 1, 0)?.location).toBe('A-5');
    expect(index.next(at('A-4'), 0, 1)?.location).toBe('B-4');
    expect(index.next(at('B-4'), 0, 1)).toBeUndefined();
  });

  test('the point under the pointer stays there while zooming, and the map never leaves its frame', () => {
    const frame = { width: 300, height: 200 };
    const view = fit(layout, frame);
    const zoomed = zoomAt(view, layout, frame, 2, 120, 90);
    expect((120 - zoomed.left) / zoomed.scale).toBeCloseTo((120 - view.left) / view.scale);
    expect((90 - zoomed.top) / zoomed.scale).toBeCloseTo((90 - view.top) / view.scale);
    const away = panBy(zoomed, layout, frame, 1e6, -1e6);
    expect(away.left).toBeLessThan(frame.width);
    expect(away.top + layout.height * zoomed.scale).toBeGreaterThan(0);
  });
});
