import { Labels, compareUtf8 } from '../../model/labels.ts';
import type { OtlpConfig } from './config.ts';
import { labelName } from './names.ts';
import type { Attributes, ResourceMetrics, ScopeMetrics } from './request.ts';

const JOB = 'service.name';
const NAMESPACE = 'service.namespace';
const INSTANCE = 'service.instance.id';
const IDENTIFYING = [NAMESPACE, JOB, INSTANCE];

/** What a resource, and a scope of it, put on each of their series. */
export interface Context {
  /** These give way to a label of the data point. */
  readonly promoted: readonly Pair[];
  /** These do not. */
  readonly fixed: readonly Pair[];
}

type Pair = readonly [name: string, value: string];

/** Words why a series can have no labels. */
export type Refused = { readonly refused: string };

export function contextOf(resource: ResourceMetrics, scope: ScopeMetrics, config: OtlpConfig): Context | Refused {
  const promoted = renamed(resource.attributes.filter(([key]) => isPromoted(key, config)));
  const ofScope = config.promote_scope_metadata && scope.name !== '' ? scopeLabels(scope) : [];
  if ('refused' in promoted) return promoted;
  if ('refused' in ofScope) return ofScope;
  return { promoted, fixed: [...identity(resource.attributes), ...ofScope] };
}

/** The labels of a data point, without its name. Attributes whose names fall together are joined by `;`, as in Prometheus. */
export function labelsOf(attributes: Attributes, { promoted, fixed }: Context): Labels | Refused {
  const own = renamed(attributes.filter(([key]) => key !== '__name__'));
  if ('refused' in own) return own;
  const labels = new Map<string, string>();
  for (const [name, value] of own) {
    const before = labels.get(name) ?? '';
    labels.set(name, before === '' ? value : `${before};${value}`);
  }
  for (const [name, value] of promoted) if ((labels.get(name) ?? '') === '') labels.set(name, value);
  for (const [name, value] of fixed) labels.set(name, value);
  return Labels.of(labels);
}

/** The labels of `target_info`; undefined for a resource that says no more than who it is, or not even that. */
export function targetInfoLabels({ attributes }: ResourceMetrics, config: OtlpConfig): Labels | Refused | undefined {
  const who = identity(attributes);
  if (who.length === 0 || attributes.every(([key]) => IDENTIFYING.includes(key))) return undefined;
  const told = config.keep_identifying_resource_attributes
    ? attributes
    : attributes.filter(([key]) => !IDENTIFYING.includes(key));
  const labels = labelsOf(told, { promoted: [], fixed: who });
  return labels instanceof Labels ? labels.with('__name__', 'target_info') : labels;
}

function identity(attributes: Attributes): Pair[] {
  const of = new Map(attributes);
  const [job, namespace, instance] = [of.get(JOB), of.get(NAMESPACE), of.get(INSTANCE)];
  const pairs: Pair[] = [
    ['job', job !== undefined && namespace !== undefined ? `${namespace}/${job}` : (job ?? '')],
    ['instance', instance ?? ''],
  ];
  return pairs.filter(([, value]) => value !== '');
}

function isPromoted(key: string, config: OtlpConfig): boolean {
  if (config.promote_all_resource_attributes) return !config.ignore_resource_attributes.includes(key);
  return config.promote_resource_attributes.includes(key);
}

function scopeLabels({ name, version, schemaUrl, attributes }: ScopeMetrics): readonly Pair[] | Refused {
  const own = renamed(attributes.map(([key, value]): Pair => [`otel_scope_${key}`, value]));
  if ('refused' in own) return own;
  return [...own, ['otel_scope_name', name], ['otel_scope_version', version], ['otel_scope_schema_url', schemaUrl]];
}

function renamed(attributes: Attributes): readonly Pair[] | Refused {
  const pairs: Pair[] = [];
  for (const [key, value] of attributes.toSorted(([a], [b]) => compareUtf8(a, b))) {
    const name = labelName(key);
    if (name === undefined) return { refused: `attribute ${JSON.stringify(key)} leaves no label name` };
    pairs.push([name, value]);
  }
  return pairs;
}
