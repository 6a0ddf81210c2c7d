import type { Labels } from '../../model/labels.ts';
import { text } from '../annotations.ts';
import type { PosRange } from '../syntax/ast.ts';
import { QueryError, fail } from '../errors.ts';
import { absentLabels } from '../functions/absent.ts';
import { RANGE_FUNCTIONS } from '../functions/range-functions.ts';
import type { Grid, Matrix } from '../data/matrix.ts';
import { ABSENT, FLOAT, MatrixBuilder, emptyMatrix } from '../data/matrix.ts';
import type { CallNode, SubqueryNode, WindowNode } from '../plan/plan.ts';
import { dropNames } from '../data/rows.ts';
import type { Evaluation } from './evaluation.ts';
import { columnsOf, histogramSize } from './evaluation.ts';
import { evalSubqueryGrid } from './subquery.ts';
import type { Work } from '../query-slice.ts';
import type { SeriesSamples } from './series-samples.ts';
import { stepsThere } from './match-rows.ts';
import { isWork, trackOfColumns, trackOfRow } from './series-samples.ts';
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
  ev.samples.makeCells(tracks.length, grid.steps);
  const builder = new MatrixBuilder(tracks.length, grid.steps);
  const walk = new RangeWalker(ev, grid, window, range, ranged.kind === 'window', builder);
  const keepsName = call.func === 'last_over_time' || call.func === 'first_over_time';
  const isCounterFunction = call.func === 'rate' || call.func === 'increase';
  let kept = 0;
  // One function for all series: an await for each of them costs more than the work on one step.
  for (let i = 0; i < tracks.length; i++) {
    const found = tracks.at(i);
    const track = isWork(found) ? await ev.slices.finish(found) : found;
    if (ev.slices.spent(track.times.length + grid.steps)) await ev.slices.pause();
    walk.begin(track);
    for (let k = 0; k < grid.steps; k++) {
      if (!walk.move(k)) continue;
      const given = apply(window);
      walk.put(k, typeof given === 'number' ? given : await ev.slices.finish(given));
      if (ev.slices.spent(walk.size)) await ev.slices.pause();
    }
    walk.end();
    kept += walk.produced;
    if (!walk.any) continue;
    if (isCounterFunction && walk.anyFloat) noteNonCounter(ev, track.labels, window.pos);
    builder.commit(track.labels, tracks.dropsName(i));
  }
  ev.samples.settle(before, kept);
  const matrix = builder.finish();
  if (call.func === 'absent_over_time') {
    const absent = await absentSteps(ev, matrix, call, grid);
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
  at(i: number): SeriesSamples | Work<SeriesSamples>;
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

/** Goes along one series after another with the window, step by step, and puts what the function gives into the row. */
class RangeWalker {
  readonly #ev: Evaluation;
  readonly #grid: Grid;
  readonly #window: Window;
  readonly #range: Range;
  readonly #builder: MatrixBuilder;
  /** How far a function may look beyond the range on either side. */
  readonly #before: number;
  readonly #after: number;
  /** What a subquery gave was read when it was evaluated. */
  readonly #reads: boolean;
  #largest = 0;
  /** Samples in the window. */
  size = 0;
  /** Of the row: whether it has a cell, a float among them, and how many samples it holds. */
  any = false;
  anyFloat = false;
  produced = 0;

  constructor(ev: Evaluation, grid: Grid, window: Window, range: Range, reads: boolean, builder: MatrixBuilder) {
    this.#reads = reads;
    this.#ev = ev;
    this.#grid = grid;
    this.#window = window;
    this.#range = range;
    this.#builder = builder;
    this.#before = range.extension === undefined ? 0 : ev.lookback;
    this.#after = range.extension === 'smoothed' ? ev.lookback : 0;
  }

  begin(track: SeriesSamples): void {
    this.#window.begin(track);
    this.#largest = this.produced = 0;
    this.any = this.anyFloat = false;
  }

  /** Whether the window of step `k` holds a sample. */
  move(k: number): boolean {
    const w = this.#window;
    const { at, offset, range } = this.#range;
    w.step = k;
    w.time = this.#grid.start + k * this.#grid.step;
    w.rangeEnd = (at ?? w.time) - offset;
    w.rangeStart = w.rangeEnd - range;
    const { to, histogramTo } = w;
    w.move(w.rangeStart - this.#before, w.rangeEnd + this.#after);
    const size = windowSize(w, w.from, w.histogramFrom);
    const read = this.#reads ? windowSize(w, Math.max(w.from, to), Math.max(w.histogramFrom, histogramTo)) : 0;
    this.size = size;
    const { looked, byStep } = this.#ev.samples;
    looked.total += size;
    looked.read += read;
    byStep?.add(k, size, read);
    if (size > this.#largest) this.#largest = size;
    return size > 0;
  }

  put(k: number, kind: number): void {
    if (kind === ABSENT) return;
    const { value, histogram } = this.#window;
    const builder = this.#builder;
    this.any = true;
    if (kind === FLOAT) {
      this.anyFloat = true;
      this.produced++;
      builder.values[builder.base + k] = value;
      builder.kinds[builder.base + k] = FLOAT;
    } else if (histogram !== undefined) {
      this.produced += histogramSize(histogram);
      builder.setHistogram(k, histogram);
    }
  }

  /** Counts what the series held at a time. */
  end(): void {
    this.#ev.samples.hold(this.#largest + this.produced);
    this.#ev.samples.current -= this.#largest;
  }
}

/** What the window holds from these places on. */
function windowSize(w: Window, from: number, histogramFrom: number): number {
  let size = w.to - from;
  for (let i = histogramFrom; i < w.histogramTo; i++) size += histogramSize(w.histograms[i]);
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
async function absentSteps(ev: Evaluation, present: Matrix, call: CallNode, grid: Grid): Promise<Matrix> {
  const there = await stepsThere(present, ev.slices);
  if (there.every((step) => step === 1)) return emptyMatrix(grid.steps);
  const builder = new MatrixBuilder(1, grid.steps);
  for (let k = 0; k < grid.steps; k++) {
    if (there[k] === 1) continue;
    builder.values[k] = 1;
    builder.kinds[k] = FLOAT;
  }
  builder.commit(absentLabels(call.args[0]));
  return builder.finish();
}
