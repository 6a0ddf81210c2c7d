export { type KubeAccess, directAccess, inClusterAccess } from './access.ts';
export { type KubeConnection, connectKubernetes } from './connect.ts';
export { kubeconfigAccess } from './kubeconfig.ts';
