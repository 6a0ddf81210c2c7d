import { createApi } from '../../src/api/app.ts';
import type { ApiOptions } from '../../src/api/types.ts';
import { serverSchema } from '../../src/api/config.ts';
import { type Server, createServer } from '../../src/api/server.ts';
import { queryLanguage } from '../../src/doors/query-language.ts';
import { storeFunctions } from '../../src/doors/serving-store.ts';
import { createLogger } from '../../src/lib/logger.ts';
import { createEngine } from '../../src/promql/index.ts';
import { otlpSchema } from '../../src/remote-write/otlp/config.ts';
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
    ...storeFunctions({ store, engine }, { server: config, otlp: otlpSchema.parse({}) }),
    language: queryLanguage,
    targets: () => [],
    targetMetadata: () => [],
    ruleGroups: () => [],
    ...given,
  });
  const server = createServer(app, config);
  await server.start();
  return { store, server };
}
