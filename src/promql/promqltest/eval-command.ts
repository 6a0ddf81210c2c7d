import type { Labels } from '../../model/labels.ts';
import type { Lines } from './script-lines.ts';
import type { SequenceValue } from './series-notation.ts';
import { RE2JS } from 're2js';
import { goUnquote } from '../text/go-quote.ts';
import { parseSeriesDescription } from './series-notation.ts';

export interface EvalCommand {
  readonly kind: 'eval';
  readonly line: number;
  /** The command as it stands in the script. */
  readonly text: string;
  readonly expr: string;
  /** One time, or a grid; milliseconds. */
  readonly at: { readonly kind: 'instant'; readonly time: number } | ({ readonly kind: 'range' } & TimeGrid);
  readonly ordered: boolean;
  /** undefined where the query must succeed. */
  readonly fail: TextTest | undefined;
  readonly warnings: AnnotationTest;
  readonly infos: AnnotationTest;
  readonly result: ExpectedResult;
}

export interface TimeGrid {
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

/** A text as it must be, or a pattern that it must hold. */
export type TextTest =
  { readonly kind: 'message'; readonly text: string } | { readonly kind: 'regex'; readonly regex: RE2JS };

/** `none` must be given, or at least one (`some`), or each of `tests` and nothing else. */
export type AnnotationTest =
  | { readonly kind: 'any' }
  | { readonly kind: 'none' }
  | { readonly kind: 'some' }
  | { readonly kind: 'each'; readonly tests: readonly TextTest[] };

export type ExpectedResult =
  | { readonly kind: 'scalar'; readonly value: number }
  | { readonly kind: 'string'; readonly value: string }
  /** `grid`: an instant query gives a matrix, with samples at these times. */
  | { readonly kind: 'series'; readonly series: readonly ExpectedSeries[]; readonly grid: TimeGrid | undefined };

export interface ExpectedSeries {
  readonly labels: Labels;
  readonly values: readonly SequenceValue[];
}

const INSTANT = /^eval(?:_(fail|warn|ordered|info))?\s+instant\s+(?:at\s+(.+?))?\s+(.+)$/;
const RANGE = /^eval(?:_(fail|warn|info))?\s+range\s+from\s+(.+)\s+to\s+(.+)\s+step\s+(.+?)\s+(.+)$/;
const EXPECT = /^expect\s+(ordered|fail|warn|no_warn|info|no_info)(?:\s+(regex|msg):(.+))?$/;
const GRID = /^expect range vector\s+from\s+(.+)\s+to\s+(.+)\s+step\s+(.+)$/;
const OLD_FAIL = /^expected_fail_(message|regexp)\s*(.*)$/;

/** Reads an `eval` command with the expectations in the lines below it. */
export function parseEval(line: string, lines: Lines): EvalCommand {
  const instant = INSTANT.exec(line);
  const range = RANGE.exec(line);
  const match = instant ?? range;
  if (match === null) {
    return lines.fail(
      "invalid evaluation command. Must be either 'eval[_fail|_warn|_ordered] instant [at <offset:duration>] <query>' or 'eval[_fail|_warn] range from <from> to <to> step <step> <query>'",
    );
  }
  const start = lines.number;
  const at: EvalCommand['at'] =
    instant !== null
      ? { kind: 'instant', time: lines.duration(instant[2] ?? '', 'timestamp') }
      : { kind: 'range', ...gridOf(match[2], match[3], match[4], lines) };
  const found = new Expectations(match[1]);
  while (!found.done) {
    const next = lines.nextOfBlock();
    if (next === undefined) break;
    found.read(next, lines);
  }
  if (instant !== null && found.grid === undefined && found.series.some(({ values }) => values.length > 1)) {
    lines.fail(
      "expecting multiple values in instant evaluation not allowed. consider using 'expect range vector' directive to enable a range vector result for an instant query",
    );
  }
  return {
    kind: 'eval',
    line: start,
    text: line,
    expr: instant !== null ? instant[3] : match[5],
    at,
    ordered: found.ordered,
    fail: found.fail,
    warnings: annotationTest(found.mode === 'warn', found.noWarn, found.warn),
    infos: annotationTest(found.mode === 'info', found.noInfo, found.info),
    result: found.result,
  };
}

function gridOf(from: string, to: string, by: string, lines: Lines): TimeGrid {
  const start = lines.duration(from, 'start timestamp');
  const end = lines.duration(to, 'end timestamp');
  if (end < start) {
    lines.fail(`invalid test definition, end timestamp (${to}) is before start timestamp (${from})`);
  }
  return { start, end, step: lines.duration(by, 'step') };
}

function annotationTest(some: boolean, none: boolean, tests: readonly TextTest[]): AnnotationTest {
  if (tests.length > 0) return { kind: 'each', tests };
  if (none) return { kind: 'none' };
  return some ? { kind: 'some' } : { kind: 'any' };
}

const ANYTHING: TextTest = { kind: 'regex', regex: RE2JS.compile('^.*$') };

/** What the lines below an `eval` ask for, line by line. */
class Expectations {
  readonly mode: string | undefined;
  readonly series: ExpectedSeries[] = [];
  readonly warn: TextTest[] = [];
  readonly info: TextTest[] = [];
  ordered: boolean;
  fail: TextTest | undefined;
  noWarn = false;
  noInfo = false;
  grid: TimeGrid | undefined;
  /** Nothing that follows belongs to the command. */
  done = false;
  #scalar: number | undefined;
  #string: string | undefined;

