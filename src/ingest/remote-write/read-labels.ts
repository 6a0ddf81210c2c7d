import { isUtf8 } from 'node:buffer';
import type protobuf from 'protobufjs/minimal.js';
import { Labels } from '../../model/labels.ts';
import { eachFieldOfMessage } from '../../lib/protobuf/read-fields.ts';

type Reader = protobuf.Reader;

/** Names and values as they were sent; undefined for bytes that are not UTF-8. */
export type Pair = readonly [name: string | undefined, value: string | undefined];

/** A series with more is refused before its labels are compared. Stores allow far fewer. */
export const MAX_LABELS = 1024;

export type Refused = { readonly refused: string };

/**
 * Labels must be UTF-8, unique and named, one of them `__name__` (specification, "Labels"). Order and empty values are put
 * right. Returns Prometheus' words for those that cannot be a series.
 */
export function labelsOf(pairs: readonly Pair[]): Labels | Refused {
  const known: [string, string][] = [];
  for (const [name, value] of pairs) {
    if (name === undefined || value === undefined || name === '') return unfit(pairs);
    known.push([name, value]);
  }
  const labels = Labels.of(known);
  if (labels.size !== known.length) {
    const twice = repeated(known.map(([name]) => name));
    if (twice !== undefined)
      return { refused: `invalid labels for series, labels ${textOf(pairs)}, duplicated label ${twice}` };
  }
  return labels.has('__name__') ? labels : unfit(pairs);
}

function unfit(pairs: readonly Pair[]): Refused {
  return { refused: `invalid metric name or labels, got ${textOf(pairs)}` };
}

function repeated(names: readonly string[]): string | undefined {
  const seen = new Set<string>();
  return names.find((name) => seen.has(name) || !seen.add(name));
}

const SHOWN = 200;

/** As Go prints a label set, cut short. */
export function textOf(pairs: readonly Pair[]): string {
  const text = pairs
    .slice(0, 20)
    .map(
      ([name = 'not UTF-8', value = 'not UTF-8']) =>
        `${/^\w+$/.test(name) ? name : JSON.stringify(name)}=${JSON.stringify(value.slice(0, SHOWN))}`,
    )
    .join(', ');
  return `{${text.length > 10 * SHOWN ? `${text.slice(0, 10 * SHOWN)}…` : text}}`;
}

/** Reads a label of version 1. */
export function readLabel(reader: Reader): Pair {
  let name: string | undefined = '';
  let value: string | undefined = '';
  eachFieldOfMessage(reader, (field) => {
    if (field === 1) name = readText(reader);
    else if (field === 2) value = readText(reader);
    else return false;
    return true;
  });
  return [name, value];
}

/** A string; undefined where its bytes are not UTF-8. */
export function readText(reader: Reader): string | undefined {
  const start = reader.pos;
  const text = reader.string();
  if (!text.includes('\ufffd')) return text;
  // The character itself may have been sent.
  reader.pos = start;
  return isUtf8(reader.bytes()) ? text : undefined;
}

/** The labels that references into the table of symbols name (version 2). */
export function resolve(refs: readonly number[], symbols: readonly (string | undefined)[]): readonly Pair[] | Refused {
  if (refs.length % 2 !== 0) return { refused: `a series has ${refs.length} label references, which is odd` };
  const outside = refs.find((ref) => ref >= symbols.length);
  if (outside !== undefined)
    return { refused: `label reference ${outside} is outside the table of ${symbols.length} symbols` };
  return Array.from({ length: refs.length / 2 }, (_, i): Pair => [symbols[refs[2 * i]], symbols[refs[2 * i + 1]]]);
}
