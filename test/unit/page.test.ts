import fc from 'fast-check';
import { decodeCursor, encodeCursor, parseId, toPage } from '../../src/api/page';

describe('cursors', () => {
  test('give back the id they were made of', () => {
    fc.assert(
      fc.property(
        fc.maxSafeNat().filter((id) => id > 0),
        (id) => {
          expect(decodeCursor(encodeCursor(id))).toBe(id);
        },
      ),
    );
  });

  test('any other text is no cursor', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const id = decodeCursor(text);
        expect(id === undefined || encodeCursor(id) === text).toBe(true);
      }),
    );
    expect(decodeCursor(Buffer.from('id:0').toString('base64url'))).toBeUndefined();
    expect(decodeCursor(Buffer.from('no:7').toString('base64url'))).toBeUndefined();
    expect(decodeCursor(`${encodeCursor(7)}=`)).toBeUndefined();
  });
});

describe('ids in a path', () => {
  test.each(['1', '42', '9007199254740991'])('%s is one', (text) => {
    expect(parseId(text)).toBe(Number(text));
  });

  test.each(['', '0', '01', '-1', '+1', '1.0', '1e3', ' 1', '0x1', 'one', '9007199254740992', undefined, ['1']])(
    '%j is none',
    (text) => {
      expect(parseId(text)).toBeUndefined();
    },
  );
});

describe('pages', () => {
  const rows = [{ id: 5 }, { id: 4 }, { id: 3 }];

  test('a surplus row means that there is more, after the last item shown', () => {
    expect(toPage(rows, 2)).toEqual({ items: [{ id: 5 }, { id: 4 }], nextCursor: encodeCursor(4) });
  });

  test('the last page has no cursor', () => {
    expect(toPage(rows, 3)).toEqual({ items: rows, nextCursor: null });
    expect(toPage([], 3)).toEqual({ items: [], nextCursor: null });
  });
});
