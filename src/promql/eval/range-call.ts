import type { Labels } from '../../model/labels.ts';
import { text } from '../annotations.ts';
import type { PosRange } from '../ast.ts';
import { QueryError, fail } from '../errors.ts';
import { absentLabels } from '../functions/absent.ts';
import { RANGE_FUNCTIONS } from '../functions/range-functions.ts';
import type { Grid, Matrix } from '../matrix.ts';
import { ABSENT, FLOAT, MatrixBuilder, emptyMatrix } from '../matrix.ts';
import type { CallNode, SubqueryNode, WindowNode } from '../plan.ts';
import { dropNames } from '../rows.ts';
import type { Evaluation } from './evaluation.ts';
import { columnsOf, histogramSize, perStepOf } from './evaluation.ts';
import { evalSubqueryGrid } from './subquery.ts';
import type { Work } from '../slices.ts';
import type { Track } from './track.ts';
import { isWork, trackOfColumns, trackOfRow } from './track.ts';
import type { RangeFunction } from './window.ts';
import { Window } from './window.ts';

const ANCHORED = ['changes', 'delta', 'increase', 'rate', 'resets'];
/** Prometheus loses the place of a subquery when it puts the samples in its stead. */
const NO_PLACE: PosRange = { start: 0, end: 0 };

const SMOOTHED = ['delta', 'increase', 'rate'];

/** A function of a range vector, window by window along each series. */
export async function evalRangeCall(ev: Evaluation, call: CallNode, grid: Grid): Promise<Matrix> {
  const apply = RANGE_FUNCTIONS.get(call.func);
  const ranged = call.args.find((arg) => arg.kind === 'window' || arg.kind === 'subquery');
  if (apply === undefined || ranged === undefined) throw new QueryError('internal', `BUG: no range in ${call.func}()`);
  const before = ev.samples.current;
  const tracks = await tracksOf(ev, ranged, grid);
  const params: Float64Array[] = [];
  for (const arg of call.args) if (arg !== ranged) params.push(await ev.scalar(arg, grid));

  const range = rangeOf(ranged);
  checkExtension(call.func, range.extension);
  const window = new Window({
    notes: ev.notes,
    pos: call.args[0] === ranged && ranged.kind === 'subquery' ? NO_PLACE : call.args[0].pos,
    params,
    range: range.range,
    extension: range.extension,
  });
  const builder = new MatrixBuilder(tracks.length, grid.steps);
  const keepsName = call.func === 'last_over_time' || call.func === 'first_over_time';
  const isCounterFunction = call.func === 'rate' || call.func === 'increase';
  let kept = 0;
  for (let i = 0; i < tracks.length; i++) {
    const found = tracks.at(i);
    const track = isWork(found) ? await ev.slices.finish(found) : found;
    if (ev.slices.spent(track.times.length)) await ev.slices.pause();
    const outcome = await runAlong(ev, grid, window, apply, range, track, builder);
    kept += outcome.produced;
    if (!outcome.any) continue;
    if (isCounterFunction && outcome.anyFloat) noteNonCounter(ev, track.labels, window.pos);
    builder.commit(track.labels, tracks.dropsName(i));
  }
  ev.samples.settle(before, kept);
  const matrix = builder.finish();
  if (call.func === 'absent_over_time') {
    const absent = absentSteps(matrix, call, grid);
    return ev.delayed ? dropNames(absent, ev) : absent;
  }
  return keepsName ? matrix : dropNames(matrix, ev, true);
}

interface Range {
  readonly range: number;
  readonly offset: number;
  readonly at: number | undefined;
  readonly extension: 'anchored' | 'smoothed' | undefined;
}

function rangeOf(node: WindowNode | SubqueryNode): Range {
  if (node.kind === 'subquery') return { range: node.range, offset: node.offset, at: node.at, extension: undefined };
  const { offset, at, extension } = node.select;
  return { range: node.range, offset, at, extension };
}

interface Tracks {
  readonly length: number;
  at(i: number): Track | Work<Track>;
  /** The name goes at the end of the query: what a subquery holds may have been through a function. */
  dropsName(i: number): boolean;
}

