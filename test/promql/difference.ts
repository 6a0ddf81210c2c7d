import type { HistogramJson } from '../../src/promql/histogram/index.ts';
import type { ApiAnswer, ApiSeries } from './ask-prometheus.ts';

/** In what order the series of an answer have to come. */
export type Order = 'labels' | 'values' | 'any';

/** What differs between two answers to `expr`, in words; undefined where they agree. */
export function differenceOf(expr: string, theirs: ApiAnswer, ours: ApiAnswer, order: Order): string | undefined {
  if (theirs.error !== undefined || ours.error !== undefined) {
    return sameError(theirs.error, ours.error) ? undefined : `error: ${theirs.error} | ${ours.error}`;
  }
  if (theirs.type !== ours.type) return `type: ${theirs.type} | ${ours.type}`;
  return seriesDifference(theirs.series, ours.series, order) ?? notesDifference(expr, theirs, ours);
}

/** Which of several duplicates is named first depends on the order of series in the store. */
function sameError(theirs = '', ours = ''): boolean {
  const plain = (text: string): string =>
    text
      .replace('invalid parameter "query": ', '')
      .replace(/\[\{.*\}\]/, '[…]')
      .replace(/match group \{.*?\} on/, 'match group {…} on');
  return plain(theirs) === plain(ours);
}

function seriesDifference(theirs: readonly ApiSeries[], ours: readonly ApiSeries[], order: Order): string | undefined {
  const names = (series: readonly ApiSeries[]): string => series.map(({ labels }) => labels).join('\n');
  if (order === 'labels' && names(theirs) !== names(ours)) return `order: ${names(theirs)}\n | ${names(ours)}`;
  // Go's sort does not keep equal ones in their order, and NaN have none.
  const inTurn = theirs.every(
    ({ points: [[, value]] }, i) => value === 'NaN' || sameValue(value, ours[i]?.points[0][1] ?? ''),
  );
  if (order === 'values' && !inTurn) return `order of values: ${names(theirs)}\n | ${names(ours)}`;
  const byLabels = new Map(ours.map((series) => [series.labels, series]));
  for (const one of theirs) {
    const other = byLabels.get(one.labels);
    if (other === undefined) return `only theirs: ${one.labels} ${JSON.stringify(one.points.slice(0, 3))}`;
    byLabels.delete(one.labels);
    const difference = pointsDifference(one, other);
    if (difference !== undefined) return difference;
  }
  for (const { labels, points } of byLabels.values())
    return `only ours: ${labels} ${JSON.stringify(points.slice(0, 3))}`;
  return undefined;
}

function pointsDifference(theirs: ApiSeries, ours: ApiSeries): string | undefined {
  const where = theirs.labels;
  const times = (series: ApiSeries): string => series.points.map(([time]) => time).join();
  if (times(theirs) !== times(ours)) return `times of ${where}: ${times(theirs)} | ${times(ours)}`;
  for (let i = 0; i < theirs.points.length; i++) {
    const [time, value] = theirs.points[i];
    const other = ours.points[i][1];
    if (!sameValue(value, other)) return `${where} @${time}: ${JSON.stringify(value)} | ${JSON.stringify(other)}`;
  }
  return undefined;
}

function sameValue(a: string | HistogramJson, b: string | HistogramJson): boolean {
  if (typeof a === 'string' || typeof b === 'string')
    return typeof a === typeof b && sameNumber(a as string, b as string);
  const rows = [a.buckets ?? [], b.buckets ?? []];
  return (
    sameNumber(a.count, b.count) &&
    sameNumber(a.sum, b.sum) &&
    rows[0].length === rows[1].length &&
    rows[0].every((row, i) => {
      const other = rows[1][i];
      return row[0] === other[0] && [1, 2, 3].every((k) => sameNumber(String(row[k]), String(other[k])));
    })
  );
}

/** But for 1e-12 of the value: series are not summed in the same order. */
function sameNumber(a: string, b: string): boolean {
  if (a === b) return true;
  const x = Number(a.replace('Inf', 'Infinity'));
  const y = Number(b.replace('Inf', 'Infinity'));
  return Math.abs(x - y) <= 1e-12 * Math.max(Math.abs(x), Math.abs(y));
}

/** Ten annotations are shown at most: beyond that only their number is compared. */
function notesDifference(expr: string, theirs: ApiAnswer, ours: ApiAnswer): string | undefined {
  for (const kind of ['warnings', 'infos'] as const) {
    const cut = theirs[kind].length > 10 || ours[kind].length > 10;
    const text = (notes: readonly string[]): string =>
      cut ? `${notes.length}` : [...new Set(notes.map((note) => comparable(note, expr)))].sort().join('\n');
    if (text(theirs[kind]) !== text(ours[kind])) return `${kind}: ${text(theirs[kind])}\n | ${text(ours[kind])}`;
  }
  return undefined;
}

/**
 * Without what depends on Prometheus' inner walks: it counts samples anew each time it hands an annotation up the tree, tells
 * of the last of several incompatible pairs in the order of a hash map, and loses the place of a subquery.
 */
function comparable(note: string, expr: string): string {
  const plain = note.replace(/over \d+ samples/, 'over … samples').replace(/(binary operator ".*"): \w+ \S+ \w+/, '$1');
  return /\[[^\]]*:[^\]]*\]/.test(expr) ? plain.replace(/ \(\d+:\d+\)$/, '') : plain;
}
