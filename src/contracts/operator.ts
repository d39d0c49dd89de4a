import { z } from 'zod';
import { ENTRY_KINDS } from './asset';
import { Currency, Id, line, Time } from './common';
import { ConcertName, LOCATION_MAX, Place } from './concert';
import { QueueSettingsView } from './queue';
import { ReservationTimelineView, ReservationView } from './reservation';

/** Dates in the overview: those on sale first. */
export const OVERVIEW_SCHEDULES_MAX = 20;
/** Rows without a workflow are counted up to here: a longer backlog is a backlog. */
export const BACKLOG_COUNT_MAX = 10_000;
/** What a search gives at the most. */
export const BOOKINGS_MAX = 50;

const Count = z.int().min(0);
const Amount = z.int().meta({ description: 'In the minor unit of the currency', example: 297_000 });

export const QueueTrafficView = QueueSettingsView.extend({
  admittedPerMinute: Count.meta({ description: 'Let in during the last minute' }),
  departedPerMinute: Count.meta({ description: 'Left before their turn during the last minute' }),
  finishedPerMinute: Count.meta({ description: 'Paid, left or ran out of time inside during the last minute' }),
  oldestWaitSeconds: Count.nullable().meta({ description: 'Since when the first in line waits' }),
  drainSeconds: Count.nullable().meta({ description: 'Until all who wait now are in; null while nobody is let in' }),
}).meta({ id: 'QueueTraffic', description: 'A queue, its settings, how full it is and how it moves' });
export type QueueTrafficView = z.infer<typeof QueueTrafficView>;

export const SaleView = z
  .object({
    scheduleId: Id,
    concertId: Id,
    concert: ConcertName,
    place: Place,
    concertAt: Time,
    reservationStartAt: Time,
    reservationEndAt: Time,
    free: Count,
    held: Count,
    sold: Count,
    revenue: Amount,
  })
  .meta({ id: 'Sale', description: 'What a date has sold' });
export type SaleView = z.infer<typeof SaleView>;

export const WorkflowsView = z
  .object({
    state: z.enum(['up', 'down']).meta({ description: 'Whether Temporal answered' }),
    namespace: z.string(),
    uiUrl: z.string().nullable().meta({ description: "Temporal's Web UI, where it is known" }),
    open: z
      .object({ queueToken: Count, reservation: Count, payment: Count, sweep: Count })
      .nullable()
      .meta({ description: 'Running now, by type; null while Temporal does not answer' }),
    failed: Count.nullable().meta({ description: 'Failed, timed out or terminated, as far as Temporal keeps them' }),
    notStarted: z
      .object({ tokens: Count.max(BACKLOG_COUNT_MAX), reservations: Count.max(BACKLOG_COUNT_MAX) })
      .meta({ description: `Live rows without a workflow, counted up to ${BACKLOG_COUNT_MAX}` }),
  })
  .meta({ id: 'Workflows' });
export type WorkflowsView = z.infer<typeof WorkflowsView>;

export const SweepView = z
  .object({
    checkedAt: Time.nullable().meta({ description: 'When the last sweep checked' }),
    silent: z.boolean().meta({ description: 'No sweep for minutes: nobody knows' }),
    invariants: z.array(
      z.object({ name: z.string(), never: z.string(), violations: Count }).meta({ id: 'InvariantResult' }),
    ),
  })
  .meta({ id: 'Sweep', description: 'What the last sweep found; 0 violations is the only good value' });
export type SweepView = z.infer<typeof SweepView>;

export const OverviewView = z
  .object({
    asOf: Time,
    currency: Currency,
    queues: z.array(QueueTrafficView),
    sales: z.array(SaleView).meta({ description: `The first ${OVERVIEW_SCHEDULES_MAX}; those on sale first` }),
    workflows: WorkflowsView,
    sweep: SweepView,
  })
  .meta({ id: 'Overview', description: 'How everything is; cheap enough to be asked for every second' });
export type OverviewView = z.infer<typeof OverviewView>;

export const SalesQuery = z.strictObject({
  bucketSeconds: z
    .enum(['10', '60', '3600', '86400'])
    .default('60')
    .meta({ description: 'How much time one item stands for; the last 60 of them are given' }),
});

export const SalesHistoryView = z
  .object({
    bucketSeconds: z.int(),
    seats: Count.meta({ description: 'All of the date' }),
    items: z.array(
      z
        .object({
          from: Time,
          sold: Count.meta({ description: 'Seats sold in this piece of time' }),
          revenue: Amount,
          held: Count.meta({ description: 'Seats held at its end' }),
          free: Count.meta({ description: 'Seats free at its end' }),
        })
        .meta({ id: 'SalesBucket' }),
    ),
  })
  .meta({ id: 'SalesHistory', description: 'What was sold when, and what was left, oldest first, without gaps' });
export type SalesHistoryView = z.infer<typeof SalesHistoryView>;

export const BookingView = z
  .object({
    userId: Id,
    queueTokenId: Id.meta({ description: 'Its workflow is queue-token-{id}' }),
    reservation: ReservationView.meta({ description: 'Its workflows are reservation-{id} and payment-{id}' }),
    timeline: ReservationTimelineView,
    money: z.array(
      z
        .object({ entryId: Id, kind: z.enum(ENTRY_KINDS), amount: Amount, at: Time })
        .meta({ id: 'BookingMovement', description: 'Signed: a debit is negative' }),
    ),
  })
  .meta({ id: 'Booking', description: 'A reservation with what happened to it' });
export type BookingView = z.infer<typeof BookingView>;

export const BookingList = z
  .object({ items: z.array(BookingView) })
  .meta({ id: 'BookingList', description: `Newest first, ${BOOKINGS_MAX} at the most` });

const QueryId = z.string().regex(/^[1-9]\d{0,14}$/, 'must be a positive integer');

export const BookingQuery = z
  .strictObject({
    reservation: QueryId.optional().meta({ description: 'The id of a reservation', example: '1' }),
    user: QueryId.optional().meta({ description: 'The id of a user' }),
    schedule: QueryId.optional().meta({ description: 'The id of a date; together with `location`' }),
    location: line(1, LOCATION_MAX).optional().meta({ description: 'A seat of that date, such as A-1' }),
  })
  .superRefine((query, context) => {
    const given = [query.reservation, query.user, query.schedule ?? query.location].filter(Boolean).length;
    if (given !== 1) context.addIssue({ code: 'custom', message: 'name a reservation, a user, or a date and a seat' });
    else if ((query.schedule === undefined) !== (query.location === undefined)) {
      const path = [query.schedule === undefined ? 'schedule' : 'location'];
      context.addIssue({ code: 'custom', path, message: 'belongs to the other one of schedule and location' });
    }
  });
export type BookingQuery = z.infer<typeof BookingQuery>;
