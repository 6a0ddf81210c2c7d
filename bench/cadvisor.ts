/** A series as a kubelet's /metrics/cadvisor has it, with how its value moves. */
export interface GeneratedSeries {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly kind: Kind;
}

type Kind = 'constant' | 'counter' | 'gauge';

const CONSTANT = [
  'container_spec_cpu_period', 'container_spec_cpu_shares', 'container_spec_memory_limit_bytes',
  'container_spec_memory_reservation_limit_bytes', 'container_spec_memory_swap_limit_bytes', 'container_start_time_seconds',
  'container_threads_max', 'container_memory_failcnt', 'container_memory_swap', 'container_oom_events_total',
  'container_cpu_load_average_10s', 'container_cpu_load_d_average_10s', 'container_health_state', 'container_memory_max_usage_bytes',
  'container_memory_kernel_usage', 'container_memory_mapped_file',
]; // prettier-ignore
const COUNTERS = [
  'container_cpu_usage_seconds_total',
  'container_cpu_user_seconds_total',
  'container_cpu_system_seconds_total',
];
const GAUGES = [
  'container_memory_usage_bytes', 'container_memory_working_set_bytes', 'container_memory_rss', 'container_memory_cache',
  'container_memory_total_active_file_bytes', 'container_memory_total_inactive_file_bytes', 'container_file_descriptors',
  'container_processes', 'container_sockets', 'container_threads', 'container_last_seen',
]; // prettier-ignore
const CFS = [
  'container_cpu_cfs_periods_total',
  'container_cpu_cfs_throttled_periods_total',
  'container_cpu_cfs_throttled_seconds_total',
];
const FILES = [
  'container_fs_reads_total',
  'container_fs_writes_total',
  'container_fs_reads_bytes_total',
  'container_fs_writes_bytes_total',
];
const NETWORK = ['bytes', 'packets', 'packets_dropped', 'errors'].flatMap((what) => [
  `container_network_receive_${what}_total`,
  `container_network_transmit_${what}_total`,
]);
const APPS = [
  'checkout',
  'payment',
  'catalog',
  'cart',
  'search',
  'frontend',
  'recommender',
  'shipping',
  'mailer',
  'audit',
];
const NAMESPACES = ['shop', 'shop-canary', 'platform', 'data', 'observability', 'kube-system'];

/** The metrics whose series rules and queries of the benches ask for: those of every cgroup. */
export const CGROUP_METRICS = { counters: COUNTERS, gauges: GAUGES, constants: CONSTANT };

/** The page of a node with so many pods, each a cgroup of its own, a sandbox and one container: 132 series a pod. */
export function cadvisorSeries(node: number, pods: number): GeneratedSeries[] {
  return Array.from({ length: pods }, (_, pod) => podSeries(node, pod))
    .flat()
    .toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

function podSeries(node: number, index: number): GeneratedSeries[] {
  const app = APPS[index % APPS.length];
  const namespace = NAMESPACES[(index * 7 + node) % NAMESPACES.length];
  const pod = `${app}-${hex(node, index, 1).slice(0, 10)}-${hex(index, node, 2).slice(0, 5)}`;
  const uid = hex(node, index, 3);
  const slice = `/kubepods/burstable/pod${uid.slice(0, 8)}-${uid.slice(8, 12)}-${uid.slice(12, 16)}-${uid.slice(16, 20)}-${uid.slice(20, 32)}`;
  const cgroup = (container: string, id: string, image: string, name: string) => ({ container, id, image, name, namespace, pod }); // prettier-ignore
  const [sandboxId, containerId] = [hex(node, index, 4), hex(node, index, 5)];
  const sandbox = cgroup('', `${slice}/${sandboxId}`, 'registry.k8s.io/pause:3.10', sandboxId);
  const container = cgroup(app, `${slice}/${containerId}`, `registry.example.com/shop/${app}:v1.2.3`, containerId);
  return [
    ...[cgroup('', slice, '', ''), sandbox, container].flatMap(cgroupSeries),
    ...CFS.map((name) => ({ name, labels: container, kind: 'counter' as const })),
    ...FILES.map((name) => ({ name, labels: { ...container, device: '/dev/nvme0n1' }, kind: 'counter' as const })),
    ...NETWORK.map((name) => ({ name, labels: { ...sandbox, interface: 'eth0' }, kind: networkKind(name) })),
  ];
}

function cgroupSeries(labels: Readonly<Record<string, string>>): GeneratedSeries[] {
  const plain = (names: readonly string[], kind: Kind) => names.map((name) => ({ name, labels, kind }));
  const states = ['iowaiting', 'running', 'sleeping', 'stopped', 'uninterruptible'];
  const failures = ['pgfault', 'pgmajfault'].flatMap((type) => [
    { ...labels, failure_type: type, scope: 'container' },
    { ...labels, failure_type: type, scope: 'hierarchy' },
  ]);
  return [
    ...plain(CONSTANT, 'constant'),
    ...plain(COUNTERS, 'counter'),
    ...plain(GAUGES, 'gauge'),
    ...states.map((state) => ({
      name: 'container_tasks_state',
      labels: { ...labels, state },
      kind: 'constant' as const,
    })),
    ...failures.map((labels) => ({ name: 'container_memory_failures_total', labels, kind: 'counter' as const })),
  ];
}

function networkKind(name: string): Kind {
  return /errors|dropped/.test(name) ? 'constant' : 'counter';
}

/** Values that move as the kinds say: constants stay, counters of idle containers too, gauges are noisy. */
export class MovingValues {
  readonly values: Float64Array;
  readonly #series: readonly GeneratedSeries[];
  #seed = 42;

  constructor(series: readonly GeneratedSeries[]) {
    this.#series = series;
    this.values = Float64Array.from(series, ({ kind }, i) => (kind === 'constant' ? (i % 7) * 1024 : 1000 + (i % 977)));
  }

  /** One scrape further. */
  step(): void {
    for (let i = 0; i < this.values.length; i++) {
      const { kind } = this.#series[i];
      if (kind === 'counter') this.values[i] += i % 3 === 0 ? 0 : Math.round(this.#random() * 5e6) / 1e6;
      else if (kind === 'gauge') this.values[i] = 4096 * Math.floor(20_000 + this.#random() * 500);
    }
  }

  /** Park and Miller's generator: the same run each time. */
  #random(): number {
    this.#seed = (this.#seed * 48_271) % 2_147_483_647;
    return this.#seed / 2_147_483_647;
  }
}

/** 64 hex digits that look like those of a container and are the same each time. */
function hex(a: number, b: number, c: number): string {
  let state = (a * 7919 + b * 104_729 + c * 1_299_709 + 1) >>> 0;
  let text = '';
  for (let i = 0; i < 8; i++) {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0;
    text += state.toString(16).padStart(8, '0');
  }
  return text;
}
