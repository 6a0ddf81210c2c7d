import { validate, z } from '../../../lib/schema/schema.ts';
import { InputError, type YamlSource } from '../../../lib/schema/yaml.ts';
import type { ParseOptions } from '../../rules/parse.ts';
import type { Objective } from '../objective.ts';
import { checkQuery, fillWindow } from '../query.ts';
import { standardWindows } from '../windows.ts';

const DAY = 86_400_000;

const source = z.strictObject({ source: z.string().nullish(), queryType: z.string().nullish(), query: z.string() });

/** The part of OpenSLO v1alpha that Sloth reads. */
const alphaSchema = z.strictObject({
  apiVersion: z.literal('openslo/v1alpha'),
  kind: z.literal('SLO'),
  metadata: z.strictObject({ name: z.string().min(1), displayName: z.string().nullish() }),
  spec: z.strictObject({
    service: z.string().min(1),
    description: z.string().nullish(),
    budgetingMethod: z.literal('Occurrences').default('Occurrences'),
    timeWindows: z
      .array(
        z.strictObject({
          count: z.int().positive(),
          unit: z.literal('Day'),
          isRolling: z.boolean().nullish(),
          calendar: z.undefined({ error: 'windows of the calendar are not supported' }).optional(),
        }),
      )
      .length(1, 'expected one time window')
      .optional(),
    objectives: z
      .array(
        z.strictObject({
          displayName: z.string().nullish(),
          value: z.number().nullish(),
          target: z.number().gt(0, 'expected a share over 0').lte(1, 'expected a share up to 1'),
          ratioMetrics: z.strictObject({ incremental: z.boolean().nullish(), good: source, total: source }),
        }),
      )
      .min(1),
  }),
});

/** The objectives of an OpenSLO v1alpha document as Sloth reads it: without alerts. @throws {InputError} */
export function openSloAlpha(document: YamlSource, options: ParseOptions): Objective[] {
  const { metadata, spec } = validate(document, alphaSchema);
  const complaints = spec.objectives.flatMap(({ ratioMetrics }, i) =>
    (['good', 'total'] as const).flatMap((which) => {
      const path = ['spec', 'objectives', i, 'ratioMetrics', which, 'query'];
      return checkQuery(document, path, ratioMetrics[which].query, options.parseExpr);
    }),
  );
  if (complaints.length > 0) throw new InputError(complaints);
  return spec.objectives.map(({ ratioMetrics: { good, total }, target }, i) => {
    const name = `${metadata.name}-${i}`;
    return {
      id: `${spec.service}-${name}`,
      service: spec.service,
      name,
      target: target * 100,
      labels: {},
      errorRatio: (window) =>
        `(\n  1 - (\n    (\n      ${fillWindow(good.query, window)}\n    )\n    /\n    (\n      ${fillWindow(total.query, window)}\n    )\n  )\n)`,
      windows: standardWindows((spec.timeWindows?.[0].count ?? 30) * DAY),
      alert: '',
      page: undefined,
      ticket: undefined,
      policies: [],
      spec: 'openslo/v1alpha',
      mode: 'cli-gen-openslo',
      interval: options.interval,
      line: document.complain(['spec', 'objectives', i], '').line,
    };
  });
}
