import { PageQuery } from '../../contracts/common';
import { HoldRequest, ReservationPage, ReservationTimelineView, ReservationView } from '../../contracts/reservation';
import { API } from '../paths';
import type { Operation } from './operation';

export const reservationOperations: readonly Operation[] = [
  {
    method: 'post',
    path: `${API}/reservations`,
    operationId: 'holdSeats',
    tag: 'Reservations',
    summary: 'Hold seats',
    description:
      'Holds all of the seats, or none, until `expiresAt`. Refused at once where somebody else has one or is taking ' +
      'one at this moment: nobody waits for a seat.',
    access: 'guarded',
    body: { schema: HoldRequest, required: true },
    idempotencyKey: 'hold-1',
    replies: [
      {
        status: 201,
        description: 'Held',
        body: ReservationView,
        headers: ['Location', 'Idempotency-Replayed'],
        links: [
          { operationId: 'getReservation', parameters: { id: '$response.body#/id' } },
          { operationId: 'payReservation', requestBody: { reservationId: '$response.body#/id' } },
          { operationId: 'cancelReservation', parameters: { id: '$response.body#/id' } },
        ],
      },
    ],
    refusals: [
      'queue_token_of_another_queue',
      'not_found',
      'seat_taken',
      'seat_contended',
      'sales_not_open',
      'ticket_limit_exceeded',
    ],
  },
  {
    method: 'get',
    path: `${API}/reservations`,
    operationId: 'listReservations',
    tag: 'Reservations',
    summary: 'List your reservations',
    description: 'Newest first, in any state. Needs no queue token.',
    access: 'user',
    query: PageQuery,
    replies: [{ status: 200, description: 'A page of reservations', body: ReservationPage }],
    refusals: [],
  },
  {
    method: 'get',
    path: `${API}/reservations/{id}`,
    operationId: 'getReservation',
    tag: 'Reservations',
    summary: 'Read a reservation',
    description: 'One of your reservations, in any state.',
    access: 'user',
    replies: [{ status: 200, description: 'The reservation', body: ReservationView }],
    refusals: [],
  },
  {
    method: 'get',
    path: `${API}/reservations/{id}/timeline`,
    operationId: 'getReservationTimeline',
    tag: 'Reservations',
    summary: 'Read how a reservation went',
    description:
      'Which concert one of your reservations is for, when you queued, were let in, held, and paid or lost it, and the ' +
      'payment. Needs no queue token.',
    access: 'user',
    replies: [{ status: 200, description: 'How it went', body: ReservationTimelineView }],
    refusals: [],
  },
  {
    method: 'delete',
    path: `${API}/reservations/{id}`,
    operationId: 'cancelReservation',
    tag: 'Reservations',
    summary: 'Cancel a hold',
    description:
      'Frees the seats at once. One that has expired or was cancelled is answered as it is; a paid one is refused.',
    access: 'user',
    replies: [{ status: 200, description: 'The reservation, not HELD any more', body: ReservationView }],
    refusals: ['reservation_not_cancellable'],
  },
];
