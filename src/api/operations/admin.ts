import {
  AddSeatsRequest,
  AdminConcertPage,
  AdminConcertView,
  AdminScheduleList,
  AdminScheduleView,
  ConcertPatch,
  CreateConcertRequest,
  CreateScheduleRequest,
  SchedulePatch,
  SeatsAddedView,
} from '../../contracts/admin';
import { PageQuery } from '../../contracts/common';
import { ConcertView, ScheduleView } from '../../contracts/concert';
import { QueueList, QueueSettingsPatch, QueueSettingsView } from '../../contracts/queue';
import { API } from '../paths';
import type { Operation } from './operation';

export const adminOperations: readonly Operation[] = [
  {
    method: 'get',
    path: `${API}/admin/concerts`,
    operationId: 'listAllConcerts',
    tag: 'Administration',
    summary: 'List all concerts',
    description: 'On sale or not.',
    access: 'admin',
    query: PageQuery,
    replies: [
      {
        status: 200,
        description: 'A page of concerts',
        body: AdminConcertPage,
        links: [{ operationId: 'listAllSchedules', parameters: { id: '$response.body#/items/0/id' } }],
      },
    ],
    refusals: [],
  },
  {
    method: 'post',
    path: `${API}/admin/concerts`,
    operationId: 'createConcert',
    tag: 'Administration',
    summary: 'Add a concert',
    description:
      'It is sold through its queue, `main` unless named; a queue that is new is made with the default settings.',
    access: 'admin',
    body: { schema: CreateConcertRequest, required: true },
    replies: [
      {
        status: 201,
        description: 'Added',
        body: ConcertView,
        links: [{ operationId: 'createSchedule', parameters: { id: '$response.body#/id' } }],
      },
    ],
    refusals: [],
  },
  {
    method: 'patch',
    path: `${API}/admin/concerts/{id}`,
    operationId: 'updateConcert',
    tag: 'Administration',
    summary: 'Change a concert',
    description: 'Its name and description. The queue through which it is sold stays.',
    access: 'admin',
    body: { schema: ConcertPatch, required: true },
    replies: [{ status: 200, description: 'The concert as it is now', body: AdminConcertView }],
    refusals: [],
  },
  {
    method: 'get',
    path: `${API}/admin/concerts/{id}/schedules`,
    operationId: 'listAllSchedules',
    tag: 'Administration',
    summary: 'List all dates of a concert',
    description: 'On sale or not, with the prices of those that have a seating plan.',
    access: 'admin',
    replies: [{ status: 200, description: 'The dates', body: AdminScheduleList }],
    refusals: [],
  },
  {
    method: 'post',
    path: `${API}/admin/concerts/{id}/schedules`,
    operationId: 'createSchedule',
    tag: 'Administration',
    summary: 'Add a date to a concert',
    description: 'The sale begins before it ends, and ends when the concert begins at the latest.',
    access: 'admin',
    body: { schema: CreateScheduleRequest, required: true },
    replies: [
      {
        status: 201,
        description: 'Added, without seats',
        body: ScheduleView,
        links: [
          { operationId: 'addSeats', parameters: { id: '$response.body#/id' } },
          { operationId: 'importPlan', parameters: { id: '$response.body#/id' } },
        ],
      },
    ],
    refusals: [],
  },
  {
    method: 'patch',
    path: `${API}/admin/schedules/{id}`,
    operationId: 'updateSchedule',
    tag: 'Administration',
    summary: 'Change a date',
    description:
      'Its place, its times, and what the categories of its plan cost from the next hold on; whoever holds seats or has ' +
      'paid keeps the price agreed.',
    access: 'admin',
    body: { schema: SchedulePatch, required: true },
    replies: [{ status: 200, description: 'The date as it is now', body: AdminScheduleView }],
    refusals: [],
  },
  {
    method: 'post',
    path: `${API}/admin/schedules/{id}/seats`,
    operationId: 'addSeats',
    tag: 'Administration',
    summary: 'Add seats to a date',
    description: 'Up to 500 a call, all or none; calls add up. A location that exists is refused.',
    access: 'admin',
    body: { schema: AddSeatsRequest, required: true },
    replies: [{ status: 201, description: 'Added', body: SeatsAddedView }],
    refusals: [],
  },
  {
    method: 'get',
    path: `${API}/admin/queues`,
    operationId: 'listQueues',
    tag: 'Administration',
    summary: 'List the queues',
    description: 'Their settings and how full they are.',
    access: 'admin',
    replies: [{ status: 200, description: 'All queues', body: QueueList }],
    refusals: [],
  },
  {
    method: 'patch',
    path: `${API}/admin/queues/{name}`,
    operationId: 'updateQueue',
    tag: 'Administration',
    summary: 'Change a queue',
    description:
      'Acts at once. `activeSeconds` holds for later admissions; with a lowered `maxActive` nobody gets in until enough have left.',
    access: 'admin',
    body: { schema: QueueSettingsPatch, required: true },
    replies: [{ status: 200, description: 'The queue as it is now', body: QueueSettingsView }],
    refusals: [],
  },
];
