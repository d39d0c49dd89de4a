const SWAPS = { '<': '<=', '<=': '<', '>': '>=', '>=': '>', '=': '<>', '<>': '=', '+': '-', '-': '+' };
/** A state for one of the same kind, which the column can hold too. */
export const STATES = {
  ...{ WAITING: 'ACTIVE', ACTIVE: 'WAITING', USED: 'EXPIRED', LEFT: 'EXPIRED', EXPIRED: 'LEFT' },
  ...{ HELD: 'PAID', PAID: 'HELD', CANCELLED: 'EXPIRED', FREE: 'HELD', SOLD: 'HELD' },
};
const LINK = /\b(?:(WHERE|ON(?! DUPLICATE)|AND|OR)\s+|IF\()/g;
const END = /^(AND|OR|WHERE|ORDER|GROUP|LIMIT|FOR|SET|AS|LEFT|JOIN|FROM|UNION)\b/;

/** The changes of an SQL text, as `{at, length, by}`: conditions and assignments of no account, words swapped or dropped. */
export function sqlMutants(sql) {
  // What stands in `${}` is not SQL: it keeps its place and is not looked into.
  const masked = sql.replace(/\$\{(?!skip)(?:[^{}]|\{[^}]*\})*\}/g, (code) => '$'.repeat(code.length));
  const dropped = [...conditions(masked), ...assignments(masked)].map(({ start, end, render }) => {
    return { at: start, length: end - start, by: render(sql.slice(start, end)) };
  });
  const inDropped = (at) => dropped.some((one) => at >= one.at && at < one.at + one.length);
  return [...dropped, ...words(masked, inDropped)];
}

/** Each operand of AND and OR, and each whole condition. Its placeholders stay, or the values would not fit. */
function* conditions(sql) {
  for (const link of sql.matchAll(LINK)) {
    let joined = link[1];
    for (let start = link.index + link[0].length; ; start += 1) {
      const { end, next } = operand(sql, start);
      const neutral = joined === 'OR' || next === 'OR' ? 'AND FALSE' : 'OR TRUE';
      yield { start, end, render: (old) => `(${old} ${neutral})` };
      if (sql[start] !== '(') break; // what follows inside of parentheses has a link of its own
      joined = '';
    }
  }
}

/** Each column of an UPDATE that is left as it is. */
function* assignments(sql) {
  for (const set of sql.matchAll(/\bSET\s+/g)) {
    for (let start = set.index + set[0].length; ;) {
      const { end, next } = operand(sql, start);
      yield { start, end, render: (old) => old.replace(/^([\w.]+) = ([^]+)$/, '$1 = IF(TRUE, $1, $2)') };
      if (next !== ',') break;
      start = end + /^,\s*/.exec(sql.slice(end))[0].length;
    }
  }
}

/** Where what begins at `start` ends, and what follows. */
function operand(sql, start) {
  let depth = 0;
  for (let at = start; at < sql.length; at += 1) {
    if (sql[at] === '(') depth += 1;
    if (sql[at] === ')') depth -= 1;
    const next =
      depth > 0 ? '' : /[),]/.test(sql[at]) ? sql[at] : /\s/.test(sql[at - 1]) && END.exec(sql.slice(at))?.[0];
    if (depth < 0 || (next && next !== ')')) return { end: start + sql.slice(start, at).trimEnd().length, next };
  }
  return { end: start + sql.slice(start).trimEnd().length };
}

/** What is noticed wherever it is noticed that a whole condition or assignment counts is not tried. */
function* words(sql, inDropped) {
  const change = function* (pattern, swap) {
    for (const { index: at, 0: old } of sql.matchAll(pattern)) {
      const by = swap(old, at);
      if (by !== undefined) yield { at, length: old.length, by };
    }
  };
  yield* change(/FOR UPDATE( SKIP LOCKED| NOWAIT| \$\{skip\})?/g, () => '');
  yield* change(/(?<=FOR UPDATE )(SKIP LOCKED|NOWAIT|\$\{skip\})/g, () => '');
  yield* change(/ORDER BY [\w.]+( DESC)?/g, () => '');
  yield* change(/ORDER BY [\w.]+( DESC)?/g, (old) => (old.endsWith(' DESC') ? old.slice(0, -5) : `${old} DESC`));
  yield* change(/(?<= )(<=|>=|<>|[<>=+-])(?= )/g, (old, at) => (old === '=' && inDropped(at) ? undefined : SWAPS[old]));
  yield* change(/NOT EXISTS/g, () => 'EXISTS');
  yield* change(/(?<=')[A-Z]+(?=')/g, (old, at) => (inDropped(at) ? undefined : STATES[old]));
}
