import type { Labels } from '../../model/labels.ts';
import type { VectorMatching } from '../syntax/ast.ts';
import { QueryError, fail } from '../errors.ts';
import { hasTypeOrUnit } from '../data/grouping.ts';
import { isMetadataLabel, matchingLabels, printLabels } from '../data/label-sets.ts';
import type { Matrix } from '../data/matrix.ts';
import { ABSENT, FLOAT, HISTOGRAM, MatrixBuilder, labelsOf } from '../data/matrix.ts';
import type { BinaryNode } from '../plan/plan.ts';
import { dropNames, mergeSame } from '../data/rows.ts';
import type { Cell } from './cells.ts';
import { CellOperator, StepNotes } from './cells.ts';
import type { Evaluation } from './evaluation.ts';
import { cellAt, floatCell, rowsBySignature, stepsThere } from './match-rows.ts';
import type { Work } from '../query-slice.ts';
import { ARITHMETIC, COMPARISON } from './operators.ts';
import { readable, signaturesOf } from './set-operators.ts';

/** Arithmetic and comparison of two vectors, sample by sample with the same matching labels. */
export async function matchVectors(ev: Evaluation, node: BinaryNode, l: Matrix, r: Matrix): Promise<Matrix> {
  const { matching } = node;
  if (matching === undefined) throw new QueryError('internal', 'BUG: two vectors without a matching');
  const [left, right] = await readable(ev, l, r, matching);
  // One side has one sample for each signature: from here on it is called `one`, the other `many`.
  const swapped = matching.card === 'one-to-many';
  const signatures = await signaturesOf(ev, left, right, matching);
  const [many, one] = swapped ? [right, left] : [left, right];
  const [manySignatures, oneSignatures] = swapped
    ? [signatures.right, signatures.left]
    : [signatures.left, signatures.right];
  const manyThere = await stepsThere(many, ev.slices);
  const oneThere = await stepsThere(one, ev.slices);
  const manyRows = await rowsBySignature(manySignatures, signatures.count, ev.slices);
  const oneRows = await rowsBySignature(oneSignatures, signatures.count, ev.slices);
  ev.samples.makeCells(many.labels.length, many.steps);
  const job = new MatchJob(ev, node, matching, { many, one, swapped, manyThere, oneThere });
  for (let signature = 0; signature < signatures.count; signature++) {
    const found = job.match(manyRows[signature] ?? NONE, oneRows[signature] ?? NONE);
    // Most have one row on each side: an await for each costs more than the work.
    if (found !== undefined) await ev.slices.finish(found);
    if (ev.slices.spent(8 + many.steps)) await ev.slices.pause();
  }
  return job.finish();
}

const NONE: readonly number[] = [];

/** What making the labels of a result costs. */
const UNITS_OF_LABELS = 48;

interface Sides {
  readonly many: Matrix;
  readonly one: Matrix;
  /** `one` stands left. */
  readonly swapped: boolean;
  readonly manyThere: Uint8Array;
  readonly oneThere: Uint8Array;
}

interface Pending {
  readonly labels: Labels;
  readonly values: Float64Array;
  readonly kinds: Uint8Array;
  readonly histograms: Map<number, NonNullable<Cell['histogram']>>;
  any: boolean;
}

/** The earliest step at which the query has to fail, and how; of two, the one side's duplicates come first, then the lower row. */
interface Failure {
  readonly step: number;
  readonly isDuplicate: boolean;
  readonly row: number;
  readonly message: string;
}

class MatchJob {
  readonly #ev: Evaluation;
  readonly #node: BinaryNode;
  readonly #matching: VectorMatching;
  readonly #many: Matrix;
  readonly #one: Matrix;
  readonly #swapped: boolean;
  readonly #operator: CellOperator;
  readonly #notes = new StepNotes();
  readonly #names: ReadonlySet<string>;
  readonly #builder: MatrixBuilder;
  readonly #calculate: ((a: number, b: number) => number) | undefined;
  readonly #compare: ((a: number, b: number) => boolean) | undefined;
  /** Steps at which a side has any sample at all; Prometheus compares nothing where one has none. */
  readonly #manyThere: Uint8Array;
  readonly #oneThere: Uint8Array;
  readonly #fillMany: number | undefined;
  readonly #fillOne: number | undefined;
  readonly #isPlain: boolean;
  #failure: Failure | undefined;

