import { createRush, type Rush } from '../../src/activities/rush';

/** A machine as idle as this, and a clock that moves while a closing rests; `resting` happens meanwhile. */
function rushOn(idle: number, resting: (rush: Rush) => void = () => undefined) {
  let nowMs = 0;
  const rush: Rush = createRush(
    () => idle,
    () => nowMs,
    async (ms) => {
      nowMs += ms;
      resting(rush);
    },
  );
  return {
    rush,
    /** How long a closing waits from now on. */
    waitsMs: async (ageMs = 0) => {
      const fromMs = nowMs;
      await rush.over(ageMs);
      return nowMs - fromMs;
    },
  };
}

test('a closing waits for nobody when no payment is about', async () => {
  expect(await rushOn(0).waitsMs()).toBe(0);
});

test('on a busy machine a closing lets payments pass, until none has been decided for a while', async () => {
  const { rush, waitsMs } = rushOn(0);
  rush.paying();
  expect(await waitsMs()).toBe(400);
  expect(await waitsMs()).toBe(0);
});

test('where the processor is idle enough for both, nobody waits', async () => {
  const { rush, waitsMs } = rushOn(0.6);
  rush.paying();
  expect(await waitsMs()).toBe(0);
});

test('a closing that has waited for a minute waits no longer', async () => {
  const { rush, waitsMs } = rushOn(0);
  rush.paying();
  expect(await waitsMs(61_000)).toBe(0);
});

test('a rush without end does not keep closings waiting for ever', async () => {
  const { rush, waitsMs } = rushOn(0, ({ paying }) => paying());
  rush.paying();
  expect(await waitsMs()).toBe(2_000);
});
