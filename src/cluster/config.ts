import { aboveZero, duration, z } from '../lib/schema/schema.ts';
import { stateSchema } from './state/config.ts';

/** Section `cluster`. */
export const clusterSchema = z
  .strictObject({
    kubeconfig: z
      .string()
      .min(1)
      .optional()
      .describe('Kubeconfig whose current context is used; default: the service account of the pod.'),
    scrape_interval: aboveZero(duration('30s')).describe(
      'How often the `kube_*` series are sent to `ship.metrics`. Who scrapes `/metrics/kube-state` goes by a time of their own.',
    ),
    state: stateSchema.prefault({}),
    events: z
      .strictObject({
        enabled: z.boolean().default(true).describe('Whether Kubernetes events are read.'),
        dataset: z
          .string()
          .regex(/^[a-z0-9_.]+$/, 'expected letters a-z, digits, _ and .')
          .default('kubernetes.events')
          .describe('Dataset of their records, which names the data stream in Elasticsearch.'),
      })
      .prefault({})
      .describe('Kubernetes events: counted, and sent to `ship.logs`.'),
  })
  .describe('What `crowsnest cluster` watches, once per cluster.');

export type ClusterConfig = z.infer<typeof clusterSchema>;
