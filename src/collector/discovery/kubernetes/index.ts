export { kubernetesSdSchema } from './config.ts';
export type { ConnectKubernetes } from './connect.ts';
export { discoverKubernetes } from './discover.ts';
