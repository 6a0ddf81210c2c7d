import type { KubeObject } from '../../../model/kubernetes.ts';
import { type ResourceTable, type Series, experimental, stable } from '../family.ts';
import { at, items, number, scalar, text } from '../fields.ts';
import { preciseValue } from '../quantity.ts';
import { annotations, conditions, count, created, deleted, info, labels, namespaced, value } from '../series.ts';

export const horizontalpodautoscalers: ResourceTable = {
  resource: { group: 'autoscaling', version: 'v2', plural: 'horizontalpodautoscalers', namespaced: true },
  isDefault: true,
  identify: namespaced('horizontalpodautoscaler'),
  families: [
    experimental('kube_horizontalpodautoscaler_info', 'Information about this autoscaler.', (scaler) => {
      const version = text(scaler, 'spec.scaleTargetRef.apiVersion');
      return info({
        ...(version !== '' && { scaletargetref_api_version: version }),
        scaletargetref_kind: text(scaler, 'spec.scaleTargetRef.kind'),
        scaletargetref_name: text(scaler, 'spec.scaleTargetRef.name'),
      });
    }),
    stable(
      'kube_horizontalpodautoscaler_metadata_generation',
      'The generation observed by the HorizontalPodAutoscaler controller.',
      count('metadata.generation'),
    ),
    stable(
      'kube_horizontalpodautoscaler_spec_max_replicas',
      'Upper limit for the number of pods that can be set by the autoscaler; cannot be smaller than MinReplicas.',
      count('spec.maxReplicas'),
    ),
    stable(
      'kube_horizontalpodautoscaler_spec_min_replicas',
      'Lower limit for the number of pods that can be set by the autoscaler, default 1.',
      (scaler) => value(at(scaler, 'spec.minReplicas') === undefined ? 1 : number(scaler, 'spec.minReplicas')),
    ),
    experimental(
      'kube_horizontalpodautoscaler_spec_target_metric',
      'The metric specifications used by this autoscaler when calculating the desired replica count.',
      (scaler) => items(scaler, 'spec.metrics').flatMap((metric) => metricValues(metric, 'target')),
    ),
    experimental(
      'kube_horizontalpodautoscaler_spec_behavior_scale_down_tolerance',
      'The tolerance on the ratio between the current and desired metric value below which no scale down occurs.',
      (scaler) => tolerance(scaler, 'spec.behavior.scaleDown.tolerance'),
    ),
    experimental(
      'kube_horizontalpodautoscaler_spec_behavior_scale_up_tolerance',
      'The tolerance on the ratio between the current and desired metric value below which no scale up occurs.',
      (scaler) => tolerance(scaler, 'spec.behavior.scaleUp.tolerance'),
    ),
    stable(
      'kube_horizontalpodautoscaler_status_target_metric',
      'The current metric status used by this autoscaler when calculating the desired replica count.',
      (scaler) => items(scaler, 'status.currentMetrics').flatMap((metric) => metricValues(metric, 'current')),
    ),
    stable(
      'kube_horizontalpodautoscaler_status_current_replicas',
      'Current number of replicas of pods managed by this autoscaler.',
      count('status.currentReplicas'),
    ),
    stable(
      'kube_horizontalpodautoscaler_status_desired_replicas',
      'Desired number of replicas of pods managed by this autoscaler.',
      count('status.desiredReplicas'),
    ),
    annotations('kube_horizontalpodautoscaler'),
    labels('kube_horizontalpodautoscaler', true),
    stable('kube_horizontalpodautoscaler_status_condition', 'The condition of this autoscaler.', conditions),
    created('kube_horizontalpodautoscaler', false),
    deleted('kube_horizontalpodautoscaler'),
  ],
};

function tolerance(scaler: KubeObject, path: string): readonly Series[] {
  const found = scalar(scaler, path);
  return found === undefined ? [] : value(preciseValue(found));
}

/** Where a metric of each type has its values, and which of them count. */
const METRIC_TYPES: Readonly<Record<string, { field: string; name: string; values: readonly string[] }>> = {
  Object: { field: 'object', name: 'metric.name', values: ['value', 'average'] },
  Pods: { field: 'pods', name: 'metric.name', values: ['average'] },
  Resource: { field: 'resource', name: 'name', values: ['utilization', 'average'] },
  ContainerResource: { field: 'containerResource', name: 'name', values: ['utilization', 'average'] },
  External: { field: 'external', name: 'metric.name', values: ['value', 'average'] },
};

const VALUE_FIELDS: Readonly<Record<string, string>> = {
  value: 'value',
  utilization: 'averageUtilization',
  average: 'averageValue',
};

/** @param side `target` of the specification, `current` of the status */
function metricValues(metric: object, side: 'target' | 'current'): readonly Series[] {
  const type = METRIC_TYPES[text(metric, 'type')];
  if (type === undefined) return [];
  const source = at(metric, type.field);
  const values = at(source, side);
  return type.values.flatMap((name) => {
    const amount = at(values, VALUE_FIELDS[name]);
    if (amount === undefined) return [];
    return [
      {
        labels: {
          metric_name: text(source, type.name),
          metric_target_type: name,
          container: text(source, 'container'),
        },
        value: typeof amount === 'number' ? amount : preciseValue(text(amount)),
      },
    ];
  });
}
