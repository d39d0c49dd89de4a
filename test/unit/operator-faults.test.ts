import type { z } from 'zod';
import { ConcertPatch, CreateConcertRequest, CreateScheduleRequest, SchedulePatch } from '../../src/contracts/admin';
import { BookingQuery } from '../../src/contracts/operator';
import { ImportPlanRequest } from '../../src/contracts/plan';
import { QueueSettingsPatch } from '../../src/contracts/queue';
import { toFaults } from '../../src/faults';

const mockLanguage = { value: 'ko' };
jest.mock('../../web/src/i18n/language', () => ({ language: mockLanguage }));
// By name: its types are a browser's.
const { faultText } = jest.requireActual<{ faultText(detail: string): string }>('../../web/src/ops/faults');

const concert = (fields: object) => ({ name: 'Nocturnes', description: '', ...fields });
const date = (fields: object) => ({
  place: 'Quay Hall',
  reservationStartAt: '2030-01-01T10:00:00Z',
  reservationEndAt: '2030-02-01T10:00:00Z',
  concertAt: '2030-02-02T10:00:00Z',
  ...fields,
});
const plan = (fields: object) => ({ plan: { name: '', categories: [], zones: [], ...fields }, prices: {} });
const zone = (fields: object) => plan({ zones: [{ position: { x: 0, y: 0 }, rows: [], ...fields }] });
const seat = (fields: object) =>
  zone({
    rows: [
      {
        row_number: 'A',
        seats: [{ seat_guid: '1', seat_number: '1', category: 'R', position: { x: 0, y: 0 }, ...fields }],
      },
    ],
  });
const area = (fields: object) => zone({ areas: [fields] });

/** Everything that a contract says of what an operator may send, by what was sent. */
const REFUSED: [name: string, contract: z.ZodType, input: unknown][] = [
  ['two lines', CreateConcertRequest, concert({ name: 'a\nb' })],
  ['half a character', CreateConcertRequest, concert({ description: '\ud800' })],
  ['no name', CreateConcertRequest, concert({ name: '' })],
  ['the name of a queue', CreateConcertRequest, concert({ queue: 'Main queue' })],
  ['nothing of a concert', ConcertPatch, {}],
  ['nothing of a date', SchedulePatch, {}],
  ['nothing of a queue', QueueSettingsPatch, {}],
  ['a year of five digits', CreateScheduleRequest, date({ concertAt: '+012030-01-01T00:00:00.000Z' })],
  ['a time before 1970', CreateScheduleRequest, date({ reservationStartAt: '1969-01-01T00:00:00Z' })],
  ['times in the wrong order', CreateScheduleRequest, date({ concertAt: '2030-01-01T10:00:00Z' })],
  ['a price of a fraction', SchedulePatch, { prices: { R: 1.5 } }],
  ['a price below 0', SchedulePatch, { prices: { R: -1 } }],
  ['a price beyond the most', SchedulePatch, { prices: { R: 1e13 } }],
  ['a cap beyond the most', QueueSettingsPatch, { maxActive: 1e7 }],
  ['a rate of nothing', QueueSettingsPatch, { admitPerMinute: 0 }],
  ['no number', BookingQuery, { user: 'me' }],
  ['nobody', BookingQuery, {}],
  ['a date without a seat', BookingQuery, { schedule: '1' }],
  ['no plan', ImportPlanRequest, { plan: [], prices: {} }],
  ['a plan with an unknown field', ImportPlanRequest, plan({ colour: 'red' })],
  ['a plan without zones', ImportPlanRequest, plan({ zones: undefined })],
  ['too many categories', ImportPlanRequest, plan({ categories: Array(101).fill({ name: 'R' }) })],
  ['a direction that is none', ImportPlanRequest, seat({ start_direction: 'up' })],
  ['a place too far left', ImportPlanRequest, seat({ position: { x: -2e6, y: 0 } })],
  ['a place too far down', ImportPlanRequest, seat({ position: { x: 0, y: 2e6 } })],
  ['a shape that is none', ImportPlanRequest, area({ shape: 'star' })],
  ['a colour that is none', ImportPlanRequest, area({ color: '!' })],
  ['a colour that is too long', ImportPlanRequest, area({ color: 'a'.repeat(65) })],
  ['a text that is none', ImportPlanRequest, area({ text: 7 })],
];

describe('what an operator is told of a fault', () => {
  beforeEach(() => (mockLanguage.value = 'ko'));

  test.each(REFUSED)('is Korean on the Korean page: %s', (_name, contract, input) => {
    const result = contract.safeParse(input);
    const faults = toFaults(result.error as z.ZodError);
    expect(faults).not.toEqual([]);
    for (const { detail } of faults) {
      expect(faultText(detail)).not.toBe(detail);
      expect(faultText(detail)).toMatch(/\p{Script=Hangul}/u);
    }
  });

  test.each([
    ['must be from 1970 to 9999', '1970년부터 9999년까지만 쓸 수 있습니다'],
    ['Invalid option: expected one of "<"|">"', '"<"|">" 가운데 하나여야 합니다'],
    ['Too big: expected array to have <=500 items', '500개까지만 쓸 수 있습니다'],
    ['Too big: expected string to have <=64 characters', '64자까지만 쓸 수 있습니다'],
    ['Too small: expected number to be >=-1000000', '-1000000 이상이어야 합니다'],
    ['something that a newer server says', 'something that a newer server says'],
  ])('is for "%s": %s', (detail, text) => {
    expect(faultText(detail)).toBe(text);
  });

  test('is what the server says on the English page', () => {
    mockLanguage.value = 'en';
    expect(faultText('is there twice')).toBe('is there twice');
  });
});
