import { z } from 'zod';
import { Currency, Id, Money, NextCursor, Time } from './common';
import { ConcertName, Place } from './concert';
import { PaymentView } from './payment';

/** The most that `MAX_TICKETS_PER_USER` can be set to: a longer list could never be granted, so it is malformed. */
export const SEATS_PER_HOLD_MAX = 100;

export const RESERVATION_STATUSES = ['HELD', 'PAID', 'EXPIRED', 'CANCELLED'] as const;

export const HoldRequest = z
  .strictObject({
    scheduleId: Id,
    seatIds: z
      .array(Id)
      .min(1)
      .max(SEATS_PER_HOLD_MAX)
      .superRefine((seatIds, context) => {
        const seen = new Set<number>();
        seatIds.forEach((seatId, index) => {
          if (seen.has(seatId)) context.addIssue({ code: 'custom', path: [index], message: 'is there twice' });
          seen.add(seatId);
        });
      })
      .meta({ uniqueItems: true, example: [1, 2] }),
  })
  .meta({ id: 'HoldRequest', description: 'The seats to hold, all or none' });
export type HoldRequest = z.infer<typeof HoldRequest>;

export const TicketView = z
  .object({ id: Id, seatId: Id, location: z.string().meta({ example: 'A-1' }), price: Money })
  .meta({ id: 'Ticket', description: 'One seat of a reservation, at the price when it was held' });
export type TicketView = z.infer<typeof TicketView>;

export const ReservationView = z
  .object({
    id: Id,
    status: z.enum(RESERVATION_STATUSES).meta({ example: 'HELD' }),
    scheduleId: Id,
    totalPrice: z.int().min(0).meta({ description: 'In the minor unit of the currency', example: 198_000 }),
    currency: Currency,
    reservedAt: Time,
    expiresAt: Time.meta({ description: 'Pay before this moment', example: '2026-12-01T11:05:00.000Z' }),
    expiresInSeconds: z
      .int()
      .min(0)
      .meta({ description: 'Left until then by the server; 0 unless HELD', example: 300 }),
    completedAt: Time.nullable().meta({ description: 'When it was paid, expired or cancelled', example: null }),
    paymentId: Id.nullable().meta({ description: 'Its payment, once PAID', example: null }),
    tickets: z.array(TicketView),
  })
  .meta({ id: 'Reservation', description: 'Seats held for, or sold to, one user' });
export type ReservationView = z.infer<typeof ReservationView>;

export const ReservationPage = z
  .object({ items: z.array(ReservationView), nextCursor: NextCursor })
  .meta({ id: 'ReservationPage', description: 'The reservations of the caller, newest first' });

export const TIMELINE_STEPS = ['QUEUED', 'ADMITTED', 'HELD', 'PAID', 'EXPIRED', 'CANCELLED'] as const;

export const ReservationTimelineView = z
  .object({
    reservationId: Id,
    concertName: ConcertName,
    place: Place,
    concertAt: Time,
    steps: z
      .array(z.object({ step: z.enum(TIMELINE_STEPS), at: Time }))
      .meta({ description: 'In their order; the last is what became of it, unless it is HELD' }),
    payment: PaymentView.nullable().meta({ description: 'null where no money was moved' }),
  })
  .meta({ id: 'ReservationTimeline', description: 'What a reservation is for, and how it went' });
export type ReservationTimelineView = z.infer<typeof ReservationTimelineView>;
