import { PageQuery, StreamEndView } from '../../contracts/common';
import {
  ConcertPage,
  ConcertView,
  ScheduleList,
  SeatChangesView,
  SeatMapQuery,
  SeatMapView,
} from '../../contracts/concert';
import { PlanView } from '../../contracts/plan';
import { API } from '../paths';
import { STREAM_RULES, type Operation } from './operation';

const toHold = {
  operationId: 'holdSeats',
  requestBody: { scheduleId: '$response.body#/scheduleId', seatIds: ['$response.body#/seats/0/id'] },
};

export const concertOperations: readonly Operation[] = [
  {
    method: 'get',
    path: `${API}/concerts`,
    operationId: 'listConcerts',
    tag: 'Concerts',
    summary: 'List concerts',
    description: 'The concerts of your queue that have a date on sale now.',
    access: 'guarded',
    query: PageQuery,
    replies: [
      {
        status: 200,
        description: 'A page of concerts',
        body: ConcertPage,
        links: [{ operationId: 'listSchedules', parameters: { id: '$response.body#/items/0/id' } }],
      },
    ],
    refusals: [],
  },
  {
    method: 'get',
    path: `${API}/concerts/{id}`,
    operationId: 'getConcert',
    tag: 'Concerts',
    summary: 'Read a concert',
    description: 'One concert of your queue.',
    access: 'guarded',
    replies: [{ status: 200, description: 'The concert', body: ConcertView }],
    refusals: ['queue_token_of_another_queue'],
  },
  {
    method: 'get',
    path: `${API}/concerts/{id}/schedules`,
    operationId: 'listSchedules',
    tag: 'Concerts',
    summary: 'List the dates of a concert',
    description: 'The dates that can be booked now, with the number of free seats.',
    access: 'guarded',
    replies: [
      {
        status: 200,
        description: 'The dates',
        body: ScheduleList,
        links: [{ operationId: 'listSeats', parameters: { id: '$response.body#/items/0/id' } }],
      },
    ],
    refusals: ['queue_token_of_another_queue'],
  },
  {
    method: 'get',
    path: `${API}/schedules/{id}/seats`,
    operationId: 'listSeats',
    tag: 'Concerts',
    summary: 'List the seats of a date',
    description:
      'Every seat and whether it is free. With `If-None-Match`, 304 while no seat has changed. What other processes ' +
      'did in the last 0.1 s may be missing; the hold decides.',
    access: 'guarded',
    query: SeatMapQuery,
    replies: [
      { status: 200, description: 'The seats', body: SeatMapView, headers: ['ETag'], links: [toHold] },
      { status: 304, description: 'No seat has changed since that ETag', headers: ['ETag'] },
    ],
    refusals: ['queue_token_of_another_queue'],
  },
  {
    method: 'get',
    path: `${API}/schedules/{id}/seats/events`,
    operationId: 'followSeats',
    tag: 'Concerts',
    summary: 'Follow the seats of a date',
    description:
      'Says at once what **List the seats of a date** would answer, then which seats have changed, as long as your token ' +
      `is ACTIVE. ${STREAM_RULES} The hold decides.`,
    access: 'guarded',
    replies: [
      {
        status: 200,
        description: 'Events until the token has ended',
        events: {
          seats: {
            description: 'All seats: first, and again when seats were added; it replaces what you know',
            data: SeatMapView,
          },
          changes: { description: 'The seats that have changed since the event before', data: SeatChangesView },
          end: { description: 'The last event: why you may not read on', data: StreamEndView },
        },
      },
    ],
    refusals: ['queue_token_of_another_queue'],
  },
  {
    method: 'get',
    path: `${API}/schedules/{id}/plan`,
    operationId: 'getPlan',
    tag: 'Concerts',
    summary: 'Read the seating plan of a date',
    description:
      "Where every seat is, in the newest form of pretix's open seating-plan format, and the seats' ids by `seat_guid`. " +
      'It never changes: with `If-None-Match`, 304. 404 where a date has no plan.',
    access: 'guarded',
    replies: [
      { status: 200, description: 'The plan', body: PlanView, headers: ['ETag'] },
      { status: 304, description: 'It is the plan with that ETag', headers: ['ETag'] },
    ],
    refusals: ['queue_token_of_another_queue'],
  },
];
