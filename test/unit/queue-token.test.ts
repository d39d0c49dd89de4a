import fc from 'fast-check';
import { createQueueTokens } from '../../src/api/queue-token';

const SECRET = 'a-secret-of-this-test-and-of-nothing-else';

const tokens = createQueueTokens(SECRET);
/** By a process that has never seen the string. */
const verify = (secret: string, token: string) => createQueueTokens(secret).verify(token);

describe('queue token strings', () => {
  test('the token of an id is verified to the same id, for any id', () => {
    fc.assert(
      fc.property(
        fc.maxSafeNat().filter((id) => id > 0),
        (id) => {
          expect(verify(SECRET, tokens.mint(id))).toBe(id);
        },
      ),
    );
  });

  test('the same id gives the same string, so that a second device gets the same token', () => {
    expect(tokens.mint(17)).toBe(tokens.mint(17));
  });

  test('a token signed under another secret is refused', () => {
    expect(verify(`${SECRET}!`, tokens.mint(17))).toBeUndefined();
  });

  test('the signature of one id does not open another', () => {
    const [, signature] = tokens.mint(17).split('.');
    expect(verify(SECRET, `18.${signature}`)).toBeUndefined();
  });

  test.each([
    ['that has made it', tokens],
    ['that has never seen it', createQueueTokens(SECRET)],
  ])('no change of a single character is accepted by a process %s', (_which, { verify }) => {
    const token = tokens.mint(17);
    fc.assert(
      fc.property(fc.nat(token.length - 1), fc.string({ minLength: 1, maxLength: 1 }), (index, character) => {
        const tampered = token.slice(0, index) + character + token.slice(index + 1);
        fc.pre(tampered !== token);
        expect(verify(tampered)).toBeUndefined();
      }),
    );
  });

  test.each(['', '.', '17', '17.', '.x', '017.x', '-1.x', '1e3.x', '9007199254740993.x', '17.x.y'])(
    'what is no token at all is refused: %j',
    (text) => {
      expect(verify(SECRET, text)).toBeUndefined();
    },
  );
});
