import { SessionRequest, type SessionView } from '../../contracts/admin';
import { createUser } from '../../db/asset';
import type { Database } from '../../db/connect';
import { signSession } from '../dev-session';
import { parseOptionalBody } from '../body';
import { API } from '../paths';
import { sendJson } from '../reply';
import type { Users } from '../users';
import type { Routes } from './routes';

export interface SessionRoutes {
  db: Database;
  users: Users;
  secret: string;
}

/** For dev mode only: anybody may become a new user, of any role. */
export function sessionRoutes(router: Routes, { db, users, secret }: SessionRoutes): void {
  router.post(`${API}/dev/sessions`, async (req, res) => {
    const { role } = parseOptionalBody(req, SessionRequest);
    const userId = await createUser(db);
    users.know(userId);
    const session: SessionView = { userId, ...signSession(secret, { userId, role }) };
    sendJson(res, 201, session);
  });
}
