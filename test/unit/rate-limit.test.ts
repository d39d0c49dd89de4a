import express from 'express';
import request from 'supertest';
import pino from 'pino';
import type { Identify } from '../../src/api/auth';
import { problems } from '../../src/api/problem';
import { limitRates, type RateLimits } from '../../src/api/rate-limit';
import { loadConfig } from '../../src/config';
import { Refusal } from '../../src/errors';

/** The header `user` says who it is. */
const identify: Identify = async (req) => {
  if (!req.headers['user']) throw new Refusal('unauthenticated', 'Nobody.');
  return { userId: Number(req.headers['user']), role: 'user' };
};

/** Gives a client of a server with these limits: who asks from where, and what the server answers. */
function serve(limits: RateLimits) {
  const app = express().set('trust proxy', 1);
  for (const limit of limitRates(limits, identify)) app.use(limit);
  app.get('/', (_req, res) => void res.end());
  app.use(problems(pino({ level: 'silent' })));
  return (user: string, address: string) => request(app).get('/').set({ user, 'X-Forwarded-For': address });
}

async function statuses(ask: ReturnType<typeof serve>, from: [user: string, address: string][]): Promise<number[]> {
  const seen = [];
  for (const [user, address] of from) seen.push((await ask(user, address)).status);
  return seen;
}

test('a user cannot escape by many addresses; another user at one of them is not counted with them', async () => {
  const ask = serve({ perUser: 2, perAddress: 0 });
  expect(
    await statuses(ask, [
      ['1', '10.0.0.1'],
      ['1', '10.0.0.2'],
      ['1', '10.0.0.3'],
      ['2', '10.0.0.3'],
    ]),
  ).toEqual([200, 200, 429, 200]);
});

test('an address cannot escape by many users, nor by signing out; another address is not counted with it', async () => {
  const ask = serve({ perUser: 2, perAddress: 3 });
  const from: [string, string][] = [
    ['1', '10.0.0.1'],
    ['2', '10.0.0.1'],
    ['', '10.0.0.1'],
    ['3', '10.0.0.1'],
  ];
  expect(await statuses(ask, [...from, ['3', '10.0.0.2']])).toEqual([200, 200, 200, 429, 200]);
});

test('who is not signed in is counted by address; addresses of one IPv6 network are one', async () => {
  const ask = serve({ perUser: 2, perAddress: 0 });
  expect(
    await statuses(ask, [
      ['', '2001:db8::1'],
      ['', '2001:db8::2'],
      ['', '2001:db8::3'],
    ]),
  ).toEqual([200, 200, 429]);
});

test('both say when to come back', async () => {
  for (const limits of [
    { perUser: 1, perAddress: 0 },
    { perUser: 0, perAddress: 1 },
  ]) {
    const ask = serve(limits);
    await ask('1', '10.0.0.1');
    const refused = await ask('1', '10.0.0.1');
    expect(refused.body).toMatchObject({ code: 'rate_limited', status: 429, retryable: true });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
  }
});

test('both are off unless set, each by a variable of its own', () => {
  const env = { DATABASE_URL: 'mysql://localhost/x', TOKEN_SECRET: 'x'.repeat(32), AUTH_MODE: 'dev' };
  expect(limitRates(loadConfig(env).rateLimits, identify)).toEqual([]);
  const set = { ...env, RATE_LIMIT_PER_MINUTE: '5', RATE_LIMIT_ADDRESS_PER_MINUTE: '7' };
  expect(loadConfig(set).rateLimits).toEqual({ perUser: 5, perAddress: 7 });
});
