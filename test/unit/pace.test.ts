import { createPace } from '../../src/temporal/pace';

const MINUTE_MS = 60_000;

test('on a server at ease there is no rest, however quick or slow the machine is', () => {
  for (const normalMs of [2, 80]) {
    const pace = createPace();
    expect([1, 1.5, 1.1, 1.4].map((times) => pace.restMs(times * normalMs))).toEqual([0, 0, 0, 0]);
  }
});

test('the slower a call was than the quickest, the longer the rest, up to a bound', () => {
  const pace = createPace();
  pace.restMs(10);
  expect([20, 30, 60, 10_000].map(pace.restMs)).toEqual([40, 80, 200, 500]);
});

test('what was normal is forgotten: a server that has become slower for good is not left alone for ever', () => {
  let nowMs = 0;
  const pace = createPace(() => nowMs);
  pace.restMs(10);
  expect(pace.restMs(50)).toBe(160);
  const rests = Array.from({ length: 25 }, () => {
    nowMs += MINUTE_MS;
    return pace.restMs(50);
  });
  expect([rests[0], rests.at(-1)]).toEqual([160, 0]);
});
