import { isUtf8 } from 'node:buffer';
import { Labels } from '../../model/labels.ts';
import type { Exemplar } from '../../model/sample.ts';
import { parseGoFloat } from './float.ts';
import { bracesEnd, parseLabels } from './series-text.ts';

/** OpenMetrics allows labels of 128 characters; an exemplar longer than this in all is not read. */
const MAX_BYTES = 4096;

/** Reads `# {trace_id="…"} 0.67 1520879607.789`, from its `#` up to the newline at `to`; undefined where it is broken. */
export function parseExemplar(page: Buffer, from: number, to: number): Exemplar | undefined {
  const open = page.indexOf('{', from);
  if (
    open < 0 ||
    open >= to ||
    to - from > MAX_BYTES ||
    page.toString('latin1', from + 1, open).trim() !== '' ||
    !isUtf8(page.subarray(from, to))
  )
    return undefined;
  const close = bracesEnd(page, open);
  const flat: string[] = [];
  if (close < 0 || parseLabels(page, open + 1, close, flat, (text) => text) !== undefined) return undefined;
  const [value, time, rest] = page
    .toString('latin1', close, to)
    .trim()
    .split(/[ \t]+/);
  const parsed = parseGoFloat(value);
  const seconds = time === undefined ? undefined : parseGoFloat(time);
  if (parsed === undefined || rest !== undefined || (time !== undefined && !Number.isFinite(seconds))) return undefined;
  const pairs: [string, string][] = [];
  for (let i = 0; i < flat.length; i += 2) pairs.push([flat[i], flat[i + 1]]);
  const labels = Labels.of(pairs);
  return seconds === undefined
    ? { labels, value: parsed }
    : { labels, value: parsed, timestamp: Math.round(seconds * 1000) };
}
