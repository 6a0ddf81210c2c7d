import type { HttpClientConfig } from '../../../lib/http/client.ts';
import type { WatchObjects } from '../../../model/kubernetes.ts';

/** How to reach an API server. Without `url` and `kubeconfig`: the one of the cluster in which this process is a pod. */
export interface KubernetesAccess {
  readonly url?: string;
  readonly kubeconfig?: string;
  readonly http: HttpClientConfig;
}

export interface KubernetesConnection {
  readonly watch: WatchObjects;
  /** Namespace of the credentials, where they name one. */
  readonly namespace: string | undefined;
  close(): void;
}

/** @throws {Error} where there are no credentials: no such file, a file that cannot be used, no pod. */
export type ConnectKubernetes = (access: KubernetesAccess) => KubernetesConnection;
