import type { Killed } from './kill';

/** Prints where processes were killed and how long it took until everything was at rest again. */
export function printTable(killed: readonly Killed[]): void {
  const rows = killed.map(({ write, point, reached, done, answeredMs, settledMs }) =>
    [write, point, reached ? (done ? 'done' : '') : 'not reached', answeredMs, settledMs].map(String),
  );
  const head = ['write', 'killed', 'effect', 'answered ms', 'at rest ms'];
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const lines = [head, ...rows].map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '));
  process.stdout.write(`${lines.join('\n')}\n`);
}

/** Of ten points at most one may be missed: which of two things at once comes first is not the same each time. */
const MISSED_PER_REACHED_MAX = 0.1;

export function expectReached(killed: readonly Killed[]): void {
  const missed = killed.filter(({ reached }) => !reached);
  expect(killed.length).toBeGreaterThan(0);
  expect(missed.length).toBeLessThanOrEqual(Math.ceil(killed.length * MISSED_PER_REACHED_MAX));
  // What decides is never missed.
  expect(missed.map(({ point }) => point).filter((point) => /COMMIT of .*,|reply|^after request/.test(point))).toEqual(
    [],
  );
}
