import type { ConnectKubernetes } from '../collector/index.ts';
import { connectKubernetes, directAccess, inClusterAccess, kubeconfigAccess } from '../kubernetes/index.ts';
import type { Logger } from '../lib/logger.ts';

/** How discovery reaches the API servers that its jobs name. */
export function kubernetesConnector(logger: Logger): ConnectKubernetes {
  return ({ url, kubeconfig, http }) => {
    if (url !== undefined) return connectKubernetes({ access: directAccess(url, http), logger });
    return connectKubernetes({
      access: kubeconfig === undefined ? inClusterAccess() : kubeconfigAccess(kubeconfig),
      logger,
    });
  };
}
