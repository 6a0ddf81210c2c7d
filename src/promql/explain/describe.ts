import type { Aggregation, BinaryExpr, Call, Expr, Modifiers, VectorMatching, VectorSelector } from '../syntax/ast.ts';
import { isComparison, isSetOperator } from '../syntax/check.ts';
import { AGGREGATE_WORDS, FUNCTION_WORDS, OPERATOR_WORDS } from './function-words.ts';
import { print, printDuration, printMatcher } from '../text/print.ts';
import { typeOf } from '../syntax/value-type.ts';

/** One node of a tree in words, without what lies below it. */
export function describe(expr: Expr): string {
  switch (expr.kind) {
    case 'number':
      return `the number ${print(expr)}`;
    case 'string':
      return `the text ${print(expr)}`;
    case 'selector':
      return `the newest sample of each series ${selected(expr)}${extended(expr)}${shifted(expr)}`;
    case 'matrix':
      return `the samples of the last ${printDuration(expr.range)} of each series ${selected(expr.selector)}${extended(expr.selector)}${shifted(expr.selector)}`;
    case 'subquery': {
      const step = expr.step === undefined ? 'at the default step' : `every ${printDuration(expr.step)}`;
      return `that evaluated ${step} over the last ${printDuration(expr.range)}${shifted(expr)}`;
    }
    case 'paren':
      return describe(expr.expr);
    case 'unary':
      return expr.op === '-' ? 'the value with its sign turned' : 'the value as it is';
    case 'aggregation':
      return describeAggregation(expr);
    case 'call':
      return describeCall(expr);
    case 'binary':
      return describeBinary(expr);
  }
}

function selected({ name, matchers }: VectorSelector): string {
  const named = matchers.find((m) => m.name === '__name__' && m.op === '=');
  const metric = name === '' ? named?.value : name;
  const rest = matchers.filter((m) => !(m.name === '__name__' && m.op === '=' && m.value === metric)).map(inWords);
  const of = metric === undefined ? 'of any metric' : `of ${metric}`;
  return rest.length === 0 ? of : `${of} where ${rest.join(' and ')}`;
}

function inWords(matcher: VectorSelector['matchers'][number]): string {
  const { name, op, value } = matcher;
  if (value === '' && op === '=') return `${name} is absent`;
  if (value === '' && op === '!=') return `${name} is present`;
  if (op === '=' || op === '!=') return printMatcher(matcher);
  return `${name} ${op === '=~' ? 'matches' : 'does not match'} /${value}/`;
}

function extended({ extension }: VectorSelector): string {
  if (extension === undefined) return '';
  return extension === 'anchored'
    ? ', with the sample before the range for its start'
    : ', with values between samples estimated at both ends';
}

function shifted({ offset, at }: Modifiers): string {
  const fixed = at === undefined ? '' : `, always as of ${moment(at)}`;
  if (offset === 0) return fixed;
  if (typeof offset !== 'number') return `${fixed}, shifted into the past by ${printDuration(offset)}`;
  return `${fixed}, ${printDuration(Math.abs(offset))} ${offset > 0 ? 'earlier' : 'later'}`;
}

function moment(at: number | 'start' | 'end'): string {
  if (at === 'start') return 'the start of the query';
  if (at === 'end') return 'the end of the query';
  return Math.abs(at) <= 8.64e15 ? new Date(at).toISOString() : `${at / 1000} s`;
}

function describeAggregation({ op, param, grouping, without }: Aggregation): string {
  const value = param === undefined ? '' : ` (${print(param)})`;
  const names = grouping.join(', ');
  if (without) {
    const group = names === '' ? 'each set of labels' : `each set of labels other than ${names}`;
    return `${op}${value}: ${AGGREGATE_WORDS[op]}, for ${group}`;
  }
  return `${op}${value}: ${AGGREGATE_WORDS[op]}, ${names === '' ? 'over all series' : `for each ${names}`}`;
}

function describeCall({ func, args }: Call): string {
  const plain = args.filter((arg) => arg.kind === 'number' || arg.kind === 'string').map(print);
  const values = plain.length === 0 ? '' : ` (${plain.join(', ')})`;
  return `${func}${values}: ${FUNCTION_WORDS[func] ?? 'a function'}`;
}

function describeBinary(expr: BinaryExpr): string {
  const { op, bool, matching, left, right } = expr;
  const numbers = [
    ...(left.kind === 'number' ? [`left is ${print(left)}`] : []),
    ...(right.kind === 'number' ? [`right is ${print(right)}`] : []),
  ];
  const sides = numbers.length === 0 ? '' : ` (${numbers.join(', ')})`;
  const what = `${op}: ${OPERATOR_WORDS[op]}${sides}`;
  return what + outcome(expr, bool) + (matching === undefined ? '' : matched(matching, isSetOperator(op)));
}

function outcome({ op, left, right }: BinaryExpr, bool: boolean): string {
  if (!isComparison(op)) return '';
  if (bool) return '; 1 where so, 0 where not';
  return typeOf(left) === 'scalar' || typeOf(right) === 'scalar'
    ? '; series for which it does not hold are left out'
    : '; left series for which it does not hold are left out';
}

function matched({ card, labels, on, include, fillLeft, fillRight }: VectorMatching, set: boolean): string {
  const by = on
    ? labels.length === 0
      ? 'all with all, by no label'
      : `by ${labels.join(', ')}`
    : `by all labels${labels.length === 0 ? '' : ` but ${labels.join(', ')}`}`;
  let words = `; partners are found ${by}`;
  if (card === 'many-to-one') words += ', many on the left to one on the right';
  if (card === 'one-to-many') words += ', one on the left to many on the right';
  if (include.length > 0) words += `, taking ${include.join(', ')} from the one`;
  if (fillLeft !== undefined) words += `, ${fillLeft} standing in for a missing left one`;
  if (fillRight !== undefined) words += `, ${fillRight} standing in for a missing right one`;
  const filled = fillLeft !== undefined || fillRight !== undefined;
  return set || filled ? words : `${words}; series without one are left out`;
}
