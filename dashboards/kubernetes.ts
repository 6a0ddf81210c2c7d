import { RowBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import type { Dashboard, DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { asFile, choice, dashboard, panel } from './panel.ts';

const HERE = 'namespace=~"$namespace"';
/** Containers of pods, without the sums over a pod and the container that holds its network. */
const CONTAINERS = `${HERE}, container!="", container!="POD"`;

/** What runs in a cluster: pods that are missing or restart, what containers use, nodes and volumes. */
export function kubernetesDashboard(): Dashboard {
  return asFile(build());
}

function build(): DashboardBuilder {
  return dashboard(
    'Kubernetes workloads',
    'kubernetes',
    'What runs in the cluster, what is missing, and what it uses',
    3,
  )
    .withVariable(
      choice('namespace', 'Namespace', 'label_values(kube_namespace_created, namespace)')
        .includeAll(true)
        .allValue('.*'),
    )
    .withRow(new RowBuilder('Pods'))
    .withPanel(
      panel('Pods by phase', 'short', [
        `sum by (phase) (max by (namespace, pod, phase) (kube_pod_status_phase{${HERE}}))`,
        '{{phase}}',
      ]),
    )
    .withPanel(
      panel('Restarts in ten minutes', 'short', [
        `sum by (namespace, pod) (increase(kube_pod_container_status_restarts_total{${HERE}}[10m])) > 0`,
        '{{namespace}}/{{pod}}',
      ]),
    )
    .withPanel(
      panel('Containers that wait, by reason', 'short', [
        `sum by (reason) (max by (namespace, pod, container, reason) (kube_pod_container_status_waiting_reason{${HERE}})) > 0`,
        '{{reason}}',
      ]),
    )
    .withPanel(
      panel('Pods that run and are not ready', 'short', [
        `sum by (namespace) (max by (namespace, pod) (kube_pod_status_ready{${HERE}, condition="false"}) and max by (namespace, pod) (kube_pod_status_phase{${HERE}, phase="Running"}) == 1)`,
        '{{namespace}}',
      ]),
    )
    .withRow(new RowBuilder('Workloads'))
    .withPanel(
      panel('Pods that deployments lack', 'short', [
        `max by (namespace, deployment) (kube_deployment_spec_replicas{${HERE}}) - max by (namespace, deployment) (kube_deployment_status_replicas_available{${HERE}}) > 0`,
        '{{namespace}}/{{deployment}}',
      ]),
    )
    .withPanel(
      panel(
        'Pods that other sets lack',
        'short',
        [
          `max by (namespace, statefulset) (kube_statefulset_replicas{${HERE}}) - max by (namespace, statefulset) (kube_statefulset_status_replicas_ready{${HERE}}) > 0`,
          '{{namespace}}/{{statefulset}}',
        ],
        [
          `max by (namespace, daemonset) (kube_daemonset_status_desired_number_scheduled{${HERE}}) - max by (namespace, daemonset) (kube_daemonset_status_number_available{${HERE}}) > 0`,
          '{{namespace}}/{{daemonset}}',
        ],
      ),
    )
    .withPanel(
      panel(
        'Jobs',
        'short',
        [`sum(kube_job_status_active{${HERE}})`, 'active'],
        [`sum(kube_job_status_failed{${HERE}})`, 'failed pods'],
      ),
    )
    .withPanel(
      panel('Events that warn, a minute', 'short', [
        `sum by (reason) (rate(crowsnest_kubernetes_events_total{${HERE}, type="Warning"}[$__rate_interval])) * 60`,
        '{{reason}}',
      ]),
    )
    .withRow(new RowBuilder('What they use'))
    .withPanel(
      panel('Processors by namespace', 'short', [
        `sum by (namespace) (rate(container_cpu_usage_seconds_total{${CONTAINERS}}[$__rate_interval]))`,
        '{{namespace}}',
      ]),
    )
    .withPanel(
      panel('Memory by namespace', 'bytes', [
        `sum by (namespace) (container_memory_working_set_bytes{${CONTAINERS}})`,
        '{{namespace}}',
      ]),
    )
    .withPanel(
      panel('Memory near its limit', 'percentunit', [
        `topk(10, max by (namespace, pod, container) (container_memory_working_set_bytes{${CONTAINERS}}) / max by (namespace, pod, container) (kube_pod_container_resource_limits{${HERE}, resource="memory"}))`,
        '{{namespace}}/{{pod}} {{container}}',
      ]),
    )
    .withPanel(
      panel('Volumes in use', 'percentunit', [
        `1 - kubelet_volume_stats_available_bytes{${HERE}} / kubelet_volume_stats_capacity_bytes{${HERE}}`,
        '{{namespace}}/{{persistentvolumeclaim}}',
      ]),
    )
    .withRow(new RowBuilder('Nodes'))
    .withPanel(
      panel(
        'Nodes',
        'short',
        ['sum(max by (node) (kube_node_status_condition{condition="Ready", status="true"}))', 'ready'],
        ['count(max by (node) (kube_node_info))', 'there are'],
      ),
    )
    .withPanel(
      panel(
        'Processors asked for',
        'short',
        ['sum(kube_pod_container_resource_requests{resource="cpu"})', 'asked for'],
        ['sum(max by (node) (kube_node_status_allocatable{resource="cpu"}))', 'there are'],
      ),
    );
}
