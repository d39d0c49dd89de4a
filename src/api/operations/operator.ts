import { BookingList, BookingQuery, OverviewView, SalesHistoryView, SalesQuery } from '../../contracts/operator';
import { API } from '../paths';
import type { Operation } from './operation';

export const operatorOperations: readonly Operation[] = [
  {
    method: 'get',
    path: `${API}/admin/overview`,
    operationId: 'getOverview',
    tag: 'Administration',
    summary: 'Look at everything',
    description:
      'Queues and how they move, what each date has sold, open and failed workflows, and whether the invariants hold. ' +
      'Queues are a quarter of a second old at the most, sales about a second, workflows some seconds.',
    access: 'admin',
    replies: [{ status: 200, description: 'How everything is', body: OverviewView }],
    refusals: [],
  },
  {
    method: 'get',
    path: `${API}/admin/schedules/{id}/sales`,
    operationId: 'getSales',
    tag: 'Administration',
    summary: 'Read what a date has sold over time',
    description:
      'Seats and revenue in each of the last sixty pieces of time, the one under way last, and the seats held and free at its end.',
    access: 'admin',
    query: SalesQuery,
    replies: [{ status: 200, description: 'The history', body: SalesHistoryView }],
    refusals: [],
  },
  {
    method: 'get',
    path: `${API}/admin/bookings`,
    operationId: 'findBookings',
    tag: 'Administration',
    summary: 'Find bookings',
    description:
      'By reservation, by user, or by date and seat; with what happened when, and what money moved. Newest first, fifty ' +
      'at the most.',
    access: 'admin',
    query: BookingQuery,
    replies: [{ status: 200, description: 'The bookings found', body: BookingList }],
    refusals: [],
  },
];
