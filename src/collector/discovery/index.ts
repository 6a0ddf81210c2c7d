export { Discovery, type GroupChanges } from './discovery.ts';
export type { TargetGroup, TargetLabels } from './kind.ts';
export { type DiscoverySurroundings, discoveryKeys, type Provider, providersOf } from './kinds.ts';
export type { ConnectKubernetes } from './kubernetes/index.ts';
export type { StaticConfig } from './static/index.ts';
