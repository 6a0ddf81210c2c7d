import type { NamedCount, StoreStat } from '../../model/status.ts';
import type { DataFile } from '../blocks/data-file.ts';
import type { SeriesRegistry } from '../series/registry.ts';

/** The store in figures; the top lists hold `limit` names each. */
export function statOf(
  files: readonly DataFile[],
  bytes: number,
  registry: SeriesRegistry,
  retention: string,
  limit: number,
): Omit<StoreStat, 'damaged'> {
  const names = registry.labelNames().map((name) => ({ name, values: registry.valuesOf(name) }));
  const bytesOf = (values: ReadonlyMap<string, unknown>) =>
    [...values.keys()].reduce((sum, value) => sum + Buffer.byteLength(value), 0);
  const metrics = [...registry.valuesOf('__name__')];
  const minTime = Math.min(Infinity, ...files.map((file) => file.minTime));
  const pairs = names.flatMap(({ name, values }) =>
    top(
      [...values].map(([value, series]) => ({ name: `${name}=${value}`, value: series.length })),
      limit,
    ),
  );
  return {
    series: registry.size,
    samples: files.reduce((sum, file) => sum + file.samples, 0),
    logRecords: files.reduce((sum, file) => sum + file.logRecords, 0),
    bytes,
    labelPairs: names.reduce((sum, { values }) => sum + values.size, 0),
    chunks: files.length,
    minTime: minTime === Infinity ? 0 : minTime,
    maxTime: Math.max(0, ...files.map((file) => file.maxTime)),
    retention,
    seriesByMetric: top(
      metrics.map(([name, series]) => ({ name, value: series.length })),
      limit,
    ),
    valuesByLabel: top(
      names.map(({ name, values }) => ({ name, value: values.size })),
      limit,
    ),
    bytesByLabel: top(
      names.map(({ name, values }) => ({ name, value: bytesOf(values) })),
      limit,
    ),
    seriesByLabelPair: top(pairs, limit),
  };
}

function top(counts: NamedCount[], limit: number): NamedCount[] {
  return counts.sort((a, b) => b.value - a.value || (a.name < b.name ? -1 : 1)).slice(0, limit);
}
