import { duration, z } from '../../../lib/schema/schema.ts';
import { labels } from '../labels-schema.ts';

const DURATION_UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** OpenSLO's short duration as milliseconds; `M`, `Q` and `Y` have no fixed length. */
const shortDuration = z.string().transform((text, context) => {
  const match = /^([1-9]\d*)([mhdw])$/.exec(text);
  if (match !== null) return Number(match[1]) * DURATION_UNITS[match[2]];
  const why = /^\d+[MQY]$/.test(text)
    ? 'months, quarters and years differ in length; expected days or weeks, such as 28d'
    : 'expected a duration such as 5m, 1h, 28d or 4w';
  context.addIssue({ code: 'custom', message: `${why}, not ${JSON.stringify(text)}` });
  return z.NEVER;
});

/** A label may have several values. */
const manyLabels = z
  .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]))
  .nullish()
  .transform((value) => Object.fromEntries(Object.entries(value ?? {}).map(([key, item]) => [key, String(item)])));

export const metadata = z.strictObject({
  name: z.string().min(1),
  displayName: z.string().optional(),
  labels: manyLabels,
  annotations: labels,
});

const description = z.string().nullish();

const metricSource = z.strictObject({
  metricSource: z.strictObject({
    metricSourceRef: z.string().nullish(),
    type: z
      .string()
      .nullish()
      .refine((type) => typeof type !== 'string' || /^prometheus$/i.test(type), 'only Prometheus can be queried'),
    spec: z.strictObject({ query: z.string(), queryType: z.string().nullish() }),
  }),
});

export const indicatorSpec = z.strictObject({
  description,
  thresholdMetric: metricSource.optional(),
  ratioMetric: z
    .strictObject({
      counter: z.boolean().nullish(),
      good: metricSource.optional(),
      bad: metricSource.optional(),
      total: metricSource.optional(),
      rawType: z.enum(['success', 'failure']).optional(),
      raw: metricSource.optional(),
    })
    .optional(),
});

const composite = z
  .undefined({ error: 'composite objectives are not supported: write an SLO for each indicator' })
  .optional();

const objective = z.strictObject({
  displayName: z.string().nullish(),
  op: z.enum(['lte', 'gte', 'lt', 'gt']).optional(),
  value: z.number().optional(),
  target: z.number().gt(0, 'expected a share over 0').lte(1, 'expected a share up to 1').optional(),
  targetPercent: z
    .number()
    .gt(0, 'expected a percentage over 0')
    .lte(100, 'expected a percentage up to 100')
    .optional(),
  timeSliceTarget: z.number().gt(0, 'expected a share over 0').lte(1, 'expected a share up to 1').optional(),
  timeSliceWindow: z
    .union([z.string(), z.number()])
    .transform((text) => (typeof text === 'number' ? `${text}m` : text))
    .pipe(shortDuration)
    .optional(),
  indicator: composite,
  indicatorRef: composite,
  compositeWeight: composite,
});

const timeWindow = z.strictObject({
  duration: shortDuration,
  isRolling: z.literal(true, 'windows of the calendar are not supported; expected true').default(true),
  calendar: z.undefined({ error: 'windows of the calendar are not supported: use a rolling window' }).optional(),
});

const conditionSpec = z.strictObject({
  description,
  severity: z.string().min(1),
  condition: z.strictObject({
    kind: z.literal('burnrate').default('burnrate'),
    op: z.enum(['lte', 'gte', 'lt', 'gt']).default('gte'),
    threshold: z.number(),
    lookbackWindow: shortDuration,
    alertAfter: duration('0s'),
  }),
});

const head = { apiVersion: z.string().optional(), kind: z.string().optional(), metadata };

const condition = z.union([
  z.strictObject({ conditionRef: z.string() }),
  z.strictObject({ ...head, spec: conditionSpec }),
]);

const policySpec = z.strictObject({
  description,
  alertWhenNoData: z.boolean().default(false),
  alertWhenResolved: z.boolean().default(false),
  alertWhenBreaching: z.boolean().default(true),
  conditions: z.array(condition).length(1, 'expected one condition'),
  notificationTargets: z
    .array(z.union([z.strictObject({ targetRef: z.string() }), z.looseObject({ metadata })]))
    .nullish(),
});

const policy = z.union([
  z.string(),
  z.strictObject({ alertPolicyRef: z.string() }),
  z.strictObject({ ...head, spec: policySpec }),
]);

const sloSpec = z.strictObject({
  description,
  service: z.string().min(1),
  indicator: z.strictObject({ metadata: metadata.partial().nullish(), spec: indicatorSpec }).optional(),
  indicatorRef: z.string().optional(),
  timeWindow: z.array(timeWindow).length(1, 'expected one time window'),
  budgetingMethod: z.enum(['Occurrences', 'Timeslices', 'RatioTimeslices']),
  objectives: z.array(objective).min(1),
  alertPolicies: z.array(policy).nullish(),
});

const document = <T extends z.ZodType>(kind: string, spec: T) =>
  z.strictObject({ apiVersion: z.literal('openslo/v1'), kind: z.literal(kind), metadata, spec });

export const sloSchema = document('SLO', sloSpec);
export const sliSchema = document('SLI', indicatorSpec);
export const policySchema = document('AlertPolicy', policySpec);
export const conditionSchema = document('AlertCondition', conditionSpec);
/** What is read and says nothing that a rule needs. */
export const otherSchema = z.strictObject({
  apiVersion: z.literal('openslo/v1'),
  kind: z.enum(['Service', 'DataSource', 'AlertNotificationTarget']),
  metadata,
  spec: z.looseObject({}).nullish(),
});

export type Slo = z.infer<typeof sloSchema>;
export type SloObjective = Slo['spec']['objectives'][number];
export type IndicatorSpec = z.infer<typeof indicatorSpec>;
export type PolicySpec = z.infer<typeof policySpec>;
export type ConditionSpec = z.infer<typeof conditionSpec>;
