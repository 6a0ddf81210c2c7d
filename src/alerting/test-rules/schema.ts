import { duration, z } from '../../lib/schema.ts';

/** YAML reads `values: 1` as a number; the notation of series is text. */
const text = z.union([z.string(), z.number(), z.boolean()]).transform(String);

const number = z
  .unknown()
  .transform((value, context) => {
    if (typeof value === 'number') return value;
    const parsed = typeof value === 'string' && value.trim() !== '' ? Number(value) : NaN;
    if (!Number.isNaN(parsed) || value === 'NaN') return parsed;
    context.addIssue({ code: 'custom', message: 'expected a number' });
    return z.NEVER;
  })
  .prefault(0);

/** RFC 3339 or seconds since the epoch, as milliseconds. */
const timestamp = z.unknown().transform((value, context) => {
  const ms =
    typeof value === 'number' || /^-?\d+(\.\d+)?$/.test(String(value))
      ? Number(value) * 1000
      : Date.parse(String(value));
  if (!Number.isNaN(ms)) return Math.round(ms);
  context.addIssue({ code: 'custom', message: `cannot parse ${JSON.stringify(value)} to a valid timestamp` });
  return z.NEVER;
});

const labels = z
  .record(z.string(), text)
  .nullish()
  .transform((value) => value ?? {});

function list<T extends z.ZodType>(schema: T) {
  return z
    .array(schema)
    .nullish()
    .transform((value) => value ?? []);
}

const alertTest = z.strictObject({
  eval_time: duration('0s'),
  alertname: z.string().default(''),
  exp_alerts: list(z.strictObject({ exp_labels: labels, exp_annotations: labels })),
});

const exprTest = z.strictObject({
  expr: text,
  eval_time: duration('0s'),
  exp_samples: list(z.strictObject({ labels: text.default(''), value: number, histogram: z.string().default('') })),
});

const testGroup = z.strictObject({
  name: z.string().default(''),
  interval: duration().optional(),
  input_series: list(z.strictObject({ series: text, values: text.default('') })),
  alert_rule_test: list(alertTest),
  promql_expr_test: list(exprTest),
  external_labels: labels,
  external_url: z.string().default(''),
  start_timestamp: timestamp.optional(),
});

/** A promtool unit test file (source: docs/configuration/unit_testing_rules.md). */
export const testFileSchema = z.strictObject({
  rule_files: list(z.string()),
  evaluation_interval: duration('1m'),
  group_eval_order: list(z.string()),
  fuzzy_compare: z.boolean().default(false),
  tests: list(testGroup),
});

export type TestFile = z.infer<typeof testFileSchema>;
export type TestGroup = TestFile['tests'][number];
export type AlertTest = TestGroup['alert_rule_test'][number];
export type ExprTest = TestGroup['promql_expr_test'][number];
