import type { CounterResetHint, FloatHistogram, Span } from '../../model/sample.ts';
import type { Scanner } from './scanner.ts';
import { goQuote } from '../text/go-quote.ts';

export interface DescribedHistogram {
  readonly histogram: FloatHistogram;
  /** The description names a hint: only then does an expectation ask for it. */
  readonly hintGiven: boolean;
}

const HINTS: readonly CounterResetHint[] = ['unknown', 'reset', 'not_reset', 'gauge'];
const NUMBERS = ['sum', 'count', 'z_bucket', 'z_bucket_w'] as const;
const INTEGERS = ['schema', 'offset', 'n_offset'] as const;
const LISTS = ['buckets', 'n_buckets', 'custom_values'] as const;

type Descriptors = {
  [key in (typeof NUMBERS)[number] | (typeof INTEGERS)[number]]?: number;
} & { [key in (typeof LISTS)[number]]?: number[] } & { counter_reset_hint?: CounterResetHint };

const CONTEXT = 'histogram description';
const EXPECTED = 'histogram description key, e.g. buckets:[5 10 7]';

/** What stands between `{{` and `}}`; undefined where no `{{` comes next. */
export function parseHistogram(scanner: Scanner): DescribedHistogram | undefined {
  if (!scanner.accept('{{')) return undefined;
  const found: Descriptors = {};
  const space = scanner.at;
  if (scanner.acceptSpace() && !scanner.startsWith('}}')) scanner.unexpected();
  if (scanner.at === space && !scanner.startsWith('}}')) parseDescriptor(scanner, found);
  while (!scanner.accept('}}')) {
    if (!scanner.acceptSpace()) scanner.unexpected(CONTEXT, EXPECTED);
    if (!scanner.startsWith('}}')) parseDescriptor(scanner, found);
  }
  return { histogram: build(found), hintGiven: found.counter_reset_hint !== undefined };
}

function parseDescriptor(scanner: Scanner, found: Descriptors): void {
  const start = scanner.at;
  const word = scanner.match(/[A-Za-z_]+/y);
  if (word === undefined) {
    scanner.fail(
      scanner.done
        ? 'histogram description incomplete unexpected: EOF'
        : `histogram description incomplete unexpected: '${scanner.text[start]}'`,
    );
  }
  const key = word.toLowerCase();
  const known = [...NUMBERS, ...INTEGERS, ...LISTS, 'counter_reset_hint'].includes(key);
  if (!known) scanner.fail(`bad histogram descriptor found: ${goQuote(word)}`, start);
  if (!scanner.accept(':')) scanner.fail('missing `:` for histogram descriptor', start);
  if (key in found) scanner.fail(`duplicate key ${goQuote(key)} in histogram`, 0);
  readValue(scanner, key, found);
}

function readValue(scanner: Scanner, key: string, found: Descriptors): void {
  const number = NUMBERS.find((name) => name === key);
  const integer = INTEGERS.find((name) => name === key);
  const list = LISTS.find((name) => name === key);
  if (number !== undefined) found[number] = readNumber(scanner);
  else if (integer !== undefined) found[integer] = readInteger(scanner);
  else if (list !== undefined) found[list] = readList(scanner);
  else found.counter_reset_hint = readHint(scanner);
}

function readNumber(scanner: Scanner): number {
  return scanner.signedNumber() ?? scanner.unexpected();
}

function readInteger(scanner: Scanner): number {
  const sign = scanner.accept('-') ? -1 : 1;
  const digits = scanner.match(/\d+/y) ?? scanner.unexpected();
  return sign * Number(digits);
}

function readList(scanner: Scanner): number[] {
  if (!scanner.accept('[')) scanner.unexpected();
  const values = [scanner.signedNumber() ?? scanner.unexpected()];
  for (;;) {
    if (scanner.accept(']')) return values;
    if (!scanner.acceptSpace()) {
      if (scanner.done) scanner.unexpected();
      scanner.fail(`invalid character in buckets description: '${scanner.text[scanner.at]}'`);
    }
    if (!scanner.startsWith(']')) values.push(scanner.signedNumber() ?? scanner.unexpected());
  }
}

function readHint(scanner: Scanner): CounterResetHint {
  const start = scanner.at;
  const word = scanner.match(/[A-Za-z_]+/y) ?? scanner.unexpected();
  const hint = HINTS.find((name) => name === word.toLowerCase());
  return hint ?? scanner.fail(`bad histogram descriptor found: ${goQuote(word)}`, start);
}

function build(found: Descriptors): FloatHistogram {
  return {
    schema: found.schema ?? 0,
    counterReset: found.counter_reset_hint ?? 'unknown',
    zeroThreshold: found.z_bucket_w ?? 0,
    zeroCount: found.z_bucket ?? 0,
    count: found.count ?? 0,
    sum: found.sum ?? 0,
    positiveSpans: spanOf(found.buckets, found.offset),
    positiveBuckets: found.buckets ?? [],
    negativeSpans: spanOf(found.n_buckets, found.n_offset),
    negativeBuckets: found.n_buckets ?? [],
    customValues: found.custom_values ?? [],
  };
}

function spanOf(buckets: readonly number[] | undefined, offset = 0): Span[] {
  return buckets === undefined ? [] : [{ offset, length: buckets.length }];
}
