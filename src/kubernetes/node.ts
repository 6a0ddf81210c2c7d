import { join } from 'node:path';
import type { HttpClientConfig } from '../lib/http/client.ts';
import { SERVICE_ACCOUNT } from './access.ts';
import type { KubernetesConfig } from './config.ts';

/** The node on which this process runs. */
export interface KubernetesNode {
  readonly name: string;
  readonly kubelet: {
    /** host:port */
    readonly address: string;
    readonly http: HttpClientConfig;
  };
}

const KUBELET_PORT = 10_250;

/** Undefined where this is no node of Kubernetes, as far as configuration and environment tell. */
export function kubernetesNode(
  { node, kubelet }: KubernetesConfig,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): KubernetesNode | undefined {
  const { KUBERNETES_SERVICE_HOST: inPod, NODE_NAME: ownName, NODE_IP: ip } = environment;
  const name = node ?? (inPod ? ownName : undefined);
  if (name === undefined || name === '') return undefined;
  const host = ip || name;
  const { address = `${host.includes(':') ? `[${host}]` : host}:${KUBELET_PORT}`, ...http } = kubelet;
  return { name, kubelet: { address, http: withServiceAccount(http) } };
}

function withServiceAccount({
  authorization,
  bearer_token_file,
  tls_config,
}: Omit<KubernetesConfig['kubelet'], 'address'>): HttpClientConfig {
  const token = join(SERVICE_ACCOUNT, 'token');
  const isOwn = authorization !== undefined || bearer_token_file !== undefined;
  return {
    follow_redirects: false,
    ...(isOwn ? { authorization, bearer_token_file } : { bearer_token_file: token }),
    tls_config: tls_config ?? { ca_file: join(SERVICE_ACCOUNT, 'ca.crt'), insecure_skip_verify: false },
  };
}
