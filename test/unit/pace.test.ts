import type { CpuTime } from '../../src/temporal/idle-share';
import { createPace, PATIENT, URGENT } from '../../src/temporal/pace';

/** A machine whose processor has been this idle in every quarter of a second. */
function paceOn(idleShares: number[], leaveIdle = URGENT): number[] {
  let nowMs = 0;
  const time: CpuTime = { total: 0, idle: 0 };
  const pace = createPace(
    leaveIdle,
    () => ({ ...time }),
    () => nowMs,
  );
  return idleShares.map((share) => {
    nowMs += 250;
    time.total += 500;
    time.idle += 500 * share;
    return Math.round(pace.perSecond());
  });
}

const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);

test('on an idle machine starts are made as fast as they can be', () => {
  expect(paceOn(times(20, 1)).at(-1)).toBe(500);
});

test('who has rested begins at a modest pace, however idle the machine was', () => {
  let nowMs = 0;
  const pace = createPace(
    URGENT,
    () => ({ total: 2 * nowMs, idle: 2 * nowMs }),
    () => nowMs,
  );
  const after = (ms: number) => {
    nowMs += ms;
    return pace.perSecond();
  };
  for (let look = 0; look < 20; look += 1) after(250);
  expect(after(250)).toBe(500);
  expect(after(60_000)).toBe(50);
});

test('on a busy one they are left for later, and never altogether', () => {
  expect(paceOn(times(20, 0)).at(-1)).toBe(1);
});

test('in between the pace stays; after a rush it is back within seconds', () => {
  const paces = paceOn([...times(20, 0), ...times(4, 0.2), ...times(28, 0.9)]);
  expect(paces.slice(20, 24)).toEqual(times(4, 1));
  expect(paces.at(-1)).toBeGreaterThan(400);
});

test('what can wait leaves a half idle machine alone, and what has a deadline does not', () => {
  expect(paceOn(times(20, 0.34), PATIENT).at(-1)).toBe(1);
  expect(paceOn(times(20, 0.34), URGENT).at(-1)).toBe(500);
});

test('looks that err to both sides alike move it to neither', () => {
  const paces = paceOn(times(100, [URGENT + 0.1, URGENT - 0.1]).flat());
  expect(paces.at(-1)).toBe(50);
});

test('the real processor can be read', () => {
  expect(createPace(URGENT).perSecond()).toBeGreaterThan(0);
});
