import { duration, z } from '../../lib/schema.ts';

/** YAML reads `severity: 1` as a number; as a label it is the text. */
const text = z
  .union([z.string(), z.number(), z.boolean(), z.null()])
  .transform((value) => (value === null ? '' : String(value)));

const labels = z
  .record(z.string(), text)
  .nullish()
  .transform((value) => value ?? {});

const rule = {
  record: text.optional(),
  alert: text.optional(),
  expr: text.optional(),
  for: duration().optional(),
  keep_firing_for: duration().optional(),
  labels,
  annotations: labels,
};

const group = {
  name: text.optional(),
  interval: duration().optional(),
  query_offset: duration().optional(),
  limit: z.int().optional(),
  labels,
};

/** Prometheus' rule file. `loose` passes over keys it does not know, as `--ignore-unknown-fields` asks. */
export function ruleFileSchema(loose: boolean) {
  const object = loose ? z.object : z.strictObject;
  const rules = z
    .array(object(rule))
    .nullish()
    .transform((value) => value ?? []);
  const groups = z
    .array(object({ ...group, rules }))
    .nullish()
    .transform((value) => value ?? []);
  return object({ groups });
}

export type RuleFile = z.infer<ReturnType<typeof ruleFileSchema>>;
export type RuleNode = RuleFile['groups'][number]['rules'][number];
