import type { HttpClientConfig } from '../../lib/http/client.ts';
import { type ScrapeConfig, scrapeConfigSchema } from '../config.ts';
import type { KubeletConfig } from './config.ts';

/** The node whose kubelet is scraped. */
export interface KubeletNode {
  readonly name: string;
  readonly kubelet: { readonly address: string; readonly http: HttpClientConfig };
}

/** Histograms of which the mixins use no bucket, and lists of what this version of Kubernetes has. */
const UNUSED = [
  'kubernetes_feature_enabled',
  'apiserver_.+',
  'authentication_token_cache_request_duration_seconds_bucket',
  'dra_operations_duration_seconds_bucket',
  'kubelet_(http_requests|volume_metric_collection|run_podsandbox|pod_worker_start|pod_status_sync|pleg_pod_relist)_duration_seconds_bucket',
  'kubelet_topology_manager_admission_duration_ms_bucket',
  'rest_client_(request|response)_size_bytes_bucket',
  'rest_client_rate_limiter_duration_seconds_bucket',
  'rest_client_exec_plugin_certificate_rotation_age_bucket',
  'volume_operation_total_seconds_bucket',
  'workqueue_(work|queue)_duration_seconds_bucket',
];

const UNUSED_OF_CONTAINERS = [
  'container_(tasks_state|memory_failures_total|cpu_load_average_10s|cpu_load_d_average_10s)',
  'container_network_(tcp|tcp6|udp|udp6|advance_tcp_stats)_.+',
];

/** Of groups that are no container's and no pod's, such as those of system services, these say nothing. */
const ONLY_OF_PODS =
  '(container_spec_.*|container_file_descriptors|container_sockets|container_threads_max|container_threads|container_start_time_seconds|container_last_seen);;';

/**
 * A job for each page of the kubelet. Series carry the labels that the Kubernetes mixins select by: `job`, `metrics_path`,
 * `node`. Labels of a page win, as cAdvisor names the pods; its timestamps are passed over, as they lie up to 15 s behind and
 * differ by container, which makes rates of what was read together differ.
 */
export function kubeletJobs(config: KubeletConfig, { name, kubelet }: KubeletNode): ScrapeConfig[] {
  return config.paths.map((path) =>
    scrapeConfigSchema.parse({
      ...kubelet.http,
      job_name: `${config.job}${path}`,
      scheme: 'https',
      metrics_path: path,
      honor_labels: true,
      honor_timestamps: path !== '/metrics/cadvisor',
      static_configs: [{ targets: [kubelet.address], labels: { job: config.job, node: name, metrics_path: path } }],
      metric_relabel_configs: config.drop_unused ? dropsOf(path) : [],
    }),
  );
}

function dropsOf(path: string): object[] {
  const drop = (names: readonly string[]) => ({
    source_labels: ['__name__'],
    regex: names.join('|'),
    action: 'drop',
  });
  if (path === '/metrics') return [drop(UNUSED)];
  if (path !== '/metrics/cadvisor') return [];
  return [
    drop(UNUSED_OF_CONTAINERS),
    { source_labels: ['__name__', 'pod', 'namespace'], regex: ONLY_OF_PODS, action: 'drop' },
    // One series for each device of each container.
    { source_labels: ['__name__', 'container'], regex: 'container_blkio_device_usage_total;.+', action: 'drop' },
  ];
}
