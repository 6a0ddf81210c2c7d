import { z } from '../../lib/schema/schema.ts';
import { RESOURCE_NAMES } from './resource-names.ts';
import { RE2JS } from 're2js';

const resourceName = z
  .string()
  .refine(
    (name) => RESOURCE_NAMES.includes(name),
    `expected a resource with kube_* series: ${RESOURCE_NAMES.join(', ')}`,
  );

const metricPattern = z
  .string()
  .min(1)
  .refine(isRegex, 'expected the name of a metric, or an RE2 regex of whole names');

const allowList = (what: string) =>
  z
    .record(
      z
        .string()
        .refine(
          (name) => name === '*' || RESOURCE_NAMES.includes(name),
          `expected * or a resource: ${RESOURCE_NAMES.join(', ')}`,
        ),
      z.array(z.string().min(1)),
    )
    .default({})
    .describe(
      `Which ${what} of objects become labels of \`kube_*_${what}\`, by resource (\`pods: [app, team]\`); resource \`*\` counts for all, and \`*\` in a name stands for any text. None by default.`,
    );

/** The flags of kube-state-metrics by their names, with underscores. */
export const stateSchema = z
  .strictObject({
    resources: z
      .array(resourceName)
      .min(1)
      .optional()
      .describe('Whose objects have series; default: those of kube-state-metrics.'),
    namespaces: z
      .array(z.string().min(1))
      .default([])
      .describe('Namespaces whose objects are read; all where the list is empty.'),
    namespaces_denylist: z.array(z.string().min(1)).default([]).describe('Namespaces whose objects have no series.'),
    metric_allowlist: z
      .array(metricPattern)
      .default([])
      .describe('Metrics on the page, by name or regex of whole names; all where the list is empty.'),
    metric_denylist: z
      .array(metricPattern)
      .default([])
      .describe('Metrics that are not on the page, by name or regex of whole names.'),
    metric_opt_in_list: z
      .array(metricPattern)
      .default([])
      .describe('Metrics that are on the page only where they are asked for: `kube_pod_nodeselectors`.'),
    metric_labels_allowlist: allowList('labels'),
    metric_annotations_allowlist: allowList('annotations'),
    shard: z.int().min(0).default(0).describe('Which shard of the objects this process serves, from 0 on.'),
    total_shards: z
      .int()
      .min(1)
      .max(1024)
      .default(1)
      .describe('Over how many processes the objects are spread, by their UIDs.'),
    node: z
      .string()
      .min(1)
      .optional()
      .describe('Only pods of this node are read, and of other resources what `resources` names.'),
    track_unscheduled_pods: z
      .boolean()
      .default(false)
      .describe('Only pods that are on no node yet; not together with `node`.'),
  })
  .refine(({ shard, total_shards }) => shard < total_shards, {
    path: ['shard'],
    message: 'expected a number below total_shards',
  })
  .refine(({ metric_allowlist, metric_denylist }) => metric_allowlist.length === 0 || metric_denylist.length === 0, {
    path: ['metric_denylist'],
    message: 'expected either metric_allowlist or metric_denylist',
  })
  .refine(({ node, track_unscheduled_pods }) => node === undefined || !track_unscheduled_pods, {
    path: ['track_unscheduled_pods'],
    message: 'expected either node or track_unscheduled_pods',
  })
  .describe('Object state: `kube_*` series under the names and with the flags of kube-state-metrics.');

export type StateConfig = z.infer<typeof stateSchema>;

function isRegex(pattern: string): boolean {
  try {
    RE2JS.compile(pattern);
    return true;
  } catch {
    return false;
  }
}
