import { expect, test } from 'vitest';
import { Labels } from '../../model/labels.ts';
import { Relabeler } from '../../relabel/relabel.ts';
import { resolveTarget } from '../targets.ts';
import { kubeletSchema } from './config.ts';
import { kubeletJobs } from './jobs.ts';

const node = {
  name: 'n1',
  kubelet: { address: '10.0.0.1:10250', http: { bearer_token_file: '/token', follow_redirects: false } },
};
const timing = { interval: 15_000, timeout: 10_000 };
const jobs = (settings: object = {}) => kubeletJobs(kubeletSchema.parse(settings), node);

test('each page is a target with the labels that the mixins select by', () => {
  const targets = jobs().map((job) => {
    const [{ targets: addresses, labels }] = job.static_configs;
    const found = { __address__: addresses[0], ...labels };
    const resolved = resolveTarget(job, new Relabeler(job.relabel_configs, false), found, timing);
    return 'target' in resolved ? [resolved.target.url, Object.fromEntries(resolved.target.labels.entries())] : [];
  });
  const of = (path: string) => [
    `https://10.0.0.1:10250${path}`,
    { instance: '10.0.0.1:10250', job: 'kubelet', metrics_path: path, node: 'n1' },
  ];
  expect(targets).toEqual(
    ['/metrics', '/metrics/cadvisor', '/metrics/resource', '/metrics/probes', '/metrics/slis'].map(of),
  );
});

test('labels of the pages win, and the times of cAdvisor are passed over', () => {
  expect(jobs().map((job) => [job.metrics_path, job.honor_labels, job.honor_timestamps])).toEqual([
    ['/metrics', true, true],
    ['/metrics/cadvisor', true, false],
    ['/metrics/resource', true, true],
    ['/metrics/probes', true, true],
    ['/metrics/slis', true, true],
  ]);
  expect(jobs()[0].bearer_token_file).toBe('/token');
});

test.each([
  // What the Kubernetes mixins ask for.
  [0, 'kubelet_runtime_operations_duration_seconds_bucket', {}, true],
  [0, 'storage_operation_duration_seconds_bucket', {}, true],
  [0, 'rest_client_request_duration_seconds_bucket', {}, true],
  [0, 'kubelet_pod_worker_duration_seconds_bucket', {}, true],
  [0, 'kubelet_pleg_relist_duration_seconds_bucket', {}, true],
  [0, 'kubelet_certificate_manager_client_ttl_seconds', {}, true],
  [0, 'workqueue_work_duration_seconds_count', {}, true],
  [0, 'kubernetes_feature_enabled', {}, false],
  [0, 'workqueue_work_duration_seconds_bucket', {}, false],
  [0, 'rest_client_response_size_bytes_bucket', {}, false],
  [1, 'container_cpu_usage_seconds_total', { pod: 'p', namespace: 'd', container: 'c' }, true],
  [1, 'container_memory_working_set_bytes', {}, true],
  [1, 'container_start_time_seconds', { pod: 'p', namespace: 'd' }, true],
  [1, 'container_start_time_seconds', { id: '/system.slice/x' }, false],
  [1, 'container_blkio_device_usage_total', { pod: 'p', container: 'c' }, false],
  [1, 'container_fs_reads_total', { pod: 'p', container: 'c' }, true],
  [1, 'container_tasks_state', { pod: 'p' }, false],
  [1, 'container_network_tcp_usage_total', { pod: 'p' }, false],
  [1, 'container_network_receive_bytes_total', { pod: 'p' }, true],
])('of page %i, %s %j is kept: %s', (page, name, labels, isKept) => {
  const kept = (settings: object) => {
    const relabeler = new Relabeler(jobs(settings)[page].metric_relabel_configs, false);
    return typeof relabeler.apply(Labels.of({ __name__: name, ...labels })) !== 'number';
  };
  expect(kept({})).toBe(isKept);
  expect(kept({ drop_unused: false })).toBe(true);
});
