import type { Matcher } from '../../model/matcher.ts';
import { Labels } from '../../model/labels.ts';
import type { SeriesColumns } from '../../model/query.ts';
import { compileMatch } from '../../lib/match.ts';
import type { Evaluation } from '../eval/evaluation.ts';
import { lastAtOrBefore } from '../eval/select.ts';
import { fail } from '../errors.ts';
import { printLabels } from '../label-sets.ts';
import type { Grid, Matrix } from '../matrix.ts';
import { ABSENT, FLOAT, MatrixBuilder, labelsOf } from '../matrix.ts';
import { isStale, wordsOf } from '../../model/sample.ts';
import type { Node, SelectNode } from '../plan.ts';
import { mergeSame } from '../rows.ts';
import type { VectorFunction } from './vector-function.ts';

/** Labels by which a series and what is told of its target belong together. */
const IDENTIFYING = ['instance', 'job'];

/** Adds labels of info metrics (`target_info` unless the second argument names others) to the series of their target. */
export const info: VectorFunction = async (ev, call, grid) => {
  const base = await ev.vector(call.args[0], grid);
  const asked = selectorIn(call.args[1])?.matchers ?? [];
  const nameMatchers = asked.filter((matcher) => matcher.name === '__name__');
  const dataMatchers = asked.filter((matcher) => matcher.name !== '__name__');
  const isInfo = infoNameTest(nameMatchers);
  const plain = base.labels.map((_, row) => isInfo(labelsOf(base, row).get('__name__')));
  const infos = await fetchInfos(ev, call.args[0], grid, base, plain, nameMatchers, dataMatchers);
  return combine(ev, grid, base, plain, infos, dataMatchers);
};

function selectorIn(node: Node | undefined): SelectNode | undefined {
  if (node?.kind === 'invariant') return selectorIn(node.node);
  return node?.kind === 'select' ? node : undefined;
}

/** Info metrics themselves are left as they are. */
function infoNameTest(matchers: readonly Matcher[]): (name: string) => boolean {
  if (matchers.length === 0) return (name) => name === 'target_info';
  const tests = matchers.map((matcher) => compileMatch(matcher.op, matcher.value));
  return (name) => tests.every((test) => test(name));
}

/** Of an info series: at each step the time of its sample, NaN where it has none. */
interface InfoSeries {
  readonly labels: Labels;
  readonly times: Float64Array;
}

async function fetchInfos(
  ev: Evaluation,
  baseNode: Node,
  grid: Grid,
  base: Matrix,
  plain: readonly boolean[],
  nameMatchers: readonly Matcher[],
  dataMatchers: readonly Matcher[],
): Promise<InfoSeries[]> {
  const identifying = IDENTIFYING.flatMap((name): Matcher[] => {
    const values = new Set(base.labels.filter((_, row) => !plain[row]).map((labels) => labels.get(name)));
    values.delete('');
    if (values.size === 0) return [];
    return [{ name, op: '=~', value: [...values].map(quoteRegex).join('|') }];
  });
  if (identifying.length === 0) return [];
  const names: readonly Matcher[] =
    nameMatchers.length > 0 ? nameMatchers : [{ name: '__name__', op: '=', value: 'target_info' }];
  const select = firstSelector(baseNode);
  const offset = select?.offset ?? 0;
  const matchers = [...names, ...identifying, ...dataMatchers];
  const end = (select?.at ?? grid.start + (grid.steps - 1) * grid.step) - offset;
  const start = (select?.at ?? grid.start) - offset - ev.lookback + 1;
  const columns = await ev.fetch({
    matchers,
    start,
    end,
    hints: { step: grid.step, range: 0, func: 'info', grouping: [], by: false },
  });
  return columns.map((series) => ({ labels: series.labels, times: sampleTimes(ev, series, grid, select) }));
}

function quoteRegex(text: string): string {
  return text.replace(/[\\.+*?()|[\]{}^$]/g, '\\$&');
}

function firstSelector(node: Node): SelectNode | undefined {
  switch (node.kind) {
    case 'select':
      return node;
    case 'window':
      return node.select;
    case 'subquery':
    case 'aggregate':
    case 'negate':
    case 'invariant':
      return firstSelector(node.node);
    case 'binary':
      return firstSelector(node.left) ?? firstSelector(node.right);
    case 'call':
      return node.args.map(firstSelector).find((found) => found !== undefined);
    default:
      return undefined;
  }
}

