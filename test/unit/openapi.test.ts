import { once } from 'node:events';
import http, { type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Client, Connection } from '@temporalio/client';
import type { Express } from 'express';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import request from 'supertest';
import { z } from 'zod';
import { createApp } from '../../src/api/app';
import { signSession } from '../../src/api/dev-session';
import { buildOpenApi } from '../../src/api/openapi';
import { API } from '../../src/api/paths';
import { operationsFor } from '../../src/api/operations/all';
import { loadConfig, type Config } from '../../src/config';
import { connect } from '../../src/db/connect';
import type { Starter } from '../../src/temporal/starter';

type Json = { [key: string]: Json };

/** Pages for people, not operations; those of `dist/web` are given as lists of addresses. */
/** One of errors takes the error, too. */
const HANDLER_LENGTH_MAX = 3;
const PAGES = /^\/(docs|assets|web-config)/;

const idle: Starter = {
  reservationHeld: () => {},
  tokensAdmitted: () => {},
  tokenLeft: () => {},
  reservationsCancelled: () => {},
  stats: () => ({ pending: 0, dropped: 0 }),
  close: async () => {},
};

const config = (mode: Config['auth']['mode']): Config =>
  loadConfig({
    DATABASE_URL: 'mysql://nobody:nothing@127.0.0.1:1/none',
    TOKEN_SECRET: 'a-secret-of-this-test-and-of-nothing-else',
    AUTH_MODE: mode,
    AUTH_JWKS_URL: 'http://127.0.0.1:1/',
    AUTH_ISSUER: 'https://identity.example/',
    AUTH_AUDIENCE: 'frontrow',
  });

/** An app that reaches neither a database nor Temporal: both connect at their first use only. */
function openApp(mode: Config['auth']['mode']): { express: Express; close(): Promise<void> } {
  const settings = config(mode);
  const db = connect({ url: settings.databaseUrl, poolMax: 1 });
  const connection = Connection.lazy({ address: '127.0.0.1:1' });
  const deps = {
    config: settings,
    db,
    client: new Client({ connection }),
    starter: idle,
    logger: pino({ level: 'silent' }),
    registry: new Registry(),
  };
  const app = createApp(deps);
  const close = async (): Promise<void> => {
    await app.close();
    await connection.close();
    await db.destroy();
  };
  return { express: app.express, close };
}

const isHandler = ({ handle }: { handle: { length: number } }): boolean => handle.length <= HANDLER_LENGTH_MAX;

