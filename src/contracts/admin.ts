import { z } from 'zod';
import { Id, Money, Time, TimeInput } from './common';
import { ConcertDescription, ConcertName, Place, SeatLocation } from './concert';
import { QUEUE_DEFAULT, QueueName } from './queue';

/** Seats in one call: fits the body limit and one short multi-row insert. */
export const SEATS_PER_CALL_MAX = 500;

export const CreateConcertRequest = z
  .strictObject({ name: ConcertName, description: ConcertDescription, queue: QueueName.default(QUEUE_DEFAULT) })
  .meta({ id: 'CreateConcertRequest', description: 'A new concert' });
export type CreateConcertRequest = z.infer<typeof CreateConcertRequest>;

export const CreateScheduleRequest = z
  .strictObject({
    place: Place,
    reservationStartAt: TimeInput.meta({ format: 'date-time', example: '2026-11-01T10:00:00+09:00' }),
    reservationEndAt: TimeInput.meta({ format: 'date-time', example: '2026-12-01T10:00:00+09:00' }),
    concertAt: TimeInput.meta({ format: 'date-time', example: '2026-12-01T20:00:00+09:00' }),
  })
  .superRefine((schedule, context) => {
    const [startMs, endMs, concertMs] = [
      schedule.reservationStartAt,
      schedule.reservationEndAt,
      schedule.concertAt,
    ].map(Date.parse);
    if (!(startMs! < endMs!)) {
      context.addIssue({
        code: 'custom',
        path: ['reservationEndAt'],
        message: 'must be later than reservationStartAt',
      });
    }
    if (!(endMs! <= concertMs!)) {
      context.addIssue({ code: 'custom', path: ['concertAt'], message: 'must not be earlier than reservationEndAt' });
    }
  })
  .meta({ id: 'CreateScheduleRequest', description: 'A new date: the sale begins, the sale ends, the concert' });
export type CreateScheduleRequest = z.infer<typeof CreateScheduleRequest>;

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
