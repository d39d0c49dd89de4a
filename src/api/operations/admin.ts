import { AddSeatsRequest, CreateConcertRequest, CreateScheduleRequest, SeatsAddedView } from '../../contracts/admin';
import { ConcertView, ScheduleView } from '../../contracts/concert';
import { QueueList, QueueSettingsPatch, QueueSettingsView } from '../../contracts/queue';
import { API } from '../paths';
import type { Operation } from './operation';

export const adminOperations: readonly Operation[] = [
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
        links: [{ operationId: 'addSeats', parameters: { id: '$response.body#/id' } }],
      },
    ],
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
