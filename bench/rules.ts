import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sleep } from '../src/lib/time/sleep.ts';
import { type Bench, megabytes, ratio } from './bench.ts';
import { CGROUP_METRICS } from './cadvisor.ts';
import { Rounds, type Taker, clusterSeries, taker } from './ingest.ts';
import { serverFlags, startPrometheus } from './peers.ts';
import { json, removeFolder, startCrowsnest, temporaryFolder } from './program.ts';

const INTERVAL = 30;
const STEP = 15;

export const rules: Bench = {
  name: 'rules',
  about: 'a round of 333 recording and alerting rules over 115 k series, `crowsnest up` and Prometheus',
  options: '--rounds 4',
  async run({ quick, rounds = quick ? 2 : 4 }) {
    const folder = temporaryFolder();
    const text = ruleFile();
    const series = clusterSeries(quick ? 1 : 10, 87);
    try {
      const ours = await measure(rounds, series, () => crowsnest(folder, text));
      const theirs = await measure(rounds, series, () => prometheus(folder, text));
      const row = (name: string, { cpu, time, rss, rules }: Measured) => [
        name,
        String(rules),
        cpu.toFixed(2),
        `${time.toFixed(2)} s`,
        megabytes(rss),
      ];
      return [
        {
          title: `Rules over ${series.length} series: a round every ${INTERVAL} s, mean of ${rounds}`,
          columns: ['program', 'rules in health', 'CPU-s per round', 'time of all groups', 'RSS'],
          rows: [
            row('crowsnest up', ours),
            row('Prometheus', theirs),
            ['ratio', '', ratio(ours.cpu, theirs.cpu), ratio(ours.time, theirs.time), ''],
          ],
        },
      ];
    } finally {
      removeFolder(folder);
    }
  },
};

interface Measured {
  readonly cpu: number;
  readonly time: number;
  readonly rss: number;
  readonly rules: number;
}

type Start = () => Promise<Omit<Taker, 'waited'>>;

/** Ten minutes of samples go in, two of them ahead of the clock: when all are in, the rules are all there is to do. */
async function measure(rounds: number, series: ReturnType<typeof clusterSeries>, start: Start): Promise<Measured> {
  const filled = taker(await start());
  const { program, url } = filled;
  try {
    const source = new Rounds(series);
    const end = Math.floor(Date.now() / 1000 / STEP) * STEP + 120;
    for (let time = end - 720; time <= end; time += STEP) await source.write(time * 1000, [filled]);
    await sleep(INTERVAL * 1000);
    const before = program.cpu();
    await sleep(rounds * INTERVAL * 1000);
    const cpu = (program.cpu() - before) / rounds;
    const groups = await ruleGroups(url);
    return {
      cpu,
      time: groups.reduce((sum, { evaluationTime }) => sum + evaluationTime, 0),
      rss: program.rss(),
      rules: groups.flatMap((group) => group.rules).filter(({ health }) => health === 'ok').length,
    };
  } finally {
    await program.stop();
  }
}

interface RuleGroup {
  readonly evaluationTime: number;
  readonly rules: readonly { readonly health: string }[];
}

async function ruleGroups(url: string): Promise<readonly RuleGroup[]> {
  return (await json<{ data: { groups: RuleGroup[] } }>(`${url}/api/v1/rules`)).data.groups;
}

function crowsnest(folder: string, rules: string) {
  const config = {
    data_dir: join(folder, 'crowsnest'),
    log_level: 'warn',
    collect: { node: { enabled: false }, self: { enabled: false } },
    logs: { containers: false, files: [] },
    alerting: { rule_files: [writeRules(folder, rules)] },
  };
  const file = join(folder, 'crowsnest.yaml');
  writeFileSync(file, JSON.stringify(config));
  return startCrowsnest(['up', '--config', file]);
}

function prometheus(folder: string, rules: string) {
  const own = join(folder, 'prometheus');
  const files = `rule_files: ["${writeRules(folder, rules)}"]\n`;
  return startPrometheus(own, `global: {evaluation_interval: ${INTERVAL}s}\n${files}`, serverFlags(own));
}

function writeRules(folder: string, text: string): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, 'bench-rules.yaml');
  writeFileSync(path, text);
  return path;
}

/** In the manner of the Kubernetes mixin: per container, namespace and node; joins of what was recorded; alerts that stay quiet. */
function ruleFile(): string {
  const groups = [...CGROUP_METRICS.counters, ...CGROUP_METRICS.gauges, ...CGROUP_METRICS.constants, ...OTHERS].map(
    (metric) => ({
      name: metric,
      interval: `${INTERVAL}s`,
      rules: metric.endsWith('_total') ? counterRules(metric) : gaugeRules(metric),
    }),
  );
  const count = groups.flatMap((group) => group.rules).length;
  if (count !== 333) throw new Error(`${count} rules`);
  return JSON.stringify({ groups });
}

const OTHERS = [
  'container_tasks_state', 'container_memory_failures_total', 'container_network_receive_bytes_total',
  'container_network_transmit_bytes_total', 'container_network_receive_packets_total', 'container_network_transmit_packets_total',
  'container_fs_reads_total',
]; // prettier-ignore

function counterRules(metric: string): object[] {
  const selected = `${metric}{job="cadvisor", image!=""}`;
  const record = `cluster_namespace_pod_container:${metric}:sum_rate5m`;
  return [
    { record, expr: `sum by (cluster, namespace, pod, container) (rate(${selected}[5m]))` },
    { record: `namespace:${metric}:sum_rate5m`, expr: `sum by (namespace, cluster) (rate(${selected}[5m]))` },
    { record: `node:${metric}:sum_irate`, expr: `sum by (node) (irate(${metric}{job="cadvisor", id!="/"}[5m]))` },
    ...commonRules(metric, record),
    {
      alert: `${metric}_high`,
      expr: `sum by (namespace, pod) (rate(${metric}{namespace="shop"}[5m])) > 1e12`,
      for: '15m',
    },
  ];
}

function gaugeRules(metric: string): object[] {
  const selected = `${metric}{job="cadvisor", image!=""}`;
  const record = `node_namespace_pod_container:${metric}`;
  return [
    { record, expr: `sum by (cluster, namespace, pod, container) (${selected})` },
    { record: `namespace:${metric}:sum`, expr: `sum by (namespace, cluster) (${selected})` },
    { record: `node:${metric}:max5m`, expr: `max by (node) (max_over_time(${metric}{container!=""}[5m]))` },
    ...commonRules(metric, record),
    { alert: `${metric}_high`, expr: `max by (namespace, pod) (${metric}{namespace="shop"}) > 1e18`, for: '15m' },
  ];
}

/** `record` is what the first rule of the group recorded. */
function commonRules(metric: string, record: string): object[] {
  return [
    { record: `cluster:${metric}:sum`, expr: `sum by (cluster) (${record})` },
    {
      record: `namespace:${metric}:share`,
      expr: `sum by (namespace) (${record}) / ignoring (namespace) group_left () sum (${record})`,
    },
    { record: `pod:${metric}:top`, expr: `topk(10, sum by (namespace, pod) (${record}))` },
    {
      record: `namespace:${metric}:count`,
      expr: `count by (namespace) (${metric}{container=~"checkout|payment|cart"})`,
    },
    { alert: `${metric}_absent`, expr: `absent(${metric}{job="cadvisor", cluster="prod-eu-1"})`, for: '15m' },
  ];
}
