import { aboveZero, duration, z } from '../../lib/schema/schema.ts';

/** What a kubelet serves. Each is a target of its own. */
export const KUBELET_PATHS = [
  '/metrics',
  '/metrics/cadvisor',
  '/metrics/resource',
  '/metrics/probes',
  '/metrics/slis',
] as const;

export const onNode = z
  .enum(['auto', 'true', 'false'])
  .or(z.boolean())
  .transform((value) => (typeof value === 'boolean' ? value : value === 'auto' ? 'auto' : value === 'true'))
  .prefault('auto');

/** `collect.kubelet`: the metrics of the node's kubelet and containers. */
export const kubeletSchema = z.strictObject({
  enabled: onNode.describe('Scrape the kubelet of this node, see section `kubernetes`; `auto`: where there is a node.'),
  job: z.string().min(1).default('kubelet').describe('Label `job` of these series, as the Kubernetes mixins want it.'),
  paths: z
    .array(z.enum(KUBELET_PATHS))
    .default([...KUBELET_PATHS])
    .describe('Pages of the kubelet that are scraped.'),
  scrape_interval: aboveZero(duration())
    .optional()
    .describe('Time from scrape to scrape; default `collect.scrape_interval`.'),
  drop_unused: z
    .boolean()
    .default(true)
    .describe('Leave out series of which there are many and which no dashboard or rule of the Kubernetes mixins uses.'),
});

export type KubeletConfig = z.infer<typeof kubeletSchema>;
