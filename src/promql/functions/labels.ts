import type { RE2JS } from 're2js';
import { compileRegex, regexCost } from '../../lib/text/bounded-regex.ts';
import type { Labels } from '../../model/labels.ts';
import { fail } from '../errors.ts';
import type { Evaluation } from '../eval/evaluation.ts';
import { isValidLabelName } from '../data/label-sets.ts';
import type { Matrix } from '../data/matrix.ts';
import { settled } from '../data/matrix.ts';
import { mergeSame } from '../data/rows.ts';
import { stringOf } from './vector-function.ts';
import type { VectorFunction } from './vector-function.ts';

/** Sets a label from another by a regular expression that matches its whole value. */
export const labelReplace: VectorFunction = async (ev, call, grid) => {
  const [, target, template, source, pattern] = call.args.map(stringOf);
  const regex = compile(pattern);
  if (regex.groupCount() > MAX_GROUPS)
    fail(`label_replace(): a regular expression with ${regex.groupCount()} groups; at most ${MAX_GROUPS} are taken`);
  const cost = regexCost(pattern);
  if (!isValidLabelName(target)) fail(`invalid destination label name in label_replace(): ${target}`);
  const expand = expander(template);
  const matrix = await ev.vector(call.args[0], grid);
  // The same few values come again for many series.
  const known = new Map<string, string | undefined>();
  const replacement = (value: string): string | undefined => {
    if (known.has(value)) return known.get(value);
    if (value.length * cost > MAX_REGEX_WORK)
      fail(`label_replace(): a regular expression of about ${cost} steps on a value of ${value.length} characters`);
    const matcher = regex.matcher(value);
    const result = matcher.find() ? expand(matcher) : undefined;
    known.set(value, result);
    return result;
  };
  return relabelled(ev, matrix, target, (labels) => replacement(labels.get(source)), cost * UNITS_A_STEP);
};

function compile(pattern: string): RE2JS {
  try {
    return compileRegex(`^(?s:${pattern})$`);
  } catch {
    return fail(`invalid regular expression in label_replace(): ${clipped(pattern)}`);
  }
}

type Matcher = ReturnType<RE2JS['matcher']>;

/** `$1`, `${1}`, `$name`, `${name}` stand for groups, `$$` for a dollar; groups that are not there are empty (Go's `Expand`). */
function expander(template: string): (matcher: Matcher) => string {
  const parts = template.split(/(\$\$|\$\{[^{}]*\}|\$[A-Za-z0-9_]+)/);
  return (matcher) => {
    const pieces = parts.map((part, i) =>
      i % 2 === 0 ? part : part === '$$' ? '$' : groupOf(matcher, part.replace(/[${}]/g, '')),
    );
    checkLength('label_replace', pieces);
    return pieces.join('');
  };
}

/** @throws {QueryError} for a value that is too long, before it is made. */
function checkLength(func: string, pieces: readonly string[], between = 0): void {
  const length = pieces.reduce((sum, piece) => sum + piece.length + between, 0) - between;
  if (length > MAX_VALUE)
    fail(`${func}(): a label value would have ${length} characters; at most ${MAX_VALUE} are made`);
}

function groupOf(matcher: Matcher, name: string): string {
  if (/^\d+$/.test(name)) return Number(name) <= matcher.groupCount() ? (matcher.group(Number(name)) ?? '') : '';
  try {
    return matcher.group(name) ?? '';
  } catch {
    return '';
  }
}

/** Sets a label to the values of others, joined. */
export const labelJoin: VectorFunction = async (ev, call, grid) => {
  const [, target, separator, ...sources] = call.args.map(stringOf);
  const bad = sources.find((source) => !isValidLabelName(source));
  if (bad !== undefined) fail(`invalid source label name in label_join(): ${bad}`);
  if (!isValidLabelName(target)) fail(`invalid destination label name in label_join(): ${target}`);
  const matrix = await ev.vector(call.args[0], grid);
  return relabelled(ev, matrix, target, (labels) => {
    const values = sources.map((source) => labels.get(source));
    checkLength('label_join', values, separator.length);
    return values.join(separator);
  });
};

/** Characters of a label value that a function makes. Stores take far shorter ones. */
const MAX_VALUE = 65_536;

/** Groups are copied at every step: a pattern of 200 takes milliseconds a value. */
const MAX_GROUPS = 64;

/** Steps of a regular expression times characters of the value it is tried on: a fifth of a second at worst. */
const MAX_REGEX_WORK = 4_000_000;

/** What a step of a regular expression, tried on a short value, costs a time slice: groups are copied at each. */
const UNITS_A_STEP = 25;

function clipped(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

/** With `target` set to what `valueOf` returns, where it returns something. `units`: what a call of it costs the time slice. */
async function relabelled(
  ev: Evaluation,
  input: Matrix,
  target: string,
  valueOf: (labels: Labels) => string | undefined,
  units = 0,
): Promise<Matrix> {
  const matrix = await settled(input, ev.slices);
  const dropName = matrix.dropName?.slice();
  const labels = await ev.slices.map(matrix.labels.length, 48 + units, (row) => {
    const labels = matrix.labels[row];
    const value = valueOf(labels);
    if (value === undefined) return labels;
    ev.samples.makeText(value.length);
    if (target === '__name__' && dropName !== undefined) dropName[row] = 0;
    return labels.with(target, value);
  });
  return mergeSame({ ...matrix, labels, dropName }, ev.slices);
}
