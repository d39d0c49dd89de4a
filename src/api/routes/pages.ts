import { join } from 'node:path';
import type { RequestHandler, Router } from 'express';
import type { Config } from '../../config';
import { sendJson } from '../reply';
import { readWebFiles, sendWebFile, type WebFile } from '../web-files';

/** The same from `src/api/routes` and from `dist/api/routes`. */
const DIR = join(__dirname, '../../../dist/web');

/** Addresses that the fans' page shows; it finds out by itself what is there. */
const FAN_PAGES = ['/', '/concerts/{*rest}', '/reservations', '/reservations/{*rest}', '/balance', '/signed-in'];
const OPS_PAGES = ['/ops', '/ops/{*rest}'];

/** What the pages have to know before anybody is signed in. */
export interface WebConfig {
  authMode: Config['auth']['mode'];
  /** In mode `jwks`: where to sign in, by authorization code with PKCE, and as which client. */
  issuer: string | null;
  clientId: string | null;
  audience: string | null;
  currency: string;
  maxTickets: number;
}

/** The pages for fans and operators, and the files they are made of. */
export function pageRoutes(router: Router, config: Config): void {
  const files = readWebFiles(DIR);
  const policy = contentSecurityPolicy(config);
  const page = (name: string): RequestHandler => {
    const file = files.get(name);
    return (req, res, next) => {
      if (!file) return next();
      res.set('Content-Security-Policy', policy);
      sendWebFile(req, res, file);
    };
  };
  router.get(FAN_PAGES, page('index.html'));
  router.get(OPS_PAGES, page('ops.html'));
  router.get('/assets/:name', asset(files));
  const webConfig = describe(config);
  router.get('/web-config.json', (_req, res) => {
    sendJson(res, 200, webConfig, ['Cache-Control', 'no-cache']);
  });
}

function asset(files: ReadonlyMap<string, WebFile>): RequestHandler {
  return (req, res, next) => {
    const file = files.get(`assets/${String(req.params.name)}`);
    if (file) sendWebFile(req, res, file);
    else next();
  };
}

function describe({ auth, currency, maxTicketsPerUser }: Config): WebConfig {
  const provided = auth.mode === 'jwks';
  return {
    authMode: auth.mode,
    issuer: provided ? (auth.issuer ?? null) : null,
    clientId: provided ? (auth.clientId ?? null) : null,
    audience: provided ? (auth.audience ?? null) : null,
    currency,
    maxTickets: maxTicketsPerUser,
  };
}

/** Nothing from anywhere but here; the pages talk to the API and, to sign in, to the identity provider. */
function contentSecurityPolicy({ auth }: Config): string {
  const provider =
    auth.mode === 'jwks' && auth.issuer && URL.canParse(auth.issuer) ? ` ${new URL(auth.issuer).origin}` : '';
  return [
    `default-src 'none'`,
    `script-src 'self'`,
    `style-src 'self'`,
    `img-src 'self'`,
    `connect-src 'self'${provider}`,
    `base-uri 'none'`,
    `form-action 'none'`,
    `frame-ancestors 'none'`,
  ].join('; ');
}
