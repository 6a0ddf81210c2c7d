import type { Matcher } from '../../model/matcher.ts';
import { Labels } from '../../model/labels.ts';
import type { SeriesColumns } from '../../model/query.ts';
import { compileMatch } from '../../lib/text/match.ts';
import type { Evaluation } from '../eval/evaluation.ts';
import { lastAtOrBefore } from '../eval/select.ts';
import { fail } from '../errors.ts';
import { columnsIn } from '../plan/fetch.ts';
import { printLabels } from '../data/label-sets.ts';
import type { Grid, Matrix } from '../data/matrix.ts';
import { ABSENT, FLOAT, MatrixBuilder, labelsOf } from '../data/matrix.ts';
import { isStale, wordsOf } from '../../model/sample.ts';
import type { Node, SelectNode } from '../plan/plan.ts';
import { mergeSame } from '../data/rows.ts';
import type { Work } from '../query-slice.ts';
import type { Reference } from './info-reference.ts';
import { referenceOf } from './info-reference.ts';
import type { VectorFunction } from './vector-function.ts';

/** Labels by which a series and what is told of its target belong together. */
const IDENTIFYING = ['instance', 'job'];

/** Adds labels of info metrics (`target_info` unless the second argument names others) to the series of their target. */
export const info: VectorFunction = async (ev, call, grid) => {
  const base = await ev.vector(call.args[0], grid);
  const asked = selectorIn(call.args[1])?.matchers ?? [];
  const names = infoNames(asked.filter((matcher) => matcher.name === '__name__'));
  const dataMatchers = asked.filter((matcher) => matcher.name !== '__name__');
  const nameTests = names.map((matcher) => compileMatch(matcher.op, matcher.value));
  const isInfo = (name: string) => nameTests.every((test) => test(name));
  // Info metrics themselves are left as they are.
  const plain = await ev.slices.map(base.labels.length, 32, (row) => isInfo(labelsOf(base, row).get('__name__')));
  const targets = base.labels.filter((_, row) => !plain[row]);
  const infos = await fetchInfos(ev, grid, referenceOf(call.args[0]), targets, [...dataMatchers, ...names]);
  return combine(ev, grid, base, plain, infos, dataMatchers);
};

function selectorIn(node: Node | undefined): SelectNode | undefined {
  if (node?.kind === 'invariant') return selectorIn(node.node);
  return node?.kind === 'select' ? node : undefined;
}

/** Which metrics are taken for info metrics. Who only says which are not still means some `…_info`. */
function infoNames(matchers: readonly Matcher[]): readonly Matcher[] {
  if (matchers.length === 0) return [{ name: '__name__', op: '=', value: 'target_info' }];
  if (matchers.some(({ op }) => op === '=' || op === '=~')) return matchers;
  return [{ name: '__name__', op: '=~', value: '.+_info' }, ...matchers];
}

/** Of an info series: at each step the time of its sample, NaN where it has none. */
interface InfoSeries {
  readonly labels: Labels;
  readonly times: Float64Array;
}

async function fetchInfos(
  ev: Evaluation,
  grid: Grid,
  reference: Reference,
  targets: readonly Labels[],
  matchers: readonly Matcher[],
): Promise<InfoSeries[]> {
  const { at, offset } = reference;
  const start = (at ?? grid.start) - offset - ev.lookback + 1;
  const end = (at ?? grid.start + (grid.steps - 1) * grid.step) - offset;
  const hints = { step: grid.step, range: 0, func: 'info', grouping: [], by: false };
  const sets = await ev.slices.finish(identifyingSets(targets));
  const requests = sets.map((identifying) => ({
    matchers: [...identifying, ...matchers],
    start,
    end,
    hints,
  }));
  const answers = await Promise.all(requests.map((request) => ev.fetch(request)));
  const found = answers.flatMap(columnsIn);
  ev.samples.makeCells(found.length, grid.steps);
  return ev.slices.map(found.length, 16 + grid.steps, (i) => ({
    labels: found[i].labels,
    times: sampleTimes(ev, found[i], grid, reference),
  }));
}

/**
 * Matchers that find what is told of the targets: one set for each combination of identifying labels that they have, which
 * ask for the others to be absent. Targets without any are told nothing of.
 */
function* identifyingSets(targets: readonly Labels[]): Work<Matcher[][]> {
  const groups = new Map<string, Labels[]>();
  for (const labels of targets) {
    const present = IDENTIFYING.filter((name) => labels.has(name));
    if (present.length > 0) getOrSet(groups, present.join(), (): Labels[] => []).push(labels);
    yield 16;
  }
  return [...groups.values()].map((members) =>
    IDENTIFYING.map((name): Matcher => {
      const values = [...new Set(members.map((labels) => labels.get(name)))].sort();
      return values[0] === ''
        ? { name, op: '=', value: '' }
        : { name, op: '=~', value: values.map(quoteRegex).join('|') };
    }),
  );
}

function quoteRegex(text: string): string {
  return text.replace(/[\\.+*?()|[\]{}^$]/g, '\\$&');
}

/** At the time that the base series were taken from. */
function sampleTimes(ev: Evaluation, series: SeriesColumns, grid: Grid, { at, offset }: Reference): Float64Array {
  const words = wordsOf(series.values);
  return Float64Array.from({ length: grid.steps }, (_, k) => {
    const time = (at ?? grid.start + k * grid.step) - offset;
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
    if (ev.slices.spent(16)) await ev.slices.pause();
    const byTarget = getOrSet(groups, series.labels.get('__name__'), () => new Map<string, Group>());
    getOrSet(byTarget, targetOf(series.labels), (): Group => []).push(series);
  }
  const wanted = new Set(dataMatchers.map((matcher) => matcher.name));
  const required = !dataMatchers.every((matcher) => compileMatch(matcher.op, matcher.value)(''));

  const pieces: { labels: Labels; row: number; steps: number[] }[] = [];
  for (let row = 0; row < base.labels.length; row++) {
    if (ev.slices.spent(64 + 4 * grid.steps)) await ev.slices.pause();
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
  }
  ev.samples.makeCells(pieces.length, grid.steps);
  return mergeSame(await ev.slices.finish(build(grid, base, pieces)), ev.slices);
}

function* build(
  grid: Grid,
  base: Matrix,
  pieces: readonly { labels: Labels; row: number; steps: number[] }[],
): Work<Matrix> {
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
    yield 8 + steps.length;
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
