import type { KubeObject, ResourceKind } from '../../../model/kubernetes.ts';
import type { TargetGroup } from '../kind.ts';
import type { KubernetesSdConfig, Role } from './config.ts';
import { endpointSliceGroup } from './endpointslice-targets.ts';
import { endpointsGroup } from './endpoints-targets.ts';
import { ingressGroup } from './ingress-targets.ts';
import type { Lookup } from './lookup.ts';
import { nodeGroup } from './node-targets.ts';
import { podGroup } from './pod-targets.ts';
import { projectMetadata, projectNode, projectPod } from './projections.ts';
import { serviceGroup } from './service-targets.ts';

export type ObjectKind = Role | 'namespace' | 'replicaset' | 'job';

/** A kind of objects as the API server has it. */
export interface WatchedKind {
  readonly resource: ResourceKind;
  readonly project?: (object: KubeObject) => KubeObject;
}

const core = (plural: string, namespaced = true): ResourceKind => ({ group: '', version: 'v1', plural, namespaced });
const of = (group: string, plural: string): ResourceKind => ({ group, version: 'v1', plural, namespaced: true });

export const KINDS: Readonly<Record<ObjectKind, WatchedKind>> = {
  node: { resource: core('nodes', false), project: projectNode },
  pod: { resource: core('pods'), project: projectPod },
  service: { resource: core('services') },
  endpoints: { resource: core('endpoints') },
  endpointslice: { resource: of('discovery.k8s.io', 'endpointslices') },
  ingress: { resource: of('networking.k8s.io', 'ingresses') },
  namespace: { resource: core('namespaces', false), project: projectMetadata },
  replicaset: { resource: of('apps', 'replicasets'), project: projectMetadata },
  job: { resource: of('batch', 'jobs'), project: projectMetadata },
};

/** How the objects of a role become targets. `source` names the group. */
interface RoleKind {
  /** First part of the names of its groups. */
  readonly prefix: string;
  readonly group: (lookup: Lookup, source: string, object: KubeObject) => TargetGroup;
}

export const ROLE_KINDS: Readonly<Record<Role, RoleKind>> = {
  node: { prefix: 'node', group: nodeGroup },
  pod: { prefix: 'pod', group: podGroup },
  service: { prefix: 'svc', group: serviceGroup },
  endpoints: { prefix: 'endpoints', group: endpointsGroup },
  endpointslice: { prefix: 'endpointslice', group: endpointSliceGroup },
  ingress: { prefix: 'ingress', group: ingressGroup },
};

/** Every kind that has to be watched: the role's own, and those whose labels are attached. */
export function kindsOf({ role, attach_metadata: attach }: KubernetesSdConfig): ObjectKind[] {
  const isEndpoints = role === 'endpoints' || role === 'endpointslice';
  const hasPods = isEndpoints || role === 'pod';
  const kinds: ObjectKind[] = [role];
  if (isEndpoints) kinds.push('service', 'pod');
  if (hasPods && attach.node) kinds.push('node');
  if (role !== 'node' && attach.namespace) kinds.push('namespace');
  if (hasPods && attach.deployment) kinds.push('replicaset');
  if (hasPods && attach.cronjob) kinds.push('job');
  return kinds;
}