/** At the time that the base series were taken from. */
function sampleTimes(ev: Evaluation, series: SeriesColumns, grid: Grid, select: SelectNode | undefined): Float64Array {
  const words = wordsOf(series.values);
  return Float64Array.from({ length: grid.steps }, (_, k) => {
    const time = (select?.at ?? grid.start + k * grid.step) - (select?.offset ?? 0);
    const i = lastAtOrBefore(series.timestamps, time);
    if (i < 0 || series.timestamps[i] <= time - ev.lookback) return NaN;
    if (series.histograms?.[i] !== undefined) {
      fail(`this should be an info metric, with float samples: ${printLabels(series.labels)}`);
    }
    return isStale(words, i) ? NaN : series.timestamps[i];
  });
}

/** The info series of one metric about one target, of which at each step the newest sample counts. */
type Group = InfoSeries[];

async function combine(
  ev: Evaluation,
  grid: Grid,
  base: Matrix,
  plain: readonly boolean[],
  infos: readonly InfoSeries[],
  dataMatchers: readonly Matcher[],
): Promise<Matrix> {
  const groups = new Map<string, Map<string, Group>>();
  for (const series of infos) {
    const byTarget = getOrSet(groups, series.labels.get('__name__'), () => new Map<string, Group>());
    getOrSet(byTarget, targetOf(series.labels), (): Group => []).push(series);
  }
  const wanted = new Set(dataMatchers.map((matcher) => matcher.name));
  const required = !dataMatchers.every((matcher) => compileMatch(matcher.op, matcher.value)(''));

  const pieces: { labels: Labels; row: number; steps: number[] }[] = [];
  base.labels.forEach((_, row) => {
    const own = labelsOf(base, row);
    const target = targetOf(own);
    const about = plain[row] ? [] : [...groups.values()].flatMap((byTarget) => byTarget.get(target) ?? []);
    const byLabels = new Map<string, { labels: Labels; row: number; steps: number[] }>();
    for (let k = 0; k < grid.steps; k++) {
      if (base.kinds[row * grid.steps + k] === ABSENT) continue;
      const found = newestAt(about, k);
      if (found.length === 0 && required && !plain[row]) continue;
      const labels = enriched(own, found, wanted);
      getOrSet(byLabels, labels.key, () => ({ labels, row, steps: [] as number[] })).steps.push(k);
    }
    pieces.push(...byLabels.values());
  });
  return mergeSame(build(grid, base, pieces), ev.slices);
}

function build(grid: Grid, base: Matrix, pieces: readonly { labels: Labels; row: number; steps: number[] }[]): Matrix {
  const builder = new MatrixBuilder(pieces.length, grid.steps);
  for (const { labels, row, steps } of pieces) {
    for (const k of steps) {
      const cell = row * grid.steps + k;
      const histogram = base.histograms?.[row]?.[k];
      if (histogram !== undefined) builder.setHistogram(k, histogram);
      else {
        builder.values[builder.base + k] = base.values[cell];
        builder.kinds[builder.base + k] = FLOAT;
      }
    }
    builder.commit(labels, base.dropName?.[row] === 1);
  }
  return builder.finish();
}

function targetOf(labels: Labels): string {
  return IDENTIFYING.map((name) => labels.get(name)).join('\0');
}

/** Of each info metric the series with the newest sample at a step. */
function newestAt(about: readonly InfoSeries[], k: number): Labels[] {
  const newest = new Map<string, InfoSeries>();
  for (const series of about) {
    const time = series.times[k];
    if (Number.isNaN(time)) continue;
    const name = series.labels.get('__name__');
    const other = newest.get(name);
    if (other !== undefined && other.times[k] === time) {
      fail(
        `found duplicate series for info metric: existing ${printLabels(other.labels)} @ ${time}, new ${printLabels(series.labels)} @ ${time}`,
      );
    }
    if (other === undefined || other.times[k] < time) newest.set(name, series);
  }
  return [...newest.values()].map((series) => series.labels);
}

function enriched(own: Labels, found: readonly Labels[], wanted: ReadonlySet<string>): Labels {
  if (found.length === 0) return own;
  const added = new Map<string, string>();
  for (const [name, value] of found.flatMap((labels) => [...labels.entries()])) {
    if (name === '__name__' || (wanted.size > 0 && !wanted.has(name))) continue;
    const other = added.get(name);
    if (other !== undefined && other !== value) fail(`conflicting label: ${name}`);
    if (!own.has(name)) added.set(name, value);
  }
  return added.size === 0 ? own : Labels.of([...own.entries(), ...added]);
}

function getOrSet<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = make()));
  return value;
}
