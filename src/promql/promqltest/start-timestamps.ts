import type { Labels } from '../../model/labels.ts';
import { parseDuration } from '../../lib/time/duration.ts';
import { parseMetricDescription } from './series-notation.ts';

/** `metric{…}@st -1m -30sx2 _`: says when the counters behind the values of the next line began. */
export function isStartTimestampLine(line: string): boolean {
  return /^\S*@st\s/.test(line);
}

const ITEM = /^(?<base>[+-]?\d+[a-wyz]*)(?:(?<sign>[+-])(?<step>\d+[a-wyz]*))?(?:x(?<times>\d+))?$/;

/** Offsets are milliseconds from the sample, undefined where unknown. */
export function parseStartTimestampLine(line: string): { labels: Labels; offsets: (number | undefined)[] } {
  const [metric, ...items] = line.split(/\s+/);
  return { labels: parseMetricDescription(metric.replace(/@st$/, '')), offsets: items.flatMap(parseItem) };
}

function parseItem(item: string): (number | undefined)[] {
  const gap = /^_(?:x([1-9]\d*))?$/.exec(item);
  if (gap !== null) return Array.from({ length: Number(gap[1] ?? 1) }, () => undefined);
  const groups = ITEM.exec(item)?.groups;
  const base = durationOf(groups?.base);
  const step = groups?.step === undefined ? 0 : durationOf(groups.step);
  if (groups === undefined || base === undefined || step === undefined || (groups.step && !groups.times)) {
    throw new Error(`invalid ST item ${JSON.stringify(item)}`);
  }
  const signedStep = groups.sign === '-' ? -step : step;
  return Array.from({ length: Number(groups.times ?? 0) + 1 }, (_, i) => base + i * signedStep);
}

function durationOf(text = ''): number | undefined {
  const duration = parseDuration(text.replace(/^[+-]/, ''));
  return duration === undefined ? undefined : text.startsWith('-') ? -duration : duration;
}
