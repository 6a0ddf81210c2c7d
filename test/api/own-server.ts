import { createApi } from '../../src/api/app.ts';
import type { ApiOptions } from '../../src/api/types.ts';
import { serverSchema } from '../../src/api/config.ts';
import { type Server, createServer } from '../../src/api/server.ts';
import { createIngest } from '../../src/doors/ingest.ts';
import { createLogger } from '../../src/lib/logger.ts';
import {
  createEngine,
  format,
  histogramToJson,
  parse,
  parseMatchers,
  selectorsOf,
  toJson,
} from '../../src/promql/index.ts';
import { type Store, openStore, storeSchema } from '../../src/store/index.ts';

/** The API over a store in a folder, with the features on that the Prometheus of the tests has on. */
export async function startOwnServer(
  folder: string,
  settings: Readonly<Record<string, unknown>> = {},
  given: Partial<ApiOptions> = {},
): Promise<{ readonly store: Store; readonly server: Server }> {
  const store = await openStore({ config: storeSchema.parse({ path: folder }), logger: createLogger({ quiet: true }) });
  const engine = createEngine({ select: store.select, features: { 'promql-delayed-name-removal': true } });
  const config = serverSchema.parse({ listen: '127.0.0.1:0', ...settings });
  const app = await createApi({
    config,
    engine: { ...engine, histogramJson: histogramToJson },
    language: {
      parseSelector: parseMatchers,
      format: (expr) => format(parse(expr)),
      tree: (expr) => toJson(parse(expr)),
      explain: () => undefined,
      selectors: (expr) => selectorsOf(parse(expr)),
    },
    select: store.select,
    labelNames: (request) => store.labelNames(request),
    labelValues: (name, request) => store.labelValues(name, request),
    series: (request) => store.series(request),
    exemplars: (request, signal) => store.exemplars(request, signal),
    metadata: (metric) => store.metadata(metric),
    storeStat: (limit) => store.stat(limit),
    ingest: createIngest(store),
    targets: () => [],
    targetMetadata: () => [],
    ruleGroups: () => [],
    ...given,
  });
  const server = createServer(app, config);
  await server.start();
  return { store, server };
}
