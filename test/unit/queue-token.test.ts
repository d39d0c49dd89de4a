import fc from 'fast-check';
import { mintQueueToken, verifyQueueToken } from '../../src/api/queue-token';

const SECRET = 'a-secret-of-this-test-and-of-nothing-else';

describe('queue token strings', () => {
  test('the token of an id is verified to the same id, for any id', () => {
    fc.assert(
      fc.property(
        fc.maxSafeNat().filter((id) => id > 0),
        (id) => {
          expect(verifyQueueToken(SECRET, mintQueueToken(SECRET, id))).toBe(id);
        },
      ),
    );
  });

  test('the same id gives the same string, so that a second device gets the same token', () => {
    expect(mintQueueToken(SECRET, 17)).toBe(mintQueueToken(SECRET, 17));
  });

  test('a token signed under another secret is refused', () => {
    expect(verifyQueueToken(`${SECRET}!`, mintQueueToken(SECRET, 17))).toBeUndefined();
  });

  test('the signature of one id does not open another', () => {
    const [, signature] = mintQueueToken(SECRET, 17).split('.');
    expect(verifyQueueToken(SECRET, `18.${signature}`)).toBeUndefined();
  });

  test('no change of a single character is accepted', () => {
    const token = mintQueueToken(SECRET, 17);
    fc.assert(
      fc.property(fc.nat(token.length - 1), fc.string({ minLength: 1, maxLength: 1 }), (index, character) => {
        const tampered = token.slice(0, index) + character + token.slice(index + 1);
        fc.pre(tampered !== token);
        expect(verifyQueueToken(SECRET, tampered)).toBeUndefined();
      }),
    );
  });

  test.each(['', '.', '17', '17.', '.x', '017.x', '-1.x', '1e3.x', '9007199254740993.x', '17.x.y'])(
    'what is no token at all is refused: %j',
    (text) => {
      expect(verifyQueueToken(SECRET, text)).toBeUndefined();
    },
  );
});
