import { once, unfinished, forget } from '../../web/src/api/once';
import { ApiFailure } from '../../web/src/api/problem';

/** What `once` uses of a browser's. */
interface Store {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}
declare global {
  var localStorage: Store;
}

const kept = new Map<string, string>();
beforeAll(() => {
  globalThis.localStorage = {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
    removeItem: (key) => void kept.delete(key),
  };
});
beforeEach(() => kept.clear());
afterEach(() => jest.useRealTimers());

const lost = () => Promise.reject(new ApiFailure('no_reply', undefined, 0));

test('a double click joins the call under way; another intention of the same name waits for it and is carried out', async () => {
  const sent: number[] = [];
  const run = async ({ amount }: { amount: number }) => {
    sent.push(amount);
    return amount;
  };
  const results = await Promise.all([10, 10, 50].map((amount) => once('charge', { amount }, run)));
  expect(results).toEqual([10, 10, 50]);
  expect(sent).toEqual([10, 50]);
});

test('a lost reply is asked for with the same key, also by a later call; another body has another key', async () => {
  const keys: string[] = [];
  const losing = (_body: object, key: string) => {
    keys.push(key);
    return lost();
  };
  await expect(once('charge', { amount: 1 }, losing)).rejects.toThrow('no_reply');
  expect(unfinished<{ amount: number }>('charge')?.body).toEqual({ amount: 1 });
  await once('charge', { amount: 1 }, async (_body, key) => keys.push(key));
  expect(new Set(keys).size).toBe(1);
  expect(unfinished('charge')).toBeUndefined();

  await expect(once('charge', { amount: 2 }, losing)).rejects.toThrow('no_reply');
  expect(new Set(keys).size).toBe(2);
  forget('charge');
  expect(unfinished('charge')).toBeUndefined();
});

test('who is refused before the key was looked at keeps it; who is refused for good does not', async () => {
  const refuse = (code: 'rate_limited' | 'validation_failed') => () => Promise.reject(new ApiFailure(code));
  await expect(once('charge', { amount: 1 }, lost)).rejects.toThrow();
  await expect(once('charge', { amount: 1 }, refuse('rate_limited'))).rejects.toThrow();
  expect(unfinished('charge')).toBeDefined();
  await expect(once('charge', { amount: 1 }, refuse('validation_failed'))).rejects.toThrow();
  expect(unfinished('charge')).toBeUndefined();
});

test('a key that the server may have forgotten is not used again', async () => {
  await expect(once('charge', { amount: 1 }, lost)).rejects.toThrow('no_reply');
  jest.useFakeTimers({ now: Date.now() + 11 * 3_600_000, doNotFake: ['setTimeout'] });
  expect(unfinished('charge')?.ageMs).toBeGreaterThan(10 * 3_600_000);
  jest.setSystemTime(Date.now() + 2 * 3_600_000);
  expect(unfinished('charge')).toBeUndefined();
});
