import { resolve } from 'node:path';
import type { ConnectKubernetes } from '../collector/index.ts';
import type { KubernetesConfig } from '../kubernetes/config.ts';
import {
  type KubeAccess,
  type KubernetesNode,
  type NodePods,
  type PodFieldsConfig,
  connectKubernetes,
  createKubeletPods,
  createNodePods,
  directAccess,
  inClusterAccess,
  isSamePod,
  kubeconfigAccess,
  podFields,
} from '../kubernetes/index.ts';
import { systemClock } from '../lib/time/clock.ts';
import type { Logger } from '../lib/logger.ts';
import type { PodRef } from '../logs/index.ts';

/** Paths of the section start from the folder of the configuration. */
export function withPathsFrom(folder: string, { kubelet, ...config }: KubernetesConfig): KubernetesConfig {
  const at = (path: string | undefined) => (path === undefined ? undefined : resolve(folder, path));
  const { authorization, bearer_token_file: token, tls_config: tls } = kubelet;
  return {
    ...config,
    kubeconfig_file: at(config.kubeconfig_file),
    kubelet: {
      ...kubelet,
      authorization: authorization && { ...authorization, credentials_file: at(authorization.credentials_file) },
      bearer_token_file: at(token),
      tls_config: tls && { ...tls, ca_file: at(tls.ca_file), cert_file: at(tls.cert_file), key_file: at(tls.key_file) },
    },
  };
}

/** How discovery reaches the API servers that its jobs name. */
export function kubernetesConnector(logger: Logger): ConnectKubernetes {
  return ({ url, kubeconfig, http }) => {
    const access = url === undefined ? ownAccess(kubeconfig) : directAccess(url, http);
    return connectKubernetes({ access, logger });
  };
}

function ownAccess(kubeconfig: string | undefined): KubeAccess {
  return kubeconfig === undefined ? inClusterAccess() : kubeconfigAccess(kubeconfig);
}

export function createPodsOfNode(node: KubernetesNode, config: KubernetesConfig, logger: Logger): NodePods {
  return createNodePods({
    node: node.name,
    from: config.pods_from,
    connect: () => connectKubernetes({ access: ownAccess(config.kubeconfig_file), logger }),
    kubelet: createKubeletPods(node),
    clock: systemClock,
    logger,
  });
}

/** Discovery over the pods of this node alone. */
export function connectorOf({ watch }: NodePods): ConnectKubernetes {
  return () => ({ watch, namespace: undefined, close() {} });
}

/** What records of a container's log carry of its pod. */
export function podFieldsOf(pods: NodePods, config: PodFieldsConfig) {
  return (ref: PodRef): Readonly<Record<string, string>> | undefined => {
    const pod = pods.find(ref.namespace, ref.pod);
    if (pod !== undefined && isSamePod(pod, ref.uid)) return podFields(pod, ref, config);
    pods.refresh();
    return undefined;
  };
}
