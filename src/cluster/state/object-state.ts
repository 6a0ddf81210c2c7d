import type { KubeObject } from '../../model/kubernetes.ts';
import type { StateConfig } from './config.ts';
import type { Allowed, Family, ResourceTable } from './family.ts';
import { allowNames } from './label-names.ts';
import { familyFilter } from './metric-lists.ts';
import { pageOf } from './page.ts';
import { ResourceState } from './resource-state.ts';
import { keepsShard } from './sharding.ts';
import { TABLES } from './tables.ts';

/** The series of all objects of a cluster, kept as text, under the names of kube-state-metrics. */
export class ObjectState {
  readonly resources: readonly ResourceState[];

  constructor(config: StateConfig) {
    const isShown = familyFilter(config);
    const keep = keepObject(config);
    this.resources = tablesOf(config).map(
      (table) =>
        new ResourceState({
          table,
          families: table.families.filter((family: Family) => isShown(family)),
          allowed: allowedOf(config, table),
          keep,
        }),
    );
  }

  /** The text of `/metrics/kube-state` in pieces, as all is at the first one. */
  page(): Generator<Buffer> {
    return pageOf(this.resources);
  }

  /** How many objects have series. */
  get objects(): number {
    return this.resources.reduce((sum, { size }) => sum + size, 0);
  }
}

function tablesOf({ resources }: StateConfig): readonly ResourceTable[] {
  return TABLES.filter(({ isDefault, resource: { plural } }) => resources?.includes(plural) ?? isDefault);
}

function allowedOf(config: StateConfig, { resource }: ResourceTable): Allowed {
  const names = (lists: Readonly<Record<string, readonly string[]>>) => {
    const patterns = [...(lists['*'] ?? []), ...(lists[resource.plural] ?? [])];
    return patterns.length === 0 ? undefined : allowNames(patterns);
  };
  return { labels: names(config.metric_labels_allowlist), annotations: names(config.metric_annotations_allowlist) };
}

function keepObject(config: StateConfig): (object: KubeObject) => boolean {
  const isShard = keepsShard(config.shard, config.total_shards);
  const denied = new Set(config.namespaces_denylist);
  return (object) =>
    isShard(object) && !(object.metadata.namespace !== undefined && denied.has(object.metadata.namespace));
}
