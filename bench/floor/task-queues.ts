/** Separate from those of the system, whose worker runs beside. */
export const FLOOR_TASK_QUEUES = {
  token: 'floor-queue',
  reservation: 'floor-reservation',
  payment: 'floor-payment',
} as const;
