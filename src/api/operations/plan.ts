import { SeatsAddedView } from '../../contracts/admin';
import { ImportPlanRequest, PlanExportView } from '../../contracts/plan';
import { API } from '../paths';
import type { Operation } from './operation';

export const planOperations: readonly Operation[] = [
  {
    method: 'post',
    path: `${API}/admin/schedules/{id}/plan`,
    operationId: 'importPlan',
    tag: 'Administration',
    summary: 'Import the seating plan of a date',
    description:
      "A plan in pretix's open seating-plan format, the newest form or an older one, up to 4 MB and 20,000 seats, with " +
      'the price of each category. All of its seats are made, or none: a plan with faults is refused with a pointer to ' +
      'each, up to 1,000 of them, and a date that has seats is left as it is.',
    access: 'admin',
    body: { schema: ImportPlanRequest, required: true },
    replies: [
      {
        status: 201,
        description: 'Imported',
        body: SeatsAddedView,
        links: [{ operationId: 'exportPlan', parameters: { id: '$request.path.id' } }],
      },
    ],
    refusals: ['schedule_has_seats'],
  },
  {
    method: 'get',
    path: `${API}/admin/schedules/{id}/plan`,
    operationId: 'exportPlan',
    tag: 'Administration',
    summary: 'Export the seating plan of a date',
    description: 'With the prices as they are now; what is given can be imported again. 404 where a date has no plan.',
    access: 'admin',
    replies: [{ status: 200, description: 'The plan', body: PlanExportView }],
    refusals: [],
  },
];
