import { httpClientSchema } from '../lib/http/client.ts';
import { z } from '../lib/schema/schema.ts';

const { authorization, bearer_token_file, tls_config } = httpClientSchema.shape;

/** Section `kubernetes`: the node on which this process runs, and how it asks about the pods there. */
export const kubernetesSchema = z.strictObject({
  node: z
    .string()
    .min(1)
    .optional()
    .describe('Name of this node. Default: the environment variable `NODE_NAME`, where the process is in a pod.'),
  kubeconfig_file: z
    .string()
    .min(1)
    .optional()
    .describe('Kubeconfig for the API server; default: the service account of the pod.'),
  pods_from: z
    .enum(['auto', 'api', 'kubelet'])
    .default('auto')
    .describe(
      'Where the pods of this node are known from: a watch on the API server, or `/pods` of the kubelet every 10 s. `auto`: the API server and, while that may not be read or does not answer, the kubelet.',
    ),
  kubelet: z
    .strictObject({
      address: z
        .string()
        .regex(/^(\[[0-9a-fA-F:.]+\]|[^:[\]/\s]+):\d{1,5}$/, 'expected host:port')
        .optional()
        .describe(
          'Its HTTPS port. Default: port 10250 of the environment variable `NODE_IP` or, without it, of `node`.',
        ),
      authorization,
      bearer_token_file,
      tls_config,
    })
    .prefault({})
    .describe(
      'The kubelet of this node. Without keys of their own: token and CA of the service account. A kubelet whose certificate is self-signed needs `tls_config: {insecure_skip_verify: true}`.',
    ),
});

export type KubernetesConfig = z.infer<typeof kubernetesSchema>;
