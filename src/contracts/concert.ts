import { z } from 'zod';
import { Id, line, Money, NextCursor, text, Time } from './common';

const CONCERT_NAME_MAX = 200;
const CONCERT_DESCRIPTION_MAX = 2_000;
const PLACE_MAX = 200;
export const LOCATION_MAX = 40;

export const ConcertName = line(1, CONCERT_NAME_MAX).meta({
  minLength: 1,
  maxLength: CONCERT_NAME_MAX,
  example: 'Winter Songs',
});
export const ConcertDescription = text(0, CONCERT_DESCRIPTION_MAX).meta({
  minLength: 0,
  maxLength: CONCERT_DESCRIPTION_MAX,
  example: 'An evening of songs for the cold season',
});
export const Place = line(1, PLACE_MAX).meta({ minLength: 1, maxLength: PLACE_MAX, example: 'Olympic Hall, Seoul' });
export const SeatLocation = line(1, LOCATION_MAX).meta({ minLength: 1, maxLength: LOCATION_MAX, example: 'A-1' });

export const ConcertView = z
  .object({ id: Id, name: ConcertName, description: ConcertDescription })
  .meta({ id: 'Concert', description: 'A concert' });
export type ConcertView = z.infer<typeof ConcertView>;

export const ConcertPage = z
  .object({ items: z.array(ConcertView), nextCursor: NextCursor })
  .meta({ id: 'ConcertPage', description: 'Concerts with a date on sale now' });

export const ScheduleView = z
  .object({
    id: Id,
    concertId: Id,
    place: Place,
    reservationStartAt: Time.meta({ description: 'When the sale begins', example: '2026-11-01T01:00:00.000Z' }),
    reservationEndAt: Time.meta({ description: 'When the sale ends', example: '2026-12-01T01:00:00.000Z' }),
    concertAt: Time,
    availableSeats: z.int().min(0).meta({ example: 42 }),
  })
  .meta({ id: 'Schedule', description: 'A date of a concert' });
export type ScheduleView = z.infer<typeof ScheduleView>;

export const ScheduleList = z
  .object({ items: z.array(ScheduleView) })
  .meta({ id: 'ScheduleList', description: 'The dates that can be booked now' });

export const SeatView = z
  .object({ id: Id, location: SeatLocation, price: Money, available: z.boolean() })
  .meta({ id: 'Seat', description: 'A seat at one date' });
export type SeatView = z.infer<typeof SeatView>;

export const SeatMapView = z
  .object({
    scheduleId: Id,
    asOf: Time.meta({ description: 'The moment that this reply describes' }),
    availableSeats: z
      .int()
      .min(0)
      .meta({ description: 'Free seats of the whole date, whatever the filter', example: 42 }),
    seats: z.array(SeatView),
  })
  .meta({ id: 'SeatMap', description: 'The seats of one date' });
export type SeatMapView = z.infer<typeof SeatMapView>;

export const SeatChangesView = z
  .object({
    asOf: SeatMapView.shape.asOf,
    availableSeats: SeatMapView.shape.availableSeats.meta({ description: 'Free seats of the whole date', example: 41 }),
    seats: z.array(z.object({ id: Id, available: z.boolean() })),
  })
  .meta({
    id: 'SeatChanges',
    description: 'The seats that have changed since the event before',
    example: { asOf: '2026-12-01T11:00:00.250Z', availableSeats: 41, seats: [{ id: 7, available: false }] },
  });
export type SeatChangesView = z.infer<typeof SeatChangesView>;

export const SeatMapQuery = z.strictObject({
  available: z
    .preprocess(booleanFromWord, z.boolean())
    .optional()
    .meta({ description: 'Only the seats that are free (true) or that are not (false)' }),
});

/** Query parameters are text; any other word is left as it is for the schema to refuse. */
function booleanFromWord(value: unknown): unknown {
  return value === 'true' ? true : value === 'false' ? false : value;
}
