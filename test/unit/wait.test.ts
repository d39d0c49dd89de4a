import { createAdmissionRate } from '../../src/api/admission-rate';
import { estimateWaitSeconds, pollAfterMs } from '../../src/api/wait';

const queue = { paused: false, maxActive: 60, activeSeconds: 600, admitPerMinute: null, admissible: 0 };

describe('the estimated wait', () => {
  test('without a rate seen, assumes that everybody inside uses the whole time', () => {
    expect(estimateWaitSeconds(queue, undefined, 30)).toBe(300);
  });

  test('follows the rate seen', () => {
    expect(estimateWaitSeconds(queue, 2, 30)).toBe(15);
  });

  test('is never faster than the rate limit', () => {
    expect(estimateWaitSeconds({ ...queue, admitPerMinute: 30 }, 100, 30)).toBe(60);
  });

  test('is 0 for those for whom a place is free', () => {
    expect(estimateWaitSeconds({ ...queue, admissible: 3 }, undefined, 3)).toBe(0);
  });

  test('is not given while nobody is let in', () => {
    expect(estimateWaitSeconds({ ...queue, paused: true }, 2, 1)).toBeNull();
    expect(estimateWaitSeconds({ ...queue, maxActive: 0 }, undefined, 1)).toBeNull();
  });
});

describe('the admission rate', () => {
  test('says nothing before enough was seen', () => {
    const rate = createAdmissionRate(0);
    rate.record(1_000, 4);
    expect(rate.perSecond(30_000)).toBeUndefined();
    rate.record(30_000, 1);
    expect(rate.perSecond(30_000)).toBe(5 / 30);
  });

  test('forgets what is older than a minute', () => {
    const rate = createAdmissionRate(0);
    rate.record(1_000, 600);
    expect(rate.perSecond(60_500)).toBe(10);
    expect(rate.perSecond(61_500)).toBeUndefined();
    rate.record(3_600_000, 60);
    expect(rate.perSecond(3_600_000)).toBe(1);
  });
});

describe('the time to the next poll', () => {
  test('is a second at the front and grows to ten far back', () => {
    expect(pollAfterMs(1)).toBeLessThan(1_100);
    expect(pollAfterMs(500)).toBe(5_500);
    expect(pollAfterMs(1_000_000)).toBe(10_000);
  });
});
