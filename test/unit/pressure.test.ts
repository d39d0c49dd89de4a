import { createEase, type Strain } from '../../src/api/pressure';

/** Looked at every 100 ms. */
function easeUnder(strains: Strain[]): number[] {
  let nowMs = 0;
  let at = 0;
  const ease = createEase(
    () => strains[at++] as Strain,
    () => nowMs,
  );
  return strains.map(() => {
    nowMs += 100;
    return ease();
  });
}

const times = (count: number, strain: Strain): Strain[] => Array.from({ length: count }, () => strain);
const CALM = { loopBusy: 0.4, machineIdle: 0.5 };

test.each([
  ['event loop', { loopBusy: 0.9, machineIdle: 0.5 }],
  ['machine', { loopBusy: 0.4, machineIdle: 0 }],
])('a strained %s takes the ease away within a second, and calm brings it back within another', (_what, strain) => {
  const seen = easeUnder([...times(5, CALM), ...times(10, strain), ...times(11, CALM)]);
  expect(seen[4]).toBe(1);
  expect(seen[14]).toBeLessThan(0.01);
  expect(seen.at(-1)).toBe(1);
});

test('after a rest nothing is left of the strain', () => {
  let nowMs = 0;
  const strains = [{ loopBusy: 1, machineIdle: 0 }, CALM];
  const ease = createEase(
    () => strains.shift() as Strain,
    () => nowMs,
  );
  nowMs = 100;
  expect(ease()).toBe(0.5);
  nowMs = 5_000;
  expect(ease()).toBe(1);
});

test('the real loop and the real processor can be looked at', async () => {
  const ease = createEase();
  for (const endMs = performance.now() + 300; performance.now() < endMs;);
  expect(ease()).toBe(0.5);
});
