import type { z } from 'zod';
import { AddSeatsRequest, CreateConcertRequest, CreateScheduleRequest } from '../../src/contracts/admin';
import { CHARGE_MAX, ChargeRequest } from '../../src/contracts/asset';
import { MONEY_MAX, PageQuery } from '../../src/contracts/common';
import { SeatMapQuery } from '../../src/contracts/concert';
import { PaymentRequest } from '../../src/contracts/payment';
import { IssueTokenRequest, QueueSettingsPatch } from '../../src/contracts/queue';
import { HoldRequest, SEATS_PER_HOLD_MAX } from '../../src/contracts/reservation';
import { toFaults } from '../../src/faults';

/** The pointers of what is wrong; empty if nothing is. */
function pointers(schema: z.ZodType, value: unknown): string[] {
  const parsed = schema.safeParse(value);
  return parsed.success ? [] : toFaults(parsed.error).map((fault) => fault.pointer);
}

const ids = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

describe('requests that are not valid are refused with a pointer to the fault', () => {
  test.each([
    ['a seat twice', { scheduleId: 1, seatIds: [7, 8, 7] }, ['/seatIds/2']],
    ['no seat', { scheduleId: 1, seatIds: [] }, ['/seatIds']],
    ['more seats than can ever be granted', { scheduleId: 1, seatIds: ids(SEATS_PER_HOLD_MAX + 1) }, ['/seatIds']],
    ['a seat that is no integer', { scheduleId: 1, seatIds: [1, 1.5] }, ['/seatIds/1']],
    ['an id that is not positive', { scheduleId: 0, seatIds: [1] }, ['/scheduleId']],
    ['an id beyond what JSON readers hold exactly', { scheduleId: 2 ** 53, seatIds: [1] }, ['/scheduleId']],
    ['an id as text', { scheduleId: '1', seatIds: [1] }, ['/scheduleId']],
    ['a field that is not known', { scheduleId: 1, seatIds: [1], 'a/b~c': 1 }, ['/a~1b~0c']],
    ['a field that is missing', { scheduleId: 1 }, ['/seatIds']],
    ['a body that is no object', [1], ['']],
  ])('holds: %s', (_case, body, expected) => {
    expect(pointers(HoldRequest, body)).toEqual(expected);
  });

  test.each([0, -1, 1.5, CHARGE_MAX + 1, '5', null])('charges: amount %j', (amount) => {
    expect(pointers(ChargeRequest, { amount })).toEqual(['/amount']);
  });

  test.each([[{}], [{ reservationId: 0 }], [{ reservationId: null }]])('payments: %j', (body) => {
    expect(pointers(PaymentRequest, body)).toEqual(['/reservationId']);
  });

  test.each(['', 'Main', '-a', 'a b', 'x'.repeat(64), 7])('queues: name %j', (queue) => {
    expect(pointers(IssueTokenRequest, { queue })).toEqual(['/queue']);
  });

  test.each([
    [{ maxActive: -1 }, '/maxActive'],
    [{ activeSeconds: 0 }, '/activeSeconds'],
    [{ admitPerMinute: 0 }, '/admitPerMinute'],
    [{ paused: 'yes' }, '/paused'],
    [{}, ''],
  ])('queue settings: %j', (patch, pointer) => {
    expect(pointers(QueueSettingsPatch, patch)).toEqual([pointer]);
  });

  test.each([
    [{ limit: '0' }, '/limit'],
    [{ limit: '101' }, '/limit'],
    [{ limit: '' }, '/limit'],
    [{ limit: '5.0' }, '/limit'],
    [{ limit: ['5', '6'] }, '/limit'],
    [{ offset: '5' }, '/offset'],
  ])('pages: %j', (query, pointer) => {
    expect(pointers(PageQuery, query)).toEqual([pointer]);
  });

  test('seats: only true and false', () => {
    expect(pointers(SeatMapQuery, { available: '1' })).toEqual(['/available']);
    expect(SeatMapQuery.parse({ available: 'false' })).toEqual({ available: false });
  });

  test('new seats: a location twice, a price beyond the bound', () => {
    const seats = [
      { location: 'A-1', price: 0 },
      { location: 'A-1', price: MONEY_MAX },
    ];
    expect(pointers(AddSeatsRequest, { seats })).toEqual(['/seats/1/location']);
    expect(pointers(AddSeatsRequest, { seats: [{ location: 'A-1', price: MONEY_MAX + 1 }] })).toEqual([
      '/seats/0/price',
    ]);
  });
});

describe('texts', () => {
  const concert = { name: 'Winter Songs', description: '' };

  test('are counted in code points, as the database counts them', () => {
    expect(pointers(CreateConcertRequest, { ...concert, name: '🎻'.repeat(200) })).toEqual([]);
    expect(pointers(CreateConcertRequest, { ...concert, name: '🎻'.repeat(201) })).toEqual(['/name']);
    expect(pointers(CreateConcertRequest, { ...concert, description: 'x'.repeat(2_001) })).toEqual(['/description']);
  });

  test.each(['', ' ', ' a', 'a ', 'a\nb', 'a\rb', 'a\u0000b', 'a\u007fb', 'a\ud800'])(
    'a name is one line without control characters or white space around it: %j',
    (name) => {
      expect(pointers(CreateConcertRequest, { ...concert, name })).toContain('/name');
    },
  );
});

describe('schedules', () => {
  const at = (hour: number): string => `2026-12-01T${String(hour).padStart(2, '0')}:00:00+09:00`;
  const schedule = { place: 'Olympic Hall', reservationStartAt: at(1), reservationEndAt: at(2), concertAt: at(3) };

  test('the sale may end at the moment the concert begins', () => {
    expect(pointers(CreateScheduleRequest, { ...schedule, concertAt: at(2) })).toEqual([]);
  });

  test('the sale begins before it ends, and ends before the concert', () => {
    expect(pointers(CreateScheduleRequest, { ...schedule, reservationEndAt: at(1) })).toEqual(['/reservationEndAt']);
    expect(pointers(CreateScheduleRequest, { ...schedule, concertAt: at(1) })).toEqual(['/concertAt']);
  });

  test.each(['2026-12-01', '2026-12-01T10:00:00', 'tomorrow', '1900-01-01T00:00:00Z', 5])('%j is no moment', (time) => {
    expect(pointers(CreateScheduleRequest, { ...schedule, concertAt: time })).toContain('/concertAt');
  });
});

test('the sum of the most tickets at the highest price is held exactly', () => {
  expect(Number.isSafeInteger(SEATS_PER_HOLD_MAX * MONEY_MAX)).toBe(true);
});
