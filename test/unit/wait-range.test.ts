jest.mock('../../web/src/i18n/language', () => ({
  language: { value: 'en' },
  messagesIn: (all: { en: unknown }) => () => all.en,
}));
// By name: its types are a browser's.
const { waitRange } = jest.requireActual<{ waitRange(seconds: number): string }>('../../web/src/pages/wait-range');

test.each([
  [5, 'less than 10 seconds'],
  [12, 'less than 20 seconds'],
  [40, '20–70 seconds'],
  [300, '3–8 minutes'],
  [75 * 60, '52–120 minutes'],
  [85 * 60, '59–136 minutes'],
  [90 * 60, '1–3 hours'],
  [5 * 3_600, '3–8 hours'],
])('a wait of %i seconds is said as %s', (seconds, text) => {
  expect(waitRange(seconds)).toBe(text);
});
