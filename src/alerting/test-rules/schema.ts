import { duration, z } from '../../lib/schema/schema.ts';
import { list } from '../rules/schema.ts';

const YES = ['y', 'Y', 'yes', 'Yes', 'YES', 'on', 'On', 'ON'] as const;
const NO = ['n', 'N', 'no', 'No', 'NO', 'off', 'Off', 'OFF'] as const;

const SECONDS = /^[-+]?(\d[\d_]*(\.\d*)?|\.\d+)([eE][-+]?\d+)?$/;
const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d([.,]\d+)?(Z|[-+]\d\d:\d\d)$/;

/** YAML reads `values: 1` as a number; the notation of series is text. */
const text = z
  .union([z.string(), z.number(), z.boolean(), z.null()], 'expected a text')
  .default('')
  .transform((value) => (value === null ? '' : String(value)));

/** As promtool reads them: a quoted number is a text and no number; `1_000` and `0b11` are numbers. */
const number = z
  .unknown()
  .prefault(0)
  .transform((value, context) => {
    if (value === null) return 0;
    if (typeof value === 'number') return value;
    if (typeof value === 'string' && /^[-+]?(\d[\d_]*_[\d_]*(\.\d+)?|0b[01]+)$/.test(value))
      return Number(value.replaceAll('_', ''));
    context.addIssue({ code: 'custom', message: 'expected a number' });
    return z.NEVER;
  });

/** The words of YAML 1.1 as well. */
const flag = z
  .union([z.boolean(), z.null(), z.literal([...YES, ...NO])], 'expected true or false')
  .default(false)
  .transform((value) => value === true || YES.some((word) => word === value));

const time = duration()
  .nullish()
  .transform((value) => value ?? 0);

/** What a float holds below a millisecond is cut, as in Go: 1700000000.123 is .122. */
function millisecondsOf(seconds: number): number {
  const whole = Math.trunc(seconds);
  return whole * 1000 + Math.trunc((seconds - whole) * 1000);
}

/** RFC 3339 or seconds since the epoch, as milliseconds. */
const timestamp = text.transform((value, context) => {
  if (value === '') return 0;
  const ms = SECONDS.test(value)
    ? millisecondsOf(Number(value.replaceAll('_', '')))
    : RFC3339.test(value)
      ? Date.parse(value)
      : Number.NaN;
  if (!Number.isNaN(ms)) return ms;
  context.addIssue({ code: 'custom', message: 'expected a valid timestamp: RFC 3339 or seconds' });
  return z.NEVER;
});

const labels = z
  .record(z.string(), text, 'expected a map of texts')
  .nullish()
  .transform((value) => value ?? {});

const texts = z
  .array(text)
  .nullish()
  .transform((value) => value ?? []);

const alertTest = z.strictObject({
  eval_time: time,
  alertname: text,
  exp_alerts: list(z.strictObject({ exp_labels: labels, exp_annotations: labels })),
});

const exprTest = z.strictObject({
  expr: text,
  eval_time: time,
  exp_samples: list(z.strictObject({ labels: text, value: number, histogram: text })),
});

const testGroup = z.strictObject({
  name: text,
  interval: time,
  input_series: list(z.strictObject({ series: text, values: text })),
  alert_rule_test: list(alertTest),
  promql_expr_test: list(exprTest),
  external_labels: labels,
  external_url: text,
  start_timestamp: timestamp,
});

/** A promtool unit test file (source: docs/configuration/unit_testing_rules.md). */
export const testFileSchema = z.strictObject({
  rule_files: texts,
  /** 0 is not given: a minute. */
  evaluation_interval: time.transform((ms) => ms || 60_000),
  group_eval_order: texts,
  fuzzy_compare: flag,
  tests: list(testGroup),
});

export type TestFile = z.infer<typeof testFileSchema>;
export type TestGroup = TestFile['tests'][number];
export type AlertTest = TestGroup['alert_rule_test'][number];
export type ExprTest = TestGroup['promql_expr_test'][number];
