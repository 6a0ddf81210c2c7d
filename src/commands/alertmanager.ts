import type { Command } from 'commander';
import { createLogger } from '../lib/logger.ts';
import { toLogfmt } from '../lib/text/logfmt.ts';
import { CommandError, EXIT, startOrExit } from './exit.ts';
import { examples } from './options.ts';
import { reloadOnHangUp, stopOnSignal } from './run-process.ts';

/** Flags of Alertmanager that are taken, with their defaults. */
const TAKEN: Readonly<Record<string, string>> = {
  'config.file': 'alertmanager.yml',
  'storage.path': 'data/',
  'web.listen-address': ':9093',
  'web.external-url': '',
  'web.route-prefix': '',
  'cluster.listen-address': '0.0.0.0:9094',
  'log.level': 'info',
};

/** Flags that change nothing here: what they tune is either fixed or not there. */
const IGNORED = new Set([
  'data.retention', 'data.maintenance-interval', 'alerts.gc-interval', 'dispatch.maintenance-interval', 'dispatch.start-delay',
  'web.get-concurrency', 'web.timeout', 'web.config.file', 'web.cors.origin', 'auto-gomemlimit.ratio', 'silences.max-silences',
  'silences.max-silence-size-bytes', 'alerts.per-alertname-limit', 'cluster.advertise-address', 'cluster.peer-name', 'cluster.peer-timeout',
  'cluster.peers-resolve-timeout', 'cluster.gossip-interval', 'cluster.pushpull-interval', 'cluster.tcp-timeout', 'cluster.probe-timeout',
  'cluster.probe-interval', 'cluster.settle-timeout', 'cluster.reconnect-interval', 'cluster.reconnect-timeout', 'cluster.label',
  'cluster.tls-config', 'enable-feature', 'log.format',
]); // prettier-ignore

/** Flags that stand alone. */
const SWITCHES = new Set([
  'log.silences',
  'web.systemd-socket',
  'cluster.allow-insecure-public-advertise-address-discovery',
]);

/** `crowsnest alertmanager` under Alertmanager's own flags, with one dash or two, with `=` or a space. */
export function registerAlertmanager(program: Command): void {
  program
    .command('alertmanager [flags...]')
    .description("run the alert manager alone, under Alertmanager's own flags")
    .allowUnknownOption()
    .helpOption('-h, --help')
    .addHelpText(
      'after',
      `\nTakes ${Object.entries(TAKEN).map(([name, value]) => `--${name} (${value || 'none'})`).join(', ')}.\n${examples(
        'alertmanager --config.file=alertmanager.yml --storage.path=data',
        'alertmanager --web.listen-address 127.0.0.1:9093 --cluster.listen-address=',
      )}`,
    )
    .action((words: string[]) => run(readFlags(words)));
} // prettier-ignore

/** @throws {CommandError} for a flag that is not known, has no value, or asks for what is not built. */
export function readFlags(words: readonly string[]): Record<string, string> {
  const found: Record<string, string> = { ...TAKEN };
  const rest = [...words];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    const match = /^--?([a-z][\w.-]*)(?:=([\s\S]*))?$/.exec(word);
    if (match === null) throw new CommandError(EXIT.usage, `unexpected ${JSON.stringify(word)}`);
    const [, name, inline] = match;
    if (SWITCHES.has(name.replace(/^no-/, ''))) continue;
    if (name === 'cluster.peer')
      throw new CommandError(EXIT.usage, '--cluster.peer: replicas are not built yet; run one, or use Alertmanager for a cluster');
    if (!(name in TAKEN) && !IGNORED.has(name)) throw new CommandError(EXIT.usage, `unknown flag --${name}`);
    const value = inline ?? rest.shift();
    if (value === undefined) throw new CommandError(EXIT.usage, `expected a value for --${name}`);
    found[name] = value;
  }
  return found;
} // prettier-ignore

async function run(flags: Readonly<Record<string, string>>): Promise<void> {
  const { startAlertmanager } = await import('../app/alertmanager.ts');
  const logger = createLogger({
    level: flags['log.level'],
    to: [{ write: (line) => void process.stderr.write(toLogfmt(line)) }],
  });
  const hangUp = reloadOnHangUp();
  const running = await startOrExit(() =>
    startAlertmanager(
      {
        configFile: flags['config.file'],
        storagePath: flags['storage.path'],
        listenAddress: flags['web.listen-address'],
        externalUrl: flags['web.external-url'],
        clusterAddress: flags['cluster.listen-address'],
        logLevel: flags['log.level'],
      },
      logger,
    ),
  );
  logger.info({ address: new URL(running.url).host }, 'Listening on');
  hangUp.ready(running.reload);
  stopOnSignal(logger, () => running.stop());
}
