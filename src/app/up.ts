import { type Alerting, createAlerting } from '../alerting/index.ts';
import type { Collector } from '../collector/index.ts';
import type { Logger } from '../lib/logger.ts';
import { RunGroup } from '../lib/lifecycle/run-group.ts';
import { sleep } from '../lib/time/sleep.ts';
import { asVectorAnswer } from '../promql/index.ts';
import { collectFiles, collectingParts, createCollecting, identityOf } from './collecting.ts';
import type { LoadedConfig } from './config.ts';
import { openShop } from './demo.ts';
import { type Overview, createOverview } from './status/overview.ts';
import { ownLogPath } from './own-log.ts';
import { createProbing } from './probing.ts';
import { createServing } from './serving.ts';
import { openEmbedded } from './serving-store.ts';
import { createReload } from './reload.ts';
import { logLevel, needsRestart, serverParts, storeParts, takesOver } from './reload-parts.ts';
import { createLogSinks, createMetricsShipping, shippingParts, storeAndShip } from './shipping.ts';
import { alertingFiles } from './watched-files.ts';

/** Milliseconds that the start waits for the first figures before it prints them. */
const FIRST_ROUND_WITHIN = 3000;

export interface RunningUp {
  readonly url: string;
  /** Takes over a changed configuration. @throws {InputError} */
  readonly reload: () => Promise<void>;
  overview(): Promise<Overview>;
  /** Resolves when every target was scraped once, or after a few seconds. */
  firstRound(): Promise<void>;
  /** What a person may want to do next. */
  readonly hints: readonly string[];
  /** Stops in reverse order of the start; what is under way is drained within bounds. */
  stop(): Promise<void>;
}

export interface UpOptions {
  /** Adds the shop with its fault, objective and page. */
  readonly demo?: boolean;
  /** Prints a page for a person at the terminal. */
  readonly print?: (text: string) => void;
}

/** Everything in one process on one machine: collects, stores, evaluates rules, notifies and serves. */
export async function startUp(
  loaded: LoadedConfig,
  logger: Logger,
  { demo = false, print }: UpOptions = {},
): Promise<RunningUp> {
  const shop = demo ? await openShop(loaded) : undefined;
  const { config, folder } = shop?.loaded ?? loaded;
  const embedded = await openEmbedded(config, logger);
  const { store, engine } = embedded;
  const remoteWrite = createMetricsShipping(config, logger);
  const metrics = storeAndShip(store, remoteWrite, logger);
  const sinks = createLogSinks(config, logger);
  const intoStore = { name: 'store', ship: store.writeLogs };
  const { collector, logs, nodePods } = createCollecting({
    config,
    folder,
    write: metrics.write,
    writeMetadata: metrics.writeMetadata,
    logDestinations: [intoStore, ...sinks.current],
    ownLog: ownLogPath(config),
    logger,
  });
  const probing = await createProbing(shop?.loaded ?? loaded);
  let alerting: Alerting | undefined;
  const reload = createReload({
    loaded: shop?.loaded ?? loaded,
    files: async (now) => [...(await collectFiles(now)), ...(await alertingFiles(now))],
    // Section `otlp` needs no part: each request goes by the configuration that runs.
    parts: () => [
      ...['data_dir', 'identity'].map((section) => needsRestart(section)),
      ...storeParts(store),
      ...shippingParts({ remoteWrite, sinks, logs, first: intoStore }),
      ...collectingParts({ collector, logs }),
      { name: 'probe modules', prepare: (next) => probing.prepare(next) },
      takesOver(['alerting'], alerting, ({ config: next }) => next.alerting),
      ...serverParts(server),
      logLevel(logger),
    ],
    logger,
  });
  const server = await createServing({
    config: reload.config,
    reload,
    startedAt: Date.now(),
    pipelines: ['metrics', 'logs', 'rules', 'notifications'],
    embedded: { ...embedded, target: metrics },
    collector,
    logs,
    probe: probing.answer,
    alerting: () => alerting,
    logger,
  });

  const group = new RunGroup();
  if (shop !== undefined) group.add(shop.service);
  group.add({ name: store.name, start() {}, stop: () => store.close() });
  for (const service of [server, remoteWrite, nodePods, collector, logs]) if (service !== undefined) group.add(service);
  group.add({
    name: 'alerting',
    start() {
      alerting = createAlerting({
        config: config.alerting,
        configDir: folder,
        query: async (expr, at, signal) => asVectorAnswer(await engine.instant(expr, at, { signal })),
        write: metrics.write,
        readable: 'at_once',
        recordEvents: store.recordAlertEvents,
        dataDir: config.data_dir,
        externalUrl: config.server.external_url || server.url,
        externalLabels: identityOf(config),
        logger,
        print,
      });
      return alerting.start();
    },
    stop: () => alerting?.stop(),
  });
  group.add(reload);
  await group.start();
  return {
    url: server.url,
    reload: reload.reload,
    stop: () => group.stop(),
    firstRound: () => firstRound(collector),
    hints: shop?.hints ?? [],
    overview: createOverview({ config: reload.config, store, collector, logs, alerting: () => alerting }),
  };
}

async function firstRound(collector: Collector | undefined): Promise<void> {
  for (let waited = 0; waited < FIRST_ROUND_WITHIN; waited += 100) {
    if (collector?.targets().every(({ lastScrape }) => lastScrape > 0) ?? true) return;
    await sleep(100);
  }
}
