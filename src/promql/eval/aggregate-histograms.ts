import type { FloatHistogram } from '../../model/sample.ts';
import { text } from '../annotations.ts';
import type { Compensated } from '../histogram/index.ts';
import {
  IncompatibleSchemaError,
  addCompensated,
  compact,
  divide,
  divideCompensated,
  hasOverflow,
  multiplyCompensated,
  settle,
} from '../histogram/index.ts';
import { UNITS_OF_HISTOGRAM, type Work } from '../query-slice.ts';
import type { Matrix } from '../data/matrix.ts';
import { ABSENT, FLOAT, MatrixBuilder, labelsOf } from '../data/matrix.ts';
import type { AggregateNode } from '../plan/plan.ts';
import type { Groups } from './known-groups.ts';
import type { Evaluation } from './evaluation.ts';
import { FOLDS } from './aggregators.ts';

/** `sum` and `avg` where histograms are among the samples: a cell is a float, a histogram, or nothing where both meet. */
export async function aggregateHistograms(
  ev: Evaluation,
  node: AggregateNode,
  matrix: Matrix,
  groups: Groups,
): Promise<Matrix> {
  const { steps } = matrix;
  const members: number[][] = groups.labels.map(() => []);
  groups.of.forEach((group, row) => members[group].push(row));
  const builder = new MatrixBuilder(members.length, steps);
  for (const [group, rows] of members.entries()) {
    let any = false;
    for (let k = 0; k < steps; k++) {
      any = (await ev.slices.finish(fillCell(ev, node, matrix, rows, k, builder))) || any;
      if (ev.slices.spent(rows.length * 16)) await ev.slices.pause();
    }
    if (any) builder.commit(groups.labels[group], groups.dropName?.[group] === 1);
  }
  return builder.finish();
}

function* fillCell(
  ev: Evaluation,
  node: AggregateNode,
  matrix: Matrix,
  rows: readonly number[],
  k: number,
  builder: MatrixBuilder,
): Work<boolean> {
  const { steps } = matrix;
  const present = rows.filter((row) => matrix.kinds[row * steps + k] !== ABSENT);
  if (present.length === 0) return false;
  const floats = present.filter((row) => matrix.kinds[row * steps + k] === FLOAT);
  if (floats.length === 0) {
    const { histogram, hintsCollide } = yield* combine(ev, node, matrix, present, k);
    if (histogram === undefined) return false;
    builder.setHistogram(k, compact(histogram));
    if (hintsCollide === true) ev.notes.warn(text.counterResetCollision('aggregation'), node.node.pos);
    return true;
  }
  if (floats.length < present.length) {
    yield* noteMixed(ev, node, matrix, present, floats, k);
    return false;
  }
  const fold = FOLDS.get(node.op)?.(1);
  for (const row of floats) fold?.addRow(matrix.values, matrix.kinds, row * steps + k, 0, 1);
  builder.values[builder.base + k] = fold?.finish().values[0] ?? NaN;
  builder.kinds[builder.base + k] = FLOAT;
  return true;
}

/**
 * Floats and histograms give nothing together. Like Prometheus, a group that began with a histogram still complains of
 * histograms that do not fit, and looks at nothing behind the first of them.
 */
function* noteMixed(
  ev: Evaluation,
  node: AggregateNode,
  matrix: Matrix,
  present: readonly number[],
  floats: readonly number[],
  k: number,
): Work<void> {
  const histograms = present.filter((row) => matrix.kinds[row * matrix.steps + k] !== FLOAT);
  const failedAt = floats[0] === present[0] ? undefined : (yield* combine(ev, node, matrix, histograms, k)).failedAt;
  if (failedAt === undefined || floats[0] < failedAt) {
    ev.notes.warn(text.mixedFloatsHistogramsInAggregation(), node.node.pos);
  }
}

interface Combined {
  readonly histogram?: FloatHistogram;
  /** One says that a counter reset came before it, another that none did. */
  readonly hintsCollide?: boolean;
  /** The row whose histogram does not go with those before. */
  readonly failedAt?: number;
}

function* combine(
  ev: Evaluation,
  node: AggregateNode,
  matrix: Matrix,
  rows: readonly number[],
  k: number,
): Work<Combined> {
  const histograms = rows.flatMap((row) => matrix.histograms?.[row]?.[k] ?? []);
  const { pos } = node.node;
  let at = 0;
  const note = { reconciled: false };
  try {
    const advance = (i: number) => (at = i);
    const histogram = yield* node.op === 'sum' ? sum(histograms, note, advance) : average(histograms, note, advance);
    const hints = new Set(histograms.map(({ counterReset }) => counterReset));
    return { histogram, hintsCollide: hints.has('reset') && hints.has('not_reset') };
  } catch (error) {
    if (!(error instanceof IncompatibleSchemaError)) throw error;
    ev.notes.warn(text.mixedExponentialCustom(labelsOf(matrix, rows[at]).get('__name__')), pos);
    return { failedAt: rows[at] };
  } finally {
    if (note.reconciled) ev.notes.inform(text.reconciledBuckets('aggregation'), pos);
  }
}

interface Note {
  reconciled: boolean;
}

function* sum(histograms: readonly FloatHistogram[], note: Note, advance: (i: number) => void): Work<FloatHistogram> {
  let total: Compensated = { value: histograms[0], lost: undefined };
  for (let i = 1; i < histograms.length; i++) {
    advance(i);
    yield UNITS_OF_HISTOGRAM;
    total = add(total, histograms[i], note);
  }
  return settle(total);
}

/** The plain mean while the sum does not overflow, from there on a running mean. */
function* average(
  histograms: readonly FloatHistogram[],
  note: Note,
  advance: (i: number) => void,
): Work<FloatHistogram> {
  let total: Compensated = { value: histograms[0], lost: undefined };
  let running = false;
  for (let i = 1; i < histograms.length; i++) {
    advance(i);
    yield UNITS_OF_HISTOGRAM;
    if (!running) {
      const next = add(total, histograms[i], note);
      running = hasOverflow(next.value);
      if (!running) {
        total = next;
        continue;
      }
      total = divideCompensated(total, i);
    }
    const count = i + 1;
    total = add(multiplyCompensated(total, (count - 1) / count), divide(histograms[i], count), note);
  }
  return settle(running ? total : divideCompensated(total, histograms.length));
}

function add(total: Compensated, histogram: FloatHistogram, note: Note): Compensated {
  const next = addCompensated(total, histogram);
  note.reconciled ||= next.boundsReconciled;
  return next;
}
