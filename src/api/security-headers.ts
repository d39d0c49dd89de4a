import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import helmet from 'helmet';

/** Browsers would turn every http request of the page at /docs into https, which a development server does not speak. */
const HELMET = { contentSecurityPolicy: { directives: { upgradeInsecureRequests: null } } };

/** What helmet puts on every reply, asked for once: names and values in turn. */
export function securityHeaders(): string[] {
  const req = new IncomingMessage(new Socket());
  const res = new ServerResponse(req);
  helmet(HELMET)(req, res, () => undefined);
  return Object.entries(res.getHeaders()).flatMap(([name, value]) => [name, String(value)]);
}
