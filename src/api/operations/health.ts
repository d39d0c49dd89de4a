import { z } from 'zod';
import { LivenessView, ReadinessView } from '../../contracts/health';
import type { Operation } from './operation';

export const healthOperations: readonly Operation[] = [
  {
    method: 'get',
    path: '/livez',
    operationId: 'getLiveness',
    tag: 'Operation',
    summary: 'Is the process alive?',
    description: 'Answers as long as the process does; asks nobody else.',
    access: 'open',
    replies: [{ status: 200, description: 'It is', body: LivenessView }],
    refusals: [],
  },
  {
    method: 'get',
    path: '/readyz',
    operationId: 'getReadiness',
    tag: 'Operation',
    summary: 'Should requests be sent here?',
    description: 'Ready = the database answers, the queues were read lately, and the process is not about to stop.',
    access: 'open',
    replies: [
      { status: 200, description: 'Yes', body: ReadinessView },
      { status: 503, description: 'No', body: ReadinessView },
    ],
    refusals: [],
  },
  {
    method: 'get',
    path: '/metrics',
    operationId: 'getMetrics',
    tag: 'Operation',
    summary: 'Metrics',
    description: 'In the text format of Prometheus.',
    access: 'open',
    replies: [{ status: 200, description: 'All series of this process', body: z.string(), mediaType: 'text/plain' }],
    refusals: [],
  },
  {
    method: 'get',
    path: '/openapi.json',
    operationId: 'getOpenApi',
    tag: 'Operation',
    summary: 'This document',
    description: 'OpenAPI 3.1.',
    access: 'open',
    replies: [{ status: 200, description: 'The document', body: z.looseObject({ openapi: z.string() }) }],
    refusals: [],
  },
];
