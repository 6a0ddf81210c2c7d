import type { ApiOptions, Queries } from '../api/types.ts';
import type { Logger } from '../lib/logger.ts';
import { disablePretenuring } from '../lib/v8-flags.ts';
import { type Engine, type EngineOptions, createEngine, histogramToJson } from '../promql/index.ts';
import { type Store, openStore } from '../store/index.ts';
import type { Config } from './config.ts';
import type { MetricsWriter } from './shipping.ts';
import { createIngest } from '../ingest/index.ts';

/** The embedded store, and the engine over it that queries and rules share. */
export interface Embedded {
  readonly store: Store;
  readonly engine: Engine;
  /** Where what others write goes; default: into the store alone, as imports always do: a receiver would refuse their age. */
  readonly target?: MetricsWriter;
}

export async function openEmbedded(config: Config, logger: Logger): Promise<Embedded> {
  disablePretenuring();
  const store = await openStore({ config: config.store, logger });
  return { store, engine: engineOver(store, config) };
}

type ServingConfig = Pick<Config, 'server' | 'otlp'>;

function engineOver(reads: Pick<EngineOptions, 'select' | 'selectNewest'>, { server }: ServingConfig): Engine {
  const features = { 'use-start-timestamps': server.use_start_timestamps };
  const { select, selectNewest } = reads;
  return createEngine({ select, selectNewest, limits: { timeout: server.query_timeout }, features });
}

/** What the API answers from the embedded store. */
export function storeFunctions({ store, engine, target = store }: Embedded, current: () => ServingConfig) {
  const config = current();
  const queries: Queries = {
    engine: { ...engine, histogramJson: histogramToJson },
    engineOver: (select) => ({ ...engineOver({ select }, config), histogramJson: histogramToJson }),
    select: store.select,
    labelNames: (request) => store.labelNames(request),
    labelValues: (name, request) => store.labelValues(name, request),
    series: (request) => store.series(request),
    exemplars: (request, signal) => store.exemplars(request, signal),
    metadata: (metric) => store.metadata(metric),
    storeStat: (limit) => store.stat(limit),
  };
  return {
    queries,
    admin: {
      deleteSeries: (request) => store.deleteSeries(request),
      snapshot: () => store.snapshot(),
      cleanTombstones: () => store.compact(),
    },
    // Behind an upstream nothing would ever read what is written into the store.
    ingest:
      config.server.upstream === undefined
        ? createIngest({ ...target, backfill: store.backfill }, () => current().otlp)
        : [],
  } satisfies Partial<ApiOptions>;
}