  constructor(ev: Evaluation, node: BinaryNode, matching: VectorMatching, sides: Sides) {
    const { many, one, swapped } = sides;
    this.#ev = ev;
    this.#node = node;
    this.#matching = matching;
    this.#many = many;
    this.#one = one;
    this.#swapped = swapped;
    this.#operator = new CellOperator(node.op, this.#notes);
    this.#names = new Set(matching.labels);
    this.#calculate = ARITHMETIC.get(node.op);
    this.#compare = COMPARISON.get(node.op);
    this.#manyThere = sides.manyThere;
    this.#oneThere = sides.oneThere;
    // As in Prometheus, where the values stay in place when the sides are swapped for `group_right`.
    this.#fillMany = matching.fillLeft;
    this.#fillOne = matching.fillRight;
    const hasFill = matching.fillLeft !== undefined || matching.fillRight !== undefined;
    this.#builder = new MatrixBuilder(many.labels.length + (hasFill ? one.labels.length : 0), many.steps);
    this.#isPlain =
      !hasFill &&
      many.histograms === undefined &&
      one.histograms === undefined &&
      (this.#calculate !== undefined || this.#compare !== undefined);
  }

  /** The rows of one signature, on either side. */
  match(manyRows: readonly number[], oneRows: readonly number[]): Work<void> | undefined {
    if (this.#isPlain && manyRows.length === 1 && oneRows.length === 1) {
      const labels = this.#resultLabels(labelsOf(this.#many, manyRows[0]), labelsOf(this.#one, oneRows[0]));
      this.#wholeRow(manyRows[0], oneRows[0], labels);
      return undefined;
    }
    return this.#matchSeveral(manyRows, oneRows);
  }

  *#matchSeveral(manyRows: readonly number[], oneRows: readonly number[]): Work<void> {
    if (this.#isPlain && (manyRows.length === 0 || oneRows.length === 0)) return yield* this.#checkDuplicates(oneRows);
    const single = manyRows.length === 1 || this.#matching.card !== 'one-to-one';
    if (!this.#isPlain || oneRows.length > 1 || !single) return yield* this.#stepByStep(manyRows, oneRows);
    const one = labelsOf(this.#one, oneRows[0]);
    const labels: Labels[] = [];
    const keys = new Set<string>();
    for (const row of manyRows) {
      const made = this.#resultLabels(labelsOf(this.#many, row), one);
      labels.push(made);
      keys.add(made.key);
      yield UNITS_OF_LABELS;
    }
    if (keys.size < labels.length) return yield* this.#stepByStep(manyRows, oneRows);
    for (const [i, row] of manyRows.entries()) {
      this.#wholeRow(row, oneRows[0], labels[i]);
      yield this.#many.steps;
    }
  }

  async finish(): Promise<Matrix> {
    const built = this.#builder.finish();
    if (this.#failure !== undefined) {
      await this.#refuseRepeatedBefore(this.#failure.step, built);
      fail(this.#failure.message);
    }
    this.#notes.tell(this.#ev.notes, this.#node.pos);
    // One to one, the labels that matched are in the result, so that no two results can be the same; but for the name and
    // the labels that go with it.
    const isUnique =
      this.#matching.card === 'one-to-one' &&
      !this.#names.has('__name__') &&
      ![this.#many, this.#one].some(({ labels }) => labels.some(hasTypeOrUnit));
    const merged = isUnique ? built : await this.#unrepeated(built);
    // Without delay the name went before `group_left (…)` took labels, of which it may be one.
    return this.#node.bool && this.#ev.delayed ? dropNames(merged, this.#ev) : merged;
  }

  /** With names going at the end, so does the search for duplicates at a single time; over several they are refused here. */
  async #unrepeated(matrix: Matrix): Promise<Matrix> {
    if (!this.#ev.delayed || matrix.steps > 1) return mergeSame(matrix, this.#ev.slices);
    return { ...matrix, dropName: matrix.dropName ?? new Uint8Array(matrix.labels.length) };
  }

  async #refuseRepeatedBefore(step: number, matrix: Matrix): Promise<void> {
    const { steps } = matrix;
    const kinds = matrix.kinds.slice();
    await this.#ev.slices.blocks(matrix.labels.length, steps, (row, from, to) => {
      if (to > step) kinds.fill(ABSENT, row * steps + Math.max(from, step), row * steps + to);
    });
    await mergeSame({ ...matrix, kinds }, this.#ev.slices);
  }

  /** One row with one row, all steps in one go. */
  #wholeRow(manyRow: number, oneRow: number, labels: Labels): void {
    const { steps } = this.#many;
    const a = manyRow * steps;
    const b = oneRow * steps;
    const builder = this.#builder;
    builder.reserve();
    const { base } = builder;
    const [left, leftAt, right, rightAt] = this.#swapped
      ? [this.#one.values, b, this.#many.values, a]
      : [this.#many.values, a, this.#one.values, b];
    const manyKinds = this.#many.kinds;
    const oneKinds = this.#one.kinds;
    const calculate = this.#calculate;
    const compare = this.#compare;
    const { bool } = this.#node;
    let any = false;
    for (let k = 0; k < steps; k++) {
      if (manyKinds[a + k] === ABSENT || oneKinds[b + k] === ABSENT) continue;
      const x = left[leftAt + k];
      const y = right[rightAt + k];
      if (calculate !== undefined) builder.values[base + k] = calculate(x, y);
      else if (compare !== undefined) {
        const holds = compare(x, y);
        if (!holds && !bool) continue;
        builder.values[base + k] = bool ? Number(holds) : x;
      }
      builder.kinds[base + k] = FLOAT;
      any = true;
    }
    if (any) builder.commit(labels);
  }

  /** Several rows on a side may take turns from step to step. */
  *#stepByStep(manyRows: readonly number[], oneRows: readonly number[]): Work<void> {
    const { steps } = this.#many;
    const results = new Map<string, Pending>();
    for (let k = 0; k < steps; k++) {
      const isEmpty = this.#manyThere[k] === 0 || this.#oneThere[k] === 0;
      const noFill = this.#fillMany === undefined && this.#fillOne === undefined;
      if (isEmpty && noFill) continue;
      const one = this.#presentOne(oneRows, k);
      yield oneRows.length;
      if (one === undefined && this.#fillOne === undefined) continue;
      yield* this.#matchStep(manyRows, one, k, results);
    }
    for (const result of results.values()) {
      this.#commit(result);
      yield steps;
    }
  }

  *#matchStep(
    manyRows: readonly number[],
    one: number | undefined,
    k: number,
    results: Map<string, Pending>,
  ): Work<void> {
    let matched = 0;
    const seen = new Set<string>();
    const pair = (row: number, many: Cell, manyLabels: Labels, other: Cell, otherLabels: Labels) => {
      const [left, right] = this.#swapped ? [other, many] : [many, other];
      this.#notes.step = k;
      this.#notes.order = row;
      const result = this.#operator.apply(left, right);
      if (result === undefined) return;
      const labels = this.#resultLabels(manyLabels, otherLabels);
      const isTwice = this.#matching.card === 'one-to-one' ? matched > 0 : seen.has(labels.key);
      if (isTwice) {
        const message = this.#matching.card === 'one-to-one' ? MANY_TO_ONE : NOT_UNIQUE;
        return this.#failAt(k, { isDuplicate: false, row, message });
      }
      matched++;
      seen.add(labels.key);
      if (result.keep || this.#node.bool) this.#put(results, labels, k, result);
    };
    for (const row of manyRows) {
      yield UNITS_OF_LABELS;
      const cell = cellAt(this.#many, row, k);
      if (cell === undefined) continue;
      const labels = labelsOf(this.#many, row);
      if (one !== undefined) {
        pair(row, cell, labels, cellAt(this.#one, one, k) as Cell, labelsOf(this.#one, one));
      } else if (this.#fillOne !== undefined) {
        pair(row, cell, labels, floatCell(this.#fillOne), this.#matchLabels(labels));
      }
    }
    if (one === undefined || matched > 0 || this.#fillMany === undefined) return;
    const labels = labelsOf(this.#one, one);
    pair(
      this.#many.labels.length + one,
      floatCell(this.#fillMany),
      this.#matchLabels(labels),
      cellAt(this.#one, one, k) as Cell,
      labels,
    );
  }

  #put(results: Map<string, Pending>, labels: Labels, k: number, result: Cell & { keep: boolean }): void {
    const { steps } = this.#many;
    let pending = results.get(labels.key);
    if (pending === undefined) {
      this.#ev.samples.makeCells(1, steps);
      const values = new Float64Array(steps);
      pending = { labels, values, kinds: new Uint8Array(steps), histograms: new Map(), any: false };
      results.set(labels.key, pending);
    }
    pending.any = true;
    if (result.histogram !== undefined && !this.#node.bool) {
      pending.kinds[k] = HISTOGRAM;
      pending.histograms.set(k, result.histogram);
    } else {
      pending.kinds[k] = FLOAT;
      pending.values[k] = this.#node.bool ? Number(result.keep) : result.float;
    }
  }

  #commit(pending: Pending): void {
    if (!pending.any) return;
    const builder = this.#builder;
    // Labels taken from the one side may change from step to step, so that a row becomes several.
    builder.reserve();
    builder.values.set(pending.values, builder.base);
    builder.kinds.set(pending.kinds, builder.base);
    for (const [k, histogram] of pending.histograms) builder.setHistogram(k, histogram);
    builder.commit(pending.labels);
  }

  /** The row of the `one` side that has a sample at a step: there must not be two. */
  #presentOne(rows: readonly number[], k: number): number | undefined {
    let found: number | undefined;
    for (const row of rows) {
      if (this.#one.kinds[row * this.#one.steps + k] === ABSENT) continue;
      if (found !== undefined) {
        this.#failAt(k, { isDuplicate: true, row, message: this.#duplicates(found, row) });
        return found;
      }
      found = row;
    }
    return found;
  }

  /** Two of the `one` side match each other even where nothing matches them. */
  *#checkDuplicates(rows: readonly number[]): Work<void> {
    if (rows.length < 2) return;
    for (let k = 0; k < this.#one.steps; k++) {
      if (this.#manyThere[k] === 1) this.#presentOne(rows, k);
      yield rows.length;
    }
  }

  #duplicates(first: number, second: number): string {
    const group = this.#matchLabels(labelsOf(this.#one, second));
    const side = this.#swapped ? 'left' : 'right';
    const series = [first, second].map((row) => printLabels(labelsOf(this.#one, row))).join(', ');
    return (
      `found duplicate series for the match group ${printLabels(group)} on the ${side} hand-side of the operation: ` +
      `[${series}];many-to-many matching not allowed: matching labels must be unique on one side`
    );
  }

  #failAt(step: number, failure: Omit<Failure, 'step'>): void {
    const known = this.#failure;
    if (known !== undefined && step > known.step) return;
    const isLater =
      step === known?.step && (failure.isDuplicate === known.isDuplicate ? failure.row > known.row : known.isDuplicate);
    if (!isLater) this.#failure = { step, ...failure };
  }

  #matchLabels(labels: Labels): Labels {
    return matchingLabels(labels, this.#names, this.#matching.on);
  }

  /** Of the `many` side, what the matching leaves of it, with the labels that `group_left(…)` takes from the other. */
  #resultLabels(many: Labels, one: Labels): Labels {
    const { card, on, include } = this.#matching;
    const losesName = ARITHMETIC.has(this.#node.op) || (this.#node.bool && !this.#ev.delayed);
    const names = this.#names;
    const keep = (name: string) =>
      !(losesName && isMetadataLabel(name)) && (card !== 'one-to-one' || names.has(name) === on);
    let labels = many.filter(keep);
    for (const name of include) labels = labels.with(name, one.get(name));
    return labels;
  }
}

const MANY_TO_ONE = 'multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)';
const NOT_UNIQUE = 'multiple matches for labels: grouping labels must ensure unique matches';
