import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Certificates, HttpClientConfig } from '../lib/http/client.ts';

/** Where the API server is and how to sign in. Files named in `http` are read again as they change. */
export interface KubeAccess {
  /** Without a slash at its end. */
  readonly url: string;
  readonly http: Partial<HttpClientConfig>;
  readonly certificates?: Certificates;
  /** Returns the value of the Authorization header, where no setting of `http` holds it. */
  readonly authorization?: (signal?: AbortSignal) => Promise<string | undefined>;
  /** The namespace that the credentials belong to. */
  readonly namespace?: string;
}

/** Folder in which a pod finds the token of its service account, the CA of the API server and its namespace. */
export const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * What every pod is given: the API server by environment, token and CA in files, which the kubelet renews.
 * @throws where this process is in no pod, or its pod has no token
 */
export function inClusterAccess(
  environment: Readonly<Record<string, string | undefined>> = process.env,
  folder = SERVICE_ACCOUNT,
): KubeAccess {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = environment;
  if (!host || !port)
    throw new Error(
      'not in a pod: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set; outside of a cluster name a kubeconfig',
    );
  const token = join(folder, 'token');
  readFileSync(token);
  return {
    url: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    http: {
      authorization: { type: 'Bearer', credentials_file: token },
      tls_config: { ca_file: join(folder, 'ca.crt'), insecure_skip_verify: false },
    },
    namespace: readIfThere(join(folder, 'namespace')),
  };
}

/** @param url of the API server; a path below which it is served may follow the host. */
export function directAccess(url: string, http: Partial<HttpClientConfig>): KubeAccess {
  return { url: url.replace(/\/+$/, ''), http };
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return undefined;
  }
}
