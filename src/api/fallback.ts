import type { RequestHandler } from 'express';
import { Refusal } from '../errors';
import { sendProblem } from './problem';
import { beginReply } from './reply';

/** A method and a path in OpenAPI's notation, `/concerts/{id}`. */
interface Endpoint {
  method: string;
  path: string;
}

/**
 * Answers what no route took: 405 with `Allow` where the path exists with other methods, `OPTIONS` with `Allow` alone,
 * otherwise 404.
 */
export function fallback(endpoints: readonly Endpoint[]): RequestHandler {
  const paths = groupByPath(endpoints);
  return (req, res, next) => {
    const known = paths.find(({ pattern }) => pattern.test(req.path));
    if (!known) return next(new Refusal('not_found', 'There is nothing at this address.'));
    const allow = ['Allow', known.allow];
    if (req.method === 'OPTIONS') beginReply(res, 204, allow).end();
    else sendProblem(res, new Refusal('method_not_allowed', `Allowed here: ${known.allow}.`), allow);
  };
}

function groupByPath(endpoints: readonly Endpoint[]): { pattern: RegExp; allow: string }[] {
  return [...new Set(endpoints.map(({ path }) => path))].map((path) => {
    const methods = endpoints.filter((endpoint) => endpoint.path === path).map(({ method }) => method.toUpperCase());
    return {
      // As Express matches: any case, with or without a slash at the end.
      pattern: new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}/?$`, 'i'),
      allow: [...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].join(', '),
    };
  });
}
