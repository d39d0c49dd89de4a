import { z } from 'zod';
import { Id, Money, NextCursor, Time, TimeInput } from './common';
import { ConcertDescription, ConcertName, ConcertView, Place, ScheduleView, SeatLocation } from './concert';
import { PlanPrices } from './plan';
import { QUEUE_DEFAULT, QueueName } from './queue';

/** Seats in one call: fits the body limit and one short multi-row insert. */
export const SEATS_PER_CALL_MAX = 500;

export const CreateConcertRequest = z
  .strictObject({ name: ConcertName, description: ConcertDescription, queue: QueueName.default(QUEUE_DEFAULT) })
  .meta({ id: 'CreateConcertRequest', description: 'A new concert' });
export type CreateConcertRequest = z.infer<typeof CreateConcertRequest>;

const scheduleFields = {
  place: Place,
  reservationStartAt: TimeInput.meta({ format: 'date-time', example: '2026-11-01T10:00:00+09:00' }),
  reservationEndAt: TimeInput.meta({ format: 'date-time', example: '2026-12-01T10:00:00+09:00' }),
  concertAt: TimeInput.meta({ format: 'date-time', example: '2026-12-01T20:00:00+09:00' }),
};

type Times<Moment> = Record<'reservationStartAt' | 'reservationEndAt' | 'concertAt', Moment>;

/** What is wrong with the order of a date's times, by field. */
export function timeFaults(times: Times<string | Date>): { field: keyof Times<unknown>; detail: string }[] {
  const [startMs, endMs, concertMs] = [times.reservationStartAt, times.reservationEndAt, times.concertAt].map((time) =>
    new Date(time).getTime(),
  ) as [number, number, number];
  return [
    ...(startMs < endMs
      ? []
      : [{ field: 'reservationEndAt', detail: 'must be later than reservationStartAt' } as const]),
    ...(endMs <= concertMs
      ? []
      : [{ field: 'concertAt', detail: 'must not be earlier than reservationEndAt' } as const]),
  ];
}

export const CreateScheduleRequest = z
  .strictObject(scheduleFields)
  .superRefine((schedule, context) => {
    for (const { field, detail } of timeFaults(schedule)) {
      context.addIssue({ code: 'custom', path: [field], message: detail });
    }
  })
  .meta({ id: 'CreateScheduleRequest', description: 'A new date: the sale begins, the sale ends, the concert' });
export type CreateScheduleRequest = z.infer<typeof CreateScheduleRequest>;

export const ConcertPatch = z
  .strictObject({ name: ConcertName, description: ConcertDescription })
  .partial()
  .refine((patch) => Object.keys(patch).length > 0, 'must name at least one field')
  .meta({ id: 'ConcertPatch', description: 'What to change', minProperties: 1, example: { name: 'Winter Songs' } });
export type ConcertPatch = z.infer<typeof ConcertPatch>;

export const SchedulePatch = z
  .strictObject({ ...scheduleFields, prices: PlanPrices })
  .partial()
  .refine((patch) => Object.keys(patch).length > 0, 'must name at least one field')
  .meta({
    id: 'SchedulePatch',
    description: 'What to change. Prices are by category of its plan; whoever holds seats keeps theirs',
    minProperties: 1,
    example: { place: 'Olympic Hall, Seoul' },
  });
export type SchedulePatch = z.infer<typeof SchedulePatch>;

export const AdminConcertView = ConcertView.extend({ queue: QueueName }).meta({
  id: 'AdminConcert',
  description: 'A concert and the queue it is sold through',
});
export type AdminConcertView = z.infer<typeof AdminConcertView>;

export const AdminConcertPage = z
  .object({ items: z.array(AdminConcertView), nextCursor: NextCursor })
  .meta({ id: 'AdminConcertPage', description: 'All concerts' });

export const AdminScheduleView = ScheduleView.extend({
  seats: z.int().min(0).meta({ description: 'All seats of the date', example: 50 }),
  prices: PlanPrices.nullable().meta({ description: 'By category of its plan; null where it has none' }),
}).meta({ id: 'AdminSchedule', description: 'A date, on sale or not' });
export type AdminScheduleView = z.infer<typeof AdminScheduleView>;

export const AdminScheduleList = z
  .object({ items: z.array(AdminScheduleView) })
  .meta({ id: 'AdminScheduleList', description: 'All dates of a concert' });

const NewSeat = z
  .strictObject({ location: SeatLocation, price: Money })
  .meta({ id: 'NewSeat', description: 'A seat to add' });

export const AddSeatsRequest = z
  .strictObject({
    seats: z
      .array(NewSeat)
      .min(1)
      .max(SEATS_PER_CALL_MAX)
      .superRefine((seats, context) => {
        const seen = new Set<string>();
        seats.forEach(({ location }, index) => {
          if (seen.has(location))
            context.addIssue({ code: 'custom', path: [index, 'location'], message: 'is there twice' });
          seen.add(location);
        });
      })
      .meta({
        example: [
          { location: 'A-1', price: 99_000 },
          { location: 'A-2', price: 99_000 },
        ],
      }),
  })
  .meta({ id: 'AddSeatsRequest', description: 'Seats to add to a date; calls add up' });
export type AddSeatsRequest = z.infer<typeof AddSeatsRequest>;

export const SeatsAddedView = z
  .object({ added: z.int().min(0).meta({ example: 2 }) })
  .meta({ id: 'SeatsAdded', description: 'How many seats were added' });
export type SeatsAddedView = z.infer<typeof SeatsAddedView>;

export const SessionRequest = z
  .strictObject({ role: z.enum(['user', 'admin']).default('user') })
  .meta({ id: 'SessionRequest', description: 'Whom to be', example: { role: 'user' } });

export const SessionView = z
  .object({
    userId: Id,
    accessToken: z.string().meta({ description: 'Send it as `Authorization: Bearer …`' }),
    expiresAt: Time,
  })
  .meta({ id: 'Session', description: 'A new user, signed in' });
export type SessionView = z.infer<typeof SessionView>;
