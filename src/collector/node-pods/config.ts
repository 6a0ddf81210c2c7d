import { aboveZero, duration, z } from '../../lib/schema/schema.ts';
import { onNode } from '../kubelet/config.ts';

/** `collect.pods`: what the annotations of the node's own pods ask for. */
export const podsSchema = z.strictObject({
  enabled: onNode.describe(
    'Scrape the pods of this node that have the annotation `prometheus.io/scrape: "true"`; `auto`: where there is a node, see section `kubernetes`.',
  ),
  job: z.string().min(1).default('kubernetes-pods').describe('Label `job` of these series.'),
  labels: z
    .array(z.string().min(1))
    .default(['app', 'app.kubernetes.io/name', 'app.kubernetes.io/component'])
    .describe('Labels of pods that their series carry; other characters than letters, digits and `_` become `_`.'),
  scrape_interval: aboveZero(duration())
    .optional()
    .describe('Time from scrape to scrape; default `collect.scrape_interval`.'),
});

export type PodsConfig = z.infer<typeof podsSchema>;
