import { matchesEtag } from '../../src/api/etag';
import { createSeatClaims } from '../../src/api/seat-claims';

describe('seats being taken in this process', () => {
  test('another request for one of them is refused at once, and takes none of its others', () => {
    const claims = createSeatClaims();
    claims.claim([1, 2]);
    expect(() => claims.claim([3, 2])).toThrow(expect.objectContaining({ code: 'seat_contended' }));
    expect(() => claims.claim([3])).not.toThrow();
  });

  test('what was given back can be claimed again', () => {
    const claims = createSeatClaims();
    const giveBack = claims.claim([1, 2]);
    giveBack();
    expect(() => claims.claim([2, 1])).not.toThrow();
  });
});

describe('If-None-Match', () => {
  const etag = 'W/"abc"';

  test.each(['W/"abc"', '"abc"', '"x", W/"abc"', '*'])('%s is the same seats', (header) => {
    expect(matchesEtag(header, etag)).toBe(true);
  });

  test.each([undefined, '', '"ab"', 'abc', 'W/"abd"'])('%s is not', (header) => {
    expect(matchesEtag(header, etag)).toBe(false);
  });
});
