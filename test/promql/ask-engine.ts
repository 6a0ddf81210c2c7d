import type { SeriesColumns } from '../../src/model/query.ts';
import type { FloatHistogram } from '../../src/model/sample.ts';
import type { Engine, QueryResult } from '../../src/promql/index.ts';
import { QueryError } from '../../src/promql/index.ts';
import { formatValue, histogramToJson } from '../../src/promql/histogram/index.ts';
import type { ApiAnswer, ApiPoint, ApiSeries, Asked } from './ask-prometheus.ts';
import { labelText } from './ask-prometheus.ts';

/** Asks our own engine, and puts the answer in the API's words. */
export async function askEngine(engine: Engine, { expr, start, end, step }: Asked): Promise<ApiAnswer> {
  try {
    const result = step === 0 ? await engine.instant(expr, start) : await engine.range(expr, start, end, step);
    const { warnings, infos } = result;
    return { type: result.type, series: seriesOf(result), warnings, infos };
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    return { error: `${error.kind}: ${error.message}`, series: [], warnings: [], infos: [] };
  }
}

function seriesOf(result: QueryResult): ApiSeries[] {
  switch (result.type) {
    case 'scalar':
      return [{ labels: '', points: [[result.timestamp / 1000, formatValue(result.value)]] }];
    case 'string':
      return [{ labels: '', points: [[result.timestamp / 1000, result.value]] }];
    case 'vector':
      return result.samples.map(({ labels, timestamp, value, histogram }) => ({
        labels: labelText(labels.entries()),
        points: [pointOf(timestamp, value, histogram)],
      }));
    case 'matrix':
      return result.series.map((series) => ({ labels: labelText(series.labels.entries()), points: pointsOf(series) }));
  }
}

function pointsOf({ timestamps, values, histograms }: SeriesColumns): ApiPoint[] {
  return Array.from(timestamps, (time, i) => pointOf(time, values[i], histograms?.[i]));
}

function pointOf(time: number, value: number, histogram: FloatHistogram | undefined): ApiPoint {
  return [time / 1000, histogram === undefined ? formatValue(value) : histogramToJson(histogram)];
}
