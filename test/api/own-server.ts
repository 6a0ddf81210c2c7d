import { rmSync } from 'node:fs';
import { createApi } from '../../src/api/app.ts';
import type { Alerts } from '../../src/api/types.ts';
import { serverSchema } from '../../src/api/config.ts';
import { createServer } from '../../src/api/server.ts';
import { queryLanguage } from '../../src/app/query-language.ts';
import { storeFunctions } from '../../src/app/serving-store.ts';
import { createLogger } from '../../src/lib/logger.ts';
import { createEngine } from '../../src/promql/index.ts';
import { otlpSchema } from '../../src/ingest/otlp/config.ts';
import { openStore, storeSchema } from '../../src/store/index.ts';
import { temporaryFolder } from '../servers/process.ts';

export interface OwnServer {
  readonly url: string;
  stop(): Promise<void>;
}

/** The API over a store of its own, with the features on that the Prometheus of the tests has on. */
export async function startOwnServer(
  settings: Readonly<Record<string, unknown>> = {},
  given: Partial<Alerts> = {},
): Promise<OwnServer> {
  const folder = temporaryFolder();
  const store = await openStore({ config: storeSchema.parse({ path: folder }), logger: createLogger({ quiet: true }) });
  const engine = createEngine({ select: store.select, features: { 'promql-delayed-name-removal': true } });
  const config = serverSchema.parse({ listen: '127.0.0.1:0', ...settings });
  const app = await createApi({
    config,
    ...storeFunctions({ store, engine }, () => ({ server: config, otlp: otlpSchema.parse({}) })),
    language: queryLanguage,
    targets: { targets: () => [], droppedTargets: () => [], targetMetadata: () => [] },
    alerts: {
      ruleGroups: () => [],
      alerts: () => [],
      notifications: async () => [],
      deliveries: async () => [],
      alertEvents: (query) => store.alertEvents(query),
      playbook: async () => undefined,
      ...given,
    },
    logs: { searchLogs: store.searchLogs, logFiles: () => [] },
  });
  const server = createServer(app, config);
  await server.start();
  return {
    url: server.url,
    async stop() {
      await server.stop();
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
