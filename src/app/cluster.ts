/** One per cluster: object state, events, shared targets, probes. Not built yet: the command ends with an explicit error. */
export function explainCluster(): string {
  return [
    'crowsnest cluster is not built yet: kube_* series, Kubernetes events, ServiceMonitor, PodMonitor and probes come with it.',
    'What works today: crowsnest up (all on one machine), agent, alerts and server.',
  ].join('\n');
}
