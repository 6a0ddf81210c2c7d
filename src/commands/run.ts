import type { Command } from 'commander';
import type { Overrides } from '../app/flags.ts';
import { EXIT, CommandError } from './exit.ts';
import { examples, repeatable } from './options.ts';

interface RunFlags extends Overrides {
  readonly config?: string;
  readonly demo?: boolean;
}

/** The commands that run until they are stopped. */
export function registerRun(program: Command): { readonly alerts: Command } {
  withCommon(program.command('up'))
    .description('run all of it on this machine: collect, store, evaluate rules, notify and serve')
    .option('--demo', 'add a small shop with a fault, an objective on it, and the page that follows')
    .option('--logs <glob>', 'follow these log files too (repeatable)', repeatable)
    .option('--scrape <url>', 'scrape this page too (repeatable)', repeatable)
    .addHelpText(
      'after',
      examples('up', 'up --demo', "up --scrape http://127.0.0.1:8080/metrics --logs '/srv/app/*.log'"),
    )
    .action(async (flags: RunFlags) => (await import('./run-up.ts')).runUp(flags));

  withCommon(program.command('agent'))
    .description('collect metrics and logs on this node and ship them')
    .option('--remote-write <url>', 'send metrics to this remote-write endpoint (repeatable)', repeatable)
    .option('--elasticsearch <url>', 'send logs to this Elasticsearch or OpenSearch (repeatable)', repeatable)
    .option('--logs <glob>', 'follow these log files too (repeatable)', repeatable)
    .option('--scrape <url>', 'scrape this page too (repeatable)', repeatable)
    .addHelpText(
      'after',
      examples(
        'agent --remote-write https://mimir/api/v1/push --elasticsearch https://es:9200',
        'agent --config /etc/crowsnest.yaml',
      ),
    )
    .action(async (flags: RunFlags) => {
      const [{ runProcess }, { startAgent }] = await Promise.all([
        import('./run-process.ts'),
        import('../app/agent.ts'),
      ]);
      await runProcess('agent', flags, (loaded, logger) => {
        const { metrics, logs } = loaded.config.ship;
        if (metrics.length + logs.length === 0)
          throw new CommandError(
            EXIT.usage,
            'agent ships elsewhere: name a place with --remote-write or --elasticsearch, or under `ship` in --config FILE',
          );
        return startAgent(loaded, logger);
      });
    });

  withCommon(program.command('cluster'))
    .description('watch the objects and events of a Kubernetes cluster: kube_* series and event records')
    .option('--kubeconfig <file>', 'the API server and how to sign in (default: the service account of the pod)')
    .option('--remote-write <url>', 'send the series to this remote-write endpoint (repeatable)', repeatable)
    .option('--elasticsearch <url>', 'send events to this Elasticsearch or OpenSearch (repeatable)', repeatable)
    .addHelpText(
      'after',
      examples(
        'cluster --kubeconfig ~/.kube/config --listen 127.0.0.1:9781',
        'cluster --remote-write https://mimir/api/v1/push --elasticsearch https://es:9200',
      ),
    )
    .action(async (flags: RunFlags) => {
      const [{ runProcess }, { startCluster }] = await Promise.all([
        import('./run-process.ts'),
        import('../app/cluster.ts'),
      ]);
      await runProcess('cluster', flags, startCluster);
    });

  const alerts = withCommon(program.command('alerts'))
    .description('run the alert manager on any Prometheus API; `alerts list` shows what fires')
    .option('--query <url>', 'evaluate on this Prometheus-compatible API')
    .addHelpText(
      'after',
      examples('alerts --config /etc/crowsnest.yaml', 'alerts --query https://mimir/prometheus', 'alerts list'),
    )
    .action(async (flags: RunFlags) => {
      const [{ runProcess }, { startAlerts }] = await Promise.all([
        import('./run-process.ts'),
        import('../app/alerts.ts'),
      ]);
      await runProcess('alerts', flags, (loaded, logger) => {
        if (loaded.config.alerting.query === undefined) {
          throw new CommandError(
            EXIT.usage,
            'alerts needs a Prometheus API to evaluate on: --query URL, or alerting.query in --config FILE\n(to see what fires on a running crowsnest: crowsnest alerts list)',
          );
        }
        return startAlerts(loaded, logger);
      });
    });

  withCommon(program.command('server'))
    .description('run the embedded store with its API and console')
    .addHelpText('after', examples('server', 'server --listen 127.0.0.1:9090 --data /var/lib/crowsnest'))
    .action(async (flags: RunFlags) => {
      const [{ runProcess }, { startServer }] = await Promise.all([
        import('./run-process.ts'),
        import('../app/server.ts'),
      ]);
      await runProcess('server', flags, startServer);
    });
  return { alerts };
}

function withCommon(command: Command): Command {
  return command
    .option('--config <file>', 'the configuration file')
    .option('--data <dir>', 'where data is kept (default: .crowsnest)')
    .option('--listen <host:port>', 'where to listen; port 0 takes a free one (default: 127.0.0.1:9780)');
}
