import { z } from 'zod';
import { toRefusal } from '../../src/api/problem';
import { pointerTo } from '../../src/faults';
import { canonical } from '../../src/api/idempotency';
import { Refusal } from '../../src/errors';

describe('what a client may see of an error', () => {
  test('a refusal, as it is', () => {
    const refusal = new Refusal('seat_taken', 'Already taken.', { seatIds: [1] });
    expect(toRefusal(refusal)).toBe(refusal);
  });

  test('a body that does not fit its schema: 400 with pointers', () => {
    const { error } = z.strictObject({ a: z.int() }).safeParse({ a: 'x', b: 1 });
    const refusal = toRefusal(error);
    expect(refusal.code).toBe('validation_failed');
    expect(refusal.members.errors).toEqual([
      { pointer: '/a', detail: expect.any(String) },
      { pointer: '/b', detail: 'is not a known field' },
    ]);
  });

  test('thousands of faults are not all listed', () => {
    const { error } = z.array(z.int()).safeParse(Array.from({ length: 5_000 }, () => 'x'));
    expect(toRefusal(error).members.errors).toHaveLength(100);
  });

  test.each([
    ['a refused connection', Object.assign(new Error('connect ECONNREFUSED 10.0.0.7:3306'), { code: 'ECONNREFUSED' })],
    ['a connection that died', Object.assign(new Error('closed'), { code: 'PROTOCOL_CONNECTION_LOST', fatal: true })],
    ['a full pool', Object.assign(new Error('Timeout acquiring a connection'), { name: 'KnexTimeoutError' })],
    [
      'a lock that was waited for too long',
      Object.assign(new Error('select secret'), { code: 'ER_LOCK_WAIT_TIMEOUT' }),
    ],
  ])('%s: 503, without the text of the driver', (_case, error) => {
    const refusal = toRefusal(error);
    expect(refusal.code).toBe('unavailable');
    expect(refusal.detail).not.toContain(error.message);
  });

  test.each([
    [new Error('select password from user')],
    [Object.assign(new Error('syntax'), { code: 'ER_PARSE_ERROR' })],
    ['text'],
    [undefined],
  ])('anything else is internal and keeps its text to itself: %p', (error) => {
    const refusal = toRefusal(error);
    expect(refusal.code).toBe('internal');
    expect(refusal.detail).toBe('The cause was logged under this trace id.');
  });

  test('a path that cannot be decoded leads nowhere', () => {
    expect(toRefusal(new URIError('Failed to decode param')).code).toBe('not_found');
  });
});

test('pointers escape what RFC 6901 says', () => {
  expect(pointerTo([])).toBe('');
  expect(pointerTo(['a/b', 'c~d', 0])).toBe('/a~1b/c~0d/0');
});

describe('the canonical form of a body', () => {
  test('does not depend on the order of members', () => {
    expect(canonical({ b: [1, { d: null, c: 'x' }], a: true })).toBe(
      canonical({ a: true, b: [1, { c: 'x', d: null }] }),
    );
  });

  test.each([
    [{ a: 1 }, { a: '1' }],
    [{ a: 1 }, { a: 1, b: 1 }],
    [
      [1, 2],
      [2, 1],
    ],
    [{ a: [1] }, { a: { 0: 1 } }],
    [[1, 1], [11]],
    [undefined, {}],
    [null, undefined],
    [new Refusal('validation_failed', ''), {}],
  ])('tells %j from %j', (one, other) => {
    expect(canonical(one)).not.toBe(canonical(other));
  });

  test.each([
    ['arrays', (inner: unknown): unknown => [inner]],
    ['objects', (inner: unknown): unknown => ({ a: inner })],
  ])('%s tell their contents down to a depth of 20, and no deeper one exhausts the stack', (_, wrap) => {
    const nested = (depth: number, inner: unknown): unknown => (depth === 0 ? inner : nested(depth - 1, wrap(inner)));
    expect(canonical(nested(20, 1))).not.toBe(canonical(nested(20, 2)));
    expect(canonical(nested(21, 1))).toBe(canonical(nested(5_000, 2)));
  });
});
