import { duration, z } from '../../lib/schema/schema.ts';

/** YAML reads `severity: 1` as a number; as a label it is the text. */
const text = z
  .union([z.string(), z.number(), z.boolean(), z.null()], 'expected a text')
  .transform((value) => (value === null ? '' : String(value)));

const labels = z
  .record(z.string(), text, 'expected a map of texts')
  .nullish()
  .transform((value) => value ?? {});

/** As in Go, a key without a value is as if it were not there. */
const time = duration().nullish();

const rule = {
  record: text.optional(),
  alert: text.optional(),
  expr: text.optional(),
  for: time,
  keep_firing_for: time,
  labels,
  annotations: labels,
};

const group = {
  name: text.optional(),
  interval: time,
  query_offset: time,
  limit: z.int().nullish(),
  labels,
};

/** An item that is null is one without any key: what it lacks is told with the rest. */
export function list<T extends z.ZodType>(schema: T) {
  return z
    .array(schema.nullable())
    .nullish()
    .transform((value) => (value ?? []).map((item) => item ?? schema.parse({})));
}

/** Prometheus' rule file. `loose` passes over keys it does not know, as `--ignore-unknown-fields` asks. */
export function ruleFileSchema(loose: boolean) {
  const object = loose ? z.object : z.strictObject;
  const rules = list(object(rule));
  const groups = list(object({ ...group, rules }));
  return object({ groups });
}

export type RuleFile = z.infer<ReturnType<typeof ruleFileSchema>>;
export type RuleNode = RuleFile['groups'][number]['rules'][number];
