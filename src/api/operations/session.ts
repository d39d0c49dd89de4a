import { SessionRequest, SessionView } from '../../contracts/admin';
import { API } from '../paths';
import type { Operation } from './operation';

export const sessionOperations: readonly Operation[] = [
  {
    method: 'post',
    path: `${API}/dev/sessions`,
    operationId: 'createSession',
    tag: 'Development',
    summary: 'Become a new user',
    description:
      'Only with `AUTH_MODE=dev`: makes a user with a balance of 0 and signs a bearer token for them. ' +
      'The role `admin` opens the calls under Administration.',
    access: 'open',
    body: { schema: SessionRequest, required: false },
    replies: [{ status: 201, description: 'Signed in', body: SessionView }],
    refusals: [],
  },
];
