import type { Relabeler } from '../relabel/relabel.ts';
import { type SampleBatch, type Series, type SeriesExemplar, type SeriesLayout, wordsOf } from '../model/sample.ts';

/** A layout after relabeling, and where each of its series stood before. */
interface Relabeled {
  readonly layout: SeriesLayout;
  readonly indices: Uint32Array;
}

/**
 * `write_relabel_configs` over batches. A layout and a series are relabeled once, so that receivers still know both again by
 * their objects. Two series that become one are both sent, as Prometheus sends them.
 */
export class BatchRelabeler {
  readonly #relabeler: Relabeler;
  readonly #layouts = new WeakMap<SeriesLayout, Relabeled>();
  /** null: dropped. */
  readonly #series = new WeakMap<Series, Series | null>();

  constructor(relabeler: Relabeler) {
    this.#relabeler = relabeler;
  }

  apply(batch: SampleBatch): SampleBatch {
    const relabeled = this.#relabel(batch.layout);
    const { layout, indices } = relabeled;
    if (layout === batch.layout) return batch;
    const values = new Float64Array(indices.length);
    // By words: a staleness marker must arrive bit for bit.
    const [from, to] = [wordsOf(batch.values), wordsOf(values)];
    indices.forEach((index, i) => {
      to[2 * i] = from[2 * index];
      to[2 * i + 1] = from[2 * index + 1];
    });
    const { histograms, exemplars, startTimestamps } = batch;
    return {
      layout,
      values,
      timestamps: Float64Array.from(indices, (index) => batch.timestamps[index]),
      ...(histograms !== undefined && { histograms: Array.from(indices, (index) => histograms[index]) }),
      ...(exemplars !== undefined && { exemplars: this.#exemplars(exemplars) }),
      ...(startTimestamps !== undefined && {
        startTimestamps: Float64Array.from(indices, (index) => startTimestamps[index]),
      }),
    };
  }

  #relabel(layout: SeriesLayout): Relabeled {
    const known = this.#layouts.get(layout);
    if (known !== undefined) return known;
    const series: Series[] = [];
    const indices: number[] = [];
    layout.series.forEach((one, index) => {
      const after = this.#relabelSeries(one);
      if (after === null) return;
      series.push(after);
      indices.push(index);
    });
    const isSame = series.length === layout.series.length && series.every((one, i) => one === layout.series[i]);
    const made = { layout: isSame ? layout : { series }, indices: Uint32Array.from(indices) };
    this.#layouts.set(layout, made);
    return made;
  }

  #relabelSeries(series: Series): Series | null {
    const known = this.#series.get(series);
    if (known !== undefined) return known;
    const labels = this.#relabeler.apply(series.labels);
    const made =
      typeof labels === 'number' || labels.size === 0 ? null : labels.key === series.labels.key ? series : { labels };
    this.#series.set(series, made);
    return made;
  }

  #exemplars(exemplars: readonly SeriesExemplar[]): SeriesExemplar[] {
    return exemplars.flatMap((exemplar) => {
      const series = this.#relabelSeries(exemplar.series);
      return series === null ? [] : [{ ...exemplar, series }];
    });
  }
}
