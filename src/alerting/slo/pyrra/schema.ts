import { aboveZero, duration, z } from '../../../lib/schema/schema.ts';
import { labels } from '../labels-schema.ts';

const metric = z.strictObject({ metric: z.string().min(1) });

const grouping = z.array(z.string()).default([]);

/** Pyrra's object, `pyrra.dev/v1alpha1` ServiceLevelObjective. */
export const pyrraSchema = z.strictObject({
  apiVersion: z.literal('pyrra.dev/v1alpha1'),
  kind: z.literal('ServiceLevelObjective'),
  metadata: z.looseObject({
    name: z.string().min(1),
    namespace: z.string().optional(),
    labels,
    annotations: labels,
  }),
  spec: z.strictObject({
    description: z.string().default(''),
    target: z
      .string()
      .transform(Number)
      .refine((target) => target > 0 && target <= 100, 'expected a percentage over 0, up to 100'),
    window: aboveZero(duration()),
    performance_over_accuracy: z.boolean().nullish(),
    indicator: z.strictObject({
      ratio: z.strictObject({ errors: metric, total: metric, grouping }).optional(),
      latency: z.strictObject({ success: metric, total: metric, grouping }).optional(),
      latencyNative: z.strictObject({ latency: duration(), total: metric, grouping }).optional(),
      bool_gauge: z.strictObject({ metric: z.string().min(1), grouping }).optional(),
    }),
    alerting: z
      .strictObject({
        disabled: z.boolean().default(false),
        name: z.string().default('ErrorBudgetBurn'),
        burnrates: z.boolean().default(true),
        absent: z.boolean().default(true),
      })
      .prefault({}),
  }),
});

export type PyrraSpec = z.infer<typeof pyrraSchema>['spec'];
export type PyrraIndicator = PyrraSpec['indicator'];