  constructor(mode: string | undefined) {
    this.mode = mode;
    this.ordered = mode === 'ordered';
    this.fail = mode === 'fail' ? ANYTHING : undefined;
  }

  get result(): ExpectedResult {
    if (this.#string !== undefined) return { kind: 'string', value: this.#string };
    if (this.#scalar !== undefined) return { kind: 'scalar', value: this.#scalar };
    return { kind: 'series', series: this.series, grid: this.grid };
  }

  read(line: string, lines: Lines): void {
    const oldFail = this.mode === 'fail' ? OLD_FAIL.exec(line) : null;
    if (oldFail !== null) return this.#readOldFail(oldFail[1], oldFail[2], lines);
    if (line.startsWith('expect range vector')) return this.#readGrid(line, lines);
    if (line.startsWith('expect string')) return this.#readString(line, lines);
    if (line.split(' ')[0] === 'expect') return this.#readExpect(line, lines);
    const value = parseNumber(line);
    if (value === undefined) {
      this.series.push(lines.parsed(parseSeriesDescription, line));
    } else {
      this.#scalar = value;
      this.done = true;
    }
  }

  #readOldFail(kind: string, text: string, lines: Lines): void {
    this.fail = kind === 'message' ? { kind: 'message', text } : { kind: 'regex', regex: compile(text, lines) };
    this.done = true;
  }

  #readGrid(line: string, lines: Lines): void {
    const match = GRID.exec(line) ?? lines.fail(`invalid range vector definition ${JSON.stringify(line)}`);
    this.grid = gridOf(match[1], match[2], match[3], lines);
  }

  #readString(line: string, lines: Lines): void {
    const literal = /^expect string (.+)$/.exec(line)?.[1];
    if (literal === undefined) {
      lines.fail('expected string literal not valid - a quoted string literal is required');
    }
    if (!/^(?:"(?:[^"\\]|\\.)*"|`[^`]*`)$/.test(literal)) {
      lines.fail('expected string literal not valid - check that the string is correctly quoted');
    }
    this.#string = goUnquote(literal);
  }

  #readExpect(line: string, lines: Lines): void {
    const match =
      EXPECT.exec(line) ??
      lines.fail('invalid expect statement, must match `expect <type> <match_type>: <string>` format');
    const test = textTest(match[2], match[3], lines);
    switch (match[1]) {
      case 'ordered':
        this.ordered = true;
        break;
      case 'fail':
        if (this.fail !== undefined && this.mode !== 'fail') {
          lines.fail('invalid expect lines, multiple expect fail lines are not allowed');
        }
        this.fail = test;
        break;
      case 'warn':
        this.warn.push(test);
        break;
      case 'info':
        this.info.push(test);
        break;
      case 'no_warn':
        this.noWarn = true;
        break;
      case 'no_info':
        this.noInfo = true;
    }
    if (this.noInfo && this.info.length > 0) {
      lines.fail('invalid expect lines, info and no_info cannot be used together');
    }
    if (this.noWarn && this.warn.length > 0) {
      lines.fail('invalid expect lines, warn and no_warn cannot be used together');
    }
  }
}

function textTest(kind: string | undefined, text: string, lines: Lines): TextTest {
  if (kind === undefined) return ANYTHING;
  return kind === 'msg'
    ? { kind: 'message', text: text.trim() }
    : { kind: 'regex', regex: compile(text.trim(), lines) };
}

function compile(pattern: string, lines: Lines): RE2JS {
  return lines.parsed((source) => RE2JS.compile(source), pattern);
}

function parseNumber(text: string): number | undefined {
  if (/^[+-]?inf(inity)?$/i.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  if (/^[+-]?nan$/i.test(text)) return NaN;
  if (!/^[+-]?(?:0[xX][0-9a-fA-F_]+|\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text)) return undefined;
  const size = Number(text.replace(/^[+-]/, '').replaceAll('_', ''));
  return text.startsWith('-') ? -size : size;
}