async function tracksOf(ev: Evaluation, node: WindowNode | SubqueryNode, grid: Grid): Promise<Tracks> {
  if (node.kind === 'window') {
    const columns = await columnsOf(ev, node.select);
    return { length: columns.length, at: (i) => trackOfColumns(columns[i], ev.startTimes), dropsName: () => false };
  }
  const { matrix, grid: inner } = await evalSubqueryGrid(ev, node, grid);
  const times = await ev.slices.numbers(inner.steps, (k) => inner.start + k * inner.step);
  return {
    length: matrix.labels.length,
    at: (row) => trackOfRow(matrix, row, inner, times),
    dropsName: (row) => matrix.dropName?.[row] === 1,
  };
}

interface Outcome {
  any: boolean;
  anyFloat: boolean;
  /** Samples that the answer holds. */
  produced: number;
}

async function runAlong(
  ev: Evaluation,
  grid: Grid,
  w: Window,
  call: RangeFunction,
  range: Range,
  track: Track,
  builder: MatrixBuilder,
): Promise<Outcome> {
  w.begin(track);
  const { values, kinds, base } = builder;
  const lookBefore = range.extension === undefined ? 0 : ev.lookback;
  const lookAfter = range.extension === 'smoothed' ? ev.lookback : 0;
  const perStep = perStepOf(ev, grid);
  const outcome: Outcome = { any: false, anyFloat: false, produced: 0 };
  let largest = 0;
  for (let k = 0; k < grid.steps; k++) {
    w.step = k;
    w.time = grid.start + k * grid.step;
    w.rangeEnd = (range.at ?? w.time) - range.offset;
    w.rangeStart = w.rangeEnd - range.range;
    w.move(w.rangeStart - lookBefore, w.rangeEnd + lookAfter);
    const size = windowSize(w);
    if (size === 0) continue;
    ev.samples.total += size;
    if (perStep !== undefined) perStep[k] += size;
    if (size > largest) largest = size;
    const found = call(w);
    const kind = typeof found === 'number' ? found : await ev.slices.finish(found);
    if (ev.slices.spent(size)) await ev.slices.pause();
    if (kind === ABSENT) continue;
    outcome.any = true;
    if (kind === FLOAT) {
      outcome.anyFloat = true;
      outcome.produced++;
      values[base + k] = w.value;
      kinds[base + k] = FLOAT;
    } else if (w.histogram !== undefined) {
      outcome.produced += histogramSize(w.histogram);
      builder.setHistogram(k, w.histogram);
    }
  }
  if (ev.slices.spent(grid.steps)) await ev.slices.pause();
  ev.samples.hold(largest + outcome.produced);
  ev.samples.current -= largest;
  return outcome;
}

function windowSize(w: Window): number {
  let size = w.to - w.from;
  for (let i = w.histogramFrom; i < w.histogramTo; i++) size += histogramSize(w.histograms[i]);
  return size;
}

function checkExtension(func: string, extension: 'anchored' | 'smoothed' | undefined): void {
  if (extension === undefined) return;
  const allowed = extension === 'anchored' ? ANCHORED : SMOOTHED;
  if (allowed.includes(func)) return;
  fail(`${extension} modifier can only be used with: ${allowed.join(', ')} - not with ${func}`);
}

/** A counter's name says so by its ending; what does not is likely a gauge, on which `rate` makes no sense. */
function noteNonCounter(ev: Evaluation, labels: Labels, pos: PosRange): void {
  const name = labels.get('__name__');
  if (name === '') return;
  if (ev.typeLabels) {
    const type = labels.get('__type__');
    if (type !== 'counter' && type !== 'histogram') {
      ev.notes.inform(text.possibleNonCounterType(name, type), pos);
    }
  } else if (!/_(?:total|sum|count|bucket)$/.test(name)) {
    ev.notes.inform(text.possibleNonCounter(name), pos);
  }
}

/** absent_over_time: 1 at every step at which no series had a sample. */
function absentSteps(present: Matrix, call: CallNode, grid: Grid): Matrix {
  const builder = new MatrixBuilder(1, grid.steps);
  let any = false;
  for (let k = 0; k < grid.steps; k++) {
    let seen = false;
    for (let cell = k; cell < present.kinds.length && !seen; cell += grid.steps) seen = present.kinds[cell] !== ABSENT;
    if (seen) continue;
    builder.values[k] = 1;
    builder.kinds[k] = FLOAT;
    any = true;
  }
  if (!any) return emptyMatrix(grid.steps);
  builder.commit(absentLabels(call.args[0]));
  return builder.finish();
}
