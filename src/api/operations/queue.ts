import { IssueTokenRequest, QueueSaleView, QueueTokenView } from '../../contracts/queue';
import { API } from '../paths';
import { STREAM_RULES, type Operation } from './operation';

export const queueOperations: readonly Operation[] = [
  {
    method: 'post',
    path: `${API}/queue/tokens`,
    operationId: 'issueQueueToken',
    tag: 'Queue',
    summary: 'Join the queue',
    description:
      'Gives a queue token and the place in line. A user has one live token per queue: asking again gives the same one. ' +
      'Without a body, the queue is `main`.',
    access: 'user',
    body: { schema: IssueTokenRequest, required: false },
    replies: [
      { status: 201, description: 'A new token', body: QueueTokenView },
      { status: 200, description: 'The live token that you have already', body: QueueTokenView },
    ],
    refusals: ['not_found'],
  },
  {
    method: 'get',
    path: `${API}/queue/token`,
    operationId: 'getQueueToken',
    tag: 'Queue',
    summary: 'Ask for your place',
    description: 'Answers for a token in any state. Ask again after `pollAfterMs`.',
    access: 'token',
    replies: [{ status: 200, description: 'The token and its place', body: QueueTokenView }],
    refusals: [],
  },
  {
    method: 'get',
    path: `${API}/queue/token/events`,
    operationId: 'followQueueToken',
    tag: 'Queue',
    summary: 'Follow your place',
    description:
      'Says at once what **Ask for your place** would answer, and again whenever that changes: a new state at once, a ' +
      `new place no more often than \`pollAfterMs\`. ${STREAM_RULES} A stream without a last event may be resumed.`,
    access: 'token',
    replies: [
      {
        status: 200,
        description: 'Events until the token has ended',
        events: {
          token: {
            description: 'The token and its place; the last one says USED, EXPIRED or LEFT',
            data: QueueTokenView,
          },
        },
      },
    ],
    refusals: [],
  },
  {
    method: 'get',
    path: `${API}/queue/token/sale`,
    operationId: 'getQueueSale',
    tag: 'Queue',
    summary: 'Ask what is left',
    description: 'What is on sale through the queue of a token in any state, as it was a few seconds ago.',
    access: 'token',
    replies: [{ status: 200, description: 'Concerts and their free seats', body: QueueSaleView }],
    refusals: [],
  },
  {
    method: 'delete',
    path: `${API}/queue/token`,
    operationId: 'leaveQueue',
    tag: 'Queue',
    summary: 'Leave the queue',
    description: 'Ends the token, cancels its live holds and passes its place on. May be repeated.',
    access: 'token',
    replies: [{ status: 204, description: 'Left' }],
    refusals: [],
  },
];