async function routesOf(mode: Config['auth']['mode']): Promise<string[]> {
  const app = openApp(mode);
  const routes = app.express.router.stack.flatMap(({ route }) => (route ? [route] : []));
  await app.close();
  return routes
    .filter(({ path }) => typeof path === 'string' && !PAGES.test(path))
    .flatMap(({ path, stack }) => {
      const [answering, refusing] = [stack.filter(isHandler), stack.filter((layer) => !isHandler(layer))];
      // An error that leaves its route is tried against every later one.
      if (path.startsWith(API)) expect([path, refusing.length]).toEqual([path, answering.length]);
      return answering.map(({ method }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`);
    });
}

describe.each(['dev', 'jwks'] as const)('the document in %s mode', (mode) => {
  const document = buildOpenApi(operationsFor(mode)) as Json;
  const operations = Object.entries(document.paths!).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );

  test('describes exactly the routes that there are', async () => {
    const described = operations.map(({ method, path }) => `${method} ${path}`);
    expect(described.length).toBeGreaterThan(20);
    expect(described.sort()).toEqual((await routesOf(mode)).sort());
  });

  test('every reference leads somewhere', () => {
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path]) => path!);
    expect(references.length).toBeGreaterThan(50);
    for (const path of references) {
      const target = path.split('/').reduce<Json | undefined>((node, part) => node?.[part], document);
      expect([path, typeof target]).toEqual([path, 'object']);
    }
  });

  test('operations have names of their own, and links lead to one of them', () => {
    const names = operations.map(({ operation }) => operation.operationId as unknown as string);
    expect(new Set(names).size).toBe(names.length);
    const links = [...JSON.stringify(document.paths).matchAll(/"links":\{"(\w+)"/g)].map(([, name]) => name!);
    expect(links.length).toBeGreaterThan(0);
    for (const link of links) expect(names).toContain(link);
  });

  test('every operation of the API says how it refuses', () => {
    for (const { path, method, operation } of operations.filter((entry) => entry.path.startsWith('/api/'))) {
      const statuses = Object.keys(operation.responses!);
      expect([method, path, statuses]).toEqual([method, path, expect.arrayContaining(['429', '500', '503'])]);
      if (operation.security!.length) expect(statuses).toContain('401');
      if (operation.requestBody) expect(statuses).toEqual(expect.arrayContaining(['400', '413', '415']));
    }
  });
});

test('an example in a schema is accepted by that schema', () => {
  const { schemas } = z.toJSONSchema(z.globalRegistry, { io: 'input' });
  const withExample = Object.entries(schemas).filter(([, schema]) => 'example' in schema);
  expect(withExample.length).toBeGreaterThan(3);
  for (const [, schema] of withExample) {
    expect(
      z.fromJSONSchema(schema as never).safeParse((schema as unknown as { example: unknown }).example).error,
    ).toBeUndefined();
  }
});

describe('the server around the routes', () => {
  const app = openApp('dev');
  let server: Server;

  beforeAll(async () => {
    server = app.express.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterAll(async () => {
    await new Promise((resolve) => server.close(resolve));
    await app.close();
  });

  test('an unknown address is a 404 problem with the trace id of the request', async () => {
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
    const reply = await request(server).get('/nowhere').set('traceparent', `00-${traceId}-00f067aa0ba902b7-01`);
    expect(reply.status).toBe(404);
    expect(reply.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(reply.headers['x-request-id']).toBe(traceId);
    expect(JSON.parse(reply.text)).toMatchObject({ code: 'not_found', status: 404, retryable: false, traceId });
  });

  test('a known address with another method is 405 and says what is allowed', async () => {
    const reply = await request(server).put('/api/v1/reservations/1');
    expect(reply.status).toBe(405);
    expect(reply.headers.allow).toBe('GET, DELETE, HEAD, OPTIONS');
  });

  test.each([
    ['post', '/api/v1/reservations'],
    ['get', '/api/v1/concerts'],
    ['get', '/api/v1/asset'],
    ['get', '/api/v1/admin/queues'],
  ] as const)('%s %s without a bearer token is 401 before the body is judged', async (method, path) => {
    const reply = await request(server)
      [method](path)
      .set('content-type', 'application/json')
      .send(method === 'post' ? '{' : undefined);
    expect(reply.status).toBe(401);
    expect(reply.headers['www-authenticate']).toMatch(/^Bearer /);
    expect(JSON.parse(reply.text)).toMatchObject({ code: 'unauthenticated' });
  });

  test.each([
    ['malformed JSON', 'application/json', '{', 400, 'validation_failed'],
    ['JSON that is no object', 'application/json', '5', 400, 'validation_failed'],
    ['another type', 'text/plain', '{}', 415, 'unsupported_media_type'],
    ['too much', 'application/json', `{"role":"${'x'.repeat(70_000)}"}`, 413, 'payload_too_large'],
    ['an unknown field', 'application/json', '{"rôle":"user"}', 400, 'validation_failed'],
  ])('a body of %s is refused', async (_case, type, body, status, code) => {
    const reply = await request(server).post('/api/v1/dev/sessions').set('content-type', type).send(body);
    expect([reply.status, JSON.parse(reply.text).code]).toEqual([status, code]);
  });

  describe('a seating plan', () => {
    const path = '/api/v1/admin/schedules/1/plan';
    const MEGABYTE = 1024 * 1024;
    const sendPlan = async (role: 'user' | 'admin', bytes: number) => {
      const { accessToken } = signSession(config('dev').tokenSecret, { userId: 1, role });
      return request(server)
        .post(path)
        .set('authorization', `Bearer ${accessToken}`)
        .set('content-type', 'application/json')
        .send(`{"plan":"${'x'.repeat(bytes)}"}`);
    };

    test.each([
      ['is read up to 4 MB', 'admin', 3 * MEGABYTE, 400, 'validation_failed'],
      ['of more than that is refused', 'admin', 5 * MEGABYTE, 413, 'payload_too_large'],
      ['is not read from who is no administrator', 'user', 3 * MEGABYTE, 403, 'forbidden'],
    ] as const)('%s', async (_case, role, bytes, status, code) => {
      const reply = await sendPlan(role, bytes);
      expect([reply.status, JSON.parse(reply.text).code]).toEqual([status, code]);
    });

    test('makes others wait while two are being read', async () => {
      const { accessToken } = signSession(config('dev').tokenSecret, { userId: 1, role: 'admin' });
      const headers = { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' };
      const { port } = server.address() as AddressInfo;
      const halfSent = [1, 2].map(() => {
        const sending = http.request({
          port,
          path,
          method: 'POST',
          headers: { ...headers, 'content-length': MEGABYTE },
        });
        sending.on('error', () => {});
        sending.write('{');
        return sending;
      });
      try {
        let last = 0;
        for (let tries = 0; last !== 503 && tries < 200; tries += 1) last = (await sendPlan('admin', 10)).status;
        expect(last).toBe(503);
      } finally {
        for (const sending of halfSent) sending.destroy();
      }
      let after = 503;
      for (let tries = 0; after === 503 && tries < 200; tries += 1) after = (await sendPlan('admin', 10)).status;
      expect(after).toBe(400);
    });
  });

  test('a database that is away is 503 with Retry-After, and nothing of its driver shows', async () => {
    const reply = await request(server).post('/api/v1/dev/sessions');
    expect(reply.status).toBe(503);
    expect(reply.headers['retry-after']).toMatch(/^[1-3]$/);
    expect(reply.text).not.toMatch(/mysql|ECONN|127\.0\.0\.1/);
  });

  test('the page at /docs loads its script and style from here, as its policy demands', async () => {
    const page = await request(server).get('/docs');
    expect(page.status).toBe(200);
    const files = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, file]) => file!);
    expect(files.length).toBe(4);
    for (const file of files) expect((await request(server).get(file)).status).toBe(200);
    expect(page.text).not.toMatch(/<script>|<style>|style="/);
  });

  test('livez answers without a database, readyz says what is missing', async () => {
    expect((await request(server).get('/livez')).status).toBe(200);
    const readiness = await request(server).get('/readyz');
    expect(readiness.status).toBe(503);
    expect(readiness.body).toMatchObject({ status: 'not ready', checks: { database: 'down', queueSnapshot: 'stale' } });
  });
});
