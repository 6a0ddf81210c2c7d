import type { Labels } from '../../model/labels.ts';
import type { FloatHistogram } from '../../model/sample.ts';
import { text } from '../annotations.ts';
import type { Evaluation } from '../eval/evaluation.ts';
import type { Matrix } from '../data/matrix.ts';
import { FLOAT, HISTOGRAM, labelsOf } from '../data/matrix.ts';
import type { Node } from '../plan/plan.ts';
import { Buckets } from './classic-buckets.ts';

/** Rows of a matrix that are the buckets of one classic histogram, by rising bound. */
export interface ClassicHistogram {
  readonly kind: 'classic';
  /** Without `le`. */
  readonly labels: Labels;
  readonly bounds: readonly number[];
  readonly rows: readonly number[];
  readonly dropName: boolean;
}

/** A row that holds native histograms, with the classic one of the same labels, if there is any. */
export interface NativeHistogram {
  readonly kind: 'native';
  readonly labels: Labels;
  readonly row: number;
  readonly twin: ClassicHistogram | undefined;
  readonly dropName: boolean;
}

/** What `histogram_quantile` and its kin read: classic and native histograms, sorted out once for all steps. */
export class HistogramInput {
  readonly native: readonly NativeHistogram[];
  readonly classic: readonly ClassicHistogram[];
  readonly #matrix: Matrix;
  readonly #ev: Evaluation;
  readonly #arg: Node;
  readonly #buckets: Buckets;
  /** Rows of native histograms with the labels of a classic one. */
  readonly #nativeTwins = new Map<ClassicHistogram, number>();

  /** @param arg Where annotations point. */
  static async of(ev: Evaluation, matrix: Matrix, arg: Node): Promise<HistogramInput> {
    return new HistogramInput(ev, matrix, arg, await groupBuckets(ev, matrix, arg));
  }

  private constructor(ev: Evaluation, matrix: Matrix, arg: Node, byKey: ReadonlyMap<string, ClassicHistogram>) {
    this.#ev = ev;
    this.#matrix = matrix;
    this.#arg = arg;
    this.classic = [...byKey.values()];
    this.native = this.#findNative(byKey);
    for (const { twin, row } of this.native) if (twin !== undefined) this.#nativeTwins.set(twin, row);
    this.#buckets = new Buckets(this.classic.reduce((most, histogram) => Math.max(most, histogram.rows.length), 0));
  }

  /** A classic and a native histogram have the same labels, and so will what is made of them. */
  get hasTwins(): boolean {
    return this.#nativeTwins.size > 0;
  }

  #findNative(classic: ReadonlyMap<string, ClassicHistogram>): NativeHistogram[] {
    const { histograms, dropName } = this.#matrix;
    if (histograms === undefined) return [];
    return this.#matrix.labels.flatMap((_, row) => {
      if (histograms[row] === undefined) return [];
      const labels = labelsOf(this.#matrix, row);
      return [{ kind: 'native', labels, row, twin: classic.get(labels.key), dropName: dropName?.[row] === 1 }];
    });
  }

  /** The name for annotations. */
  metricOf(labels: Labels): string {
    return shownName(this.#ev, labels);
  }

  /** The native histogram at a step; undefined where there is none, or a classic one that contradicts it. */
  nativeAt(histogram: NativeHistogram, k: number): FloatHistogram | undefined {
    const found = this.#matrix.histograms?.[histogram.row]?.[k];
    if (found === undefined || this.#matrix.kinds[histogram.row * this.#matrix.steps + k] !== HISTOGRAM)
      return undefined;
    if (histogram.twin !== undefined && this.#hasBuckets(histogram.twin, k)) {
      this.#ev.notes.warn(text.mixedClassicNative(this.metricOf(histogram.labels)), this.#arg.pos);
      return undefined;
    }
    return found;
  }

  /** The buckets at a step, good until the next call; undefined where there are none or a native histogram contradicts. */
  bucketsAt(histogram: ClassicHistogram, k: number): Buckets | undefined {
    const { values, kinds, steps } = this.#matrix;
    const buckets = this.#buckets;
    buckets.clear();
    for (let i = 0; i < histogram.rows.length; i++) {
      const cell = histogram.rows[i] * steps + k;
      if (kinds[cell] === FLOAT) buckets.push(histogram.bounds[i], values[cell]);
    }
    return buckets.length === 0 || this.#contradicted(histogram, k) ? undefined : buckets;
  }

  #hasBuckets(histogram: ClassicHistogram, k: number): boolean {
    return histogram.rows.some((row) => this.#matrix.kinds[row * this.#matrix.steps + k] === FLOAT);
  }

  #contradicted(histogram: ClassicHistogram, k: number): boolean {
    const row = this.#nativeTwins.get(histogram);
    return row !== undefined && this.#matrix.kinds[row * this.#matrix.steps + k] === HISTOGRAM;
  }
}

/** The rows that are buckets, by the labels that their histogram has. */
async function groupBuckets(ev: Evaluation, matrix: Matrix, arg: Node): Promise<Map<string, ClassicHistogram>> {
  const groups = new Map<string, { labels: Labels; buckets: { bound: number; row: number }[]; dropName: boolean }>();
  await ev.slices.each(matrix.labels.length, 48, (row) => {
    const own = labelsOf(matrix, row);
    const bound = parseBound(own.get('le'));
    if (bound === undefined) return noteBadBound(ev, matrix, row, own, arg);
    const labels = own.without('le');
    const group = groups.get(labels.key);
    if (group === undefined) {
      const dropName = matrix.dropName?.[row] === 1;
      groups.set(labels.key, { labels, buckets: [{ bound, row }], dropName });
    } else group.buckets.push({ bound, row });
  });
  const classic = new Map<string, ClassicHistogram>();
  for (const [key, { labels, buckets, dropName }] of groups) {
    buckets.sort((a, b) => a.bound - b.bound);
    const bounds = buckets.map((bucket) => bucket.bound);
    classic.set(key, { kind: 'classic', labels, bounds, rows: buckets.map((bucket) => bucket.row), dropName });
    if (ev.slices.spent(buckets.length * 16)) await ev.slices.pause();
  }
  return classic;
}

function noteBadBound(ev: Evaluation, { kinds, steps }: Matrix, row: number, labels: Labels, arg: Node): void {
  if (!kinds.subarray(row * steps, (row + 1) * steps).includes(FLOAT)) return;
  ev.notes.warn(text.badBucketLabel(shownName(ev, labels), labels.get('le')), arg.pos);
}

/** The name for annotations: only with delayed name removal has it not yet gone. */
function shownName(ev: Evaluation, labels: Labels): string {
  return ev.delayed ? labels.get('__name__') : '';
}

/** As Go's ParseFloat reads a bound: no blanks, `Inf` in any case. */
function parseBound(le: string): number | undefined {
  if (/^[+-]?inf(inity)?$/i.test(le)) return le.startsWith('-') ? -Infinity : Infinity;
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(le)) return Number(le);
  return /^nan$/i.test(le) ? NaN : undefined;
}
