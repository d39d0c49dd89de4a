import type { ErrorRequestHandler, Express, RequestHandler } from 'express';

type Add = (path: string, handler: RequestHandler) => void;

/** Where routes are added, by method. */
export type Routes = Record<'get' | 'post' | 'put' | 'patch' | 'delete', Add>;

/** Routes of `app` that answer their own errors: an error that leaves its route is tried against every later one first. */
export function routesOf(app: Express, answerError: ErrorRequestHandler): Routes {
  const adds =
    (method: keyof Routes): Add =>
    (path, handler) =>
      void app[method](path, handler, answerError);
  return { get: adds('get'), post: adds('post'), put: adds('put'), patch: adds('patch'), delete: adds('delete') };
}
