import { setTimeout as sleep } from 'node:timers/promises';
import { createRemembered } from '../../src/api/remembered';

/** A source that counts its readings and gives what it is told to. */
function source(answers: (() => Promise<number>)[]) {
  let readings = 0;
  return { readings: () => readings, read: () => (answers[readings++] ?? answers.at(-1)!)() };
}

const HOUR_MS = 3_600_000;

test('everybody who asks in one moment shares a reading, and so does who asks while it is good', async () => {
  const { readings, read } = source([async () => 7]);
  const remembered = createRemembered(HOUR_MS, read);
  expect(await Promise.all([remembered.read(), remembered.read()])).toEqual([7, 7]);
  expect(await remembered.read()).toBe(7);
  expect(readings()).toBe(1);
});

test('a reading that is not good any more is made anew', async () => {
  const { readings, read } = source([async () => 1, async () => 2]);
  const remembered = createRemembered(0, read);
  expect(await remembered.read()).toBe(1);
  await sleep(20);
  expect(await remembered.read()).toBe(2);
  expect(readings()).toBe(2);
});

test('a slow source is asked less often: what took long is good for longer', async () => {
  const { readings, read } = source([() => sleep(60, 1), async () => 2]);
  const remembered = createRemembered(0, read);
  await remembered.read();
  await sleep(60);
  expect(await remembered.read()).toBe(1);
  expect(readings()).toBe(1);
});

test('a reading that fails fails for who waits for it, and is not kept', async () => {
  const { read } = source([() => Promise.reject(new Error('away')), async () => 3]);
  const remembered = createRemembered(HOUR_MS, read);
  const both = await Promise.allSettled([remembered.read(), remembered.read()]);
  expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await remembered.read()).toBe(3);
  await remembered.idle();
});
