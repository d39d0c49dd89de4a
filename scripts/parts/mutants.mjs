import { parseSync } from '@swc/core';
import { sqlMutants, STATES } from './mutants-sql.mjs';

const SQL = /\b(SELECT|INSERT INTO|UPDATE|DELETE FROM|WHERE|JOIN|INTERVAL)\b|\bstatus = '/;
const SWAPS = {
  ...{ '<': '<=', '<=': '<', '>': '>=', '>=': '>', '===': '!==', '!==': '===', '&&': '||', '||': '&&' },
  ...{ '+': '-', '-': '+', '*': '/', '/': '*', '+=': '-=', '-=': '+=' },
  ...{ some: 'every', every: 'some', max: 'min', min: 'max' },
};
const EQUALITY = /^[!=]==$/;
/** Types and imports do nothing that a test could notice. */
const PASSED_OVER = /^(Ts(?!AsExpression|NonNullExpression)|Import|ExportAll|ExportNamed)/;

/**
 * Every small change of a TypeScript source that a test should notice, as `{line, change, source}`: statements dropped,
 * conditions fixed, operators, literals and states swapped. What is SQL is changed as SQL.
 */
export function mutantsOf(source) {
  const bytes = Buffer.from(`;${source}`); // the parser counts bytes, from 1, and from the first token on
  const mutants = [];
  const textOf = ({ start, end }) => bytes.subarray(start - 1, end - 1).toString();
  const replace = (span, by) => {
    const changed = Buffer.concat([bytes.subarray(1, span.start - 1), Buffer.from(by), bytes.subarray(span.end - 1)]);
    mutants.push({ ...describe(bytes, span, by), source: changed.toString() });
  };
  const swapOperator = ({ left, right, operator }) => {
    if (operator === '>' && right.value === 0) return; // as good as true, which `fixCondition` tries
    const between = { start: left.span.end, end: right.span.start };
    if (SWAPS[operator]) replace(between, textOf(between).replace(operator, SWAPS[operator]));
  };
  const fixCondition = ({ test }) => {
    replace(test.span, 'true');
    replace(test.span, 'false');
    return EQUALITY.test(test.operator) ? [test] : []; // its negation fails wherever one of these does
  };
  const changeLiteral = ({ type, span, value }) => {
    const inner = { start: span.start + 1, end: span.end - 1 };
    if (SQL.test(textOf(inner))) {
      for (const { at, length, by } of sqlMutants(textOf(inner))) {
        replace({ start: inner.start + at, end: inner.start + at + length }, by);
      }
    } else if (type === 'StringLiteral' && STATES[value]) replace(inner, STATES[value]);
  };
  visit(parseSync(bytes.toString(), { syntax: 'typescript', target: 'es2022' }), {
    BinaryExpression: swapOperator,
    AssignmentExpression: swapOperator,
    IfStatement: fixCondition,
    ConditionalExpression: fixCondition,
    BooleanLiteral: ({ span, value }) => replace(span, String(!value)),
    ExpressionStatement: ({ span }) => replace(span, ';'),
    MemberExpression: ({ property: { span, value } }) => {
      if (Object.hasOwn(SWAPS, value ?? '')) replace(span, SWAPS[value]);
    },
    StringLiteral: changeLiteral,
    TemplateLiteral: changeLiteral,
  });
  return mutants;
}

/** Calls the visitor of each node's type; nodes that one gives back are not to be visited themselves. */
function visit(node, visitors, except = []) {
  if (Array.isArray(node)) return node.forEach((child) => visit(child, visitors, except));
  if (node === null || typeof node !== 'object' || PASSED_OVER.test(node.type)) return;
  const rest = except.includes(node) ? [] : (visitors[node.type]?.(node) ?? []);
  for (const [name, child] of Object.entries(node)) {
    if (name !== 'span' && name !== 'typeAnnotation') visit(child, visitors, rest);
  }
}

/** The line it is in and the change, with the rest of its line on both sides. */
function describe(bytes, { start, end }, by) {
  const before = bytes.subarray(1, start - 1).toString();
  const after = bytes.subarray(end - 1).toString();
  const old = bytes.subarray(start - 1, end - 1).toString();
  const blank = /^\s*/.exec(old)[0];
  const left = oneLine(before.slice(before.lastIndexOf('\n') + 1)).slice(-40);
  const right = oneLine(after.split('\n', 1)[0]).slice(0, 30);
  const line = `${before}${blank}`.split('\n').length;
  return { line, change: `${left} [${oneLine(old)} => ${oneLine(by)}] ${right}` };
}

function oneLine(text) {
  return text.replace(/\s+/g, ' ').trim();
}
