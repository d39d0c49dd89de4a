import fc from 'fast-check';
import { changesBetween, toVersion } from '../../src/api/live/seat-versions';
import type { SeatMapView } from '../../src/contracts/concert';

/** A date of one seat for each of these; true = free. */
const map = (free: boolean[], over: Partial<SeatMapView['seats'][number]> = {}): SeatMapView => ({
  scheduleId: 1,
  asOf: '2026-12-01T11:00:00.000Z',
  availableSeats: free.filter(Boolean).length,
  seats: free.map((available, index) => ({ id: index + 1, location: `A-${index + 1}`, price: 1, available, ...over })),
});

test('whoever applies the changes to the seats that they have, has the seats as they are', () => {
  const pairs = fc.array(fc.tuple(fc.boolean(), fc.boolean()), { maxLength: 50 });
  fc.assert(
    fc.property(pairs, (seats) => {
      const [first, second] = [map(seats.map(([before]) => before)), map(seats.map(([, now]) => now))];
      const before = toVersion('first', first, undefined);
      const changes = changesBetween(before, toVersion('second', second, before));
      const known = new Map(first.seats.map((seat) => [seat.id, seat.available]));
      for (const { id, available } of changes!.seats) {
        expect(known.get(id)).toBe(!available);
        known.set(id, available);
      }
      expect([...known.values()]).toEqual(second.seats.map(({ available }) => available));
      expect(changes).toMatchObject({ asOf: second.asOf, availableSeats: second.availableSeats });
    }),
  );
});

test.each([
  ['a seat was added', map([true, true])],
  ['a seat has gone', map([])],
  ['a price is another', map([true], { price: 2 })],
  ['a place has another name', map([true], { location: 'B-1' })],
  ['a seat is another', map([true], { id: 7 })],
])('where %s, changes cannot say it', (_how, now) => {
  const before = toVersion('before', map([true]), undefined);
  expect(changesBetween(before, toVersion('now', now, before))).toBeUndefined();
});

test('versions of the same seats share them: many of them take little memory', () => {
  const before = toVersion('before', map([true, false]), undefined);
  expect(toVersion('now', map([false, false]), before).seats).toBe(before.seats);
});
