export { type KubeAccess, directAccess, inClusterAccess } from './access.ts';
export { type KubeConnection, connectKubernetes } from './connect.ts';
export { kubeconfigAccess } from './kubeconfig.ts';
export { createKubeletPods } from './kubelet-pods.ts';
export { type KubernetesNode, kubernetesNode } from './node.ts';
export { type NodePods, createNodePods } from './node-pods.ts';
export { type PodFieldsConfig, isSamePod, podFields } from './pod-fields.ts';
