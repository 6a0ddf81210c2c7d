export { clusterSchema, type ClusterConfig } from './config.ts';
export { type Cluster, createCluster } from './cluster.ts';
