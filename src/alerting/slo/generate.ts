import { formatDuration } from '../../lib/time/duration.ts';
import { toYaml } from '../../lib/schema/yaml-print.ts';
import { InputError, type YamlSource, parseYamlDocuments } from '../../lib/schema/yaml.ts';
import type { Rule, RuleGroup } from '../../model/rule.ts';
import { parse } from '../../promql/index.ts';
import { isText } from '../rules/texts.ts';
import { objectiveFormat, objectiveRules } from './index.ts';

const OPTIONS = { parseExpr: parse, interval: 0 };

/** Formats that are Kubernetes objects: their rules are one, too. */
const OBJECTS = new Set(['slothObject', 'pyrra']);

/**
 * The rules of a file of objectives as YAML: a rule file, or for each Kubernetes object a PrometheusRule.
 * @throws {InputError} also where the file holds no objectives.
 */
export function generateRules(text: string, file: string): string {
  const documents = parseYamlDocuments(text, file).map((document) => document.withTexts(isText));
  const found = documents.flatMap((document) => {
    const format = objectiveFormat(document);
    return format === undefined ? [] : [{ format, document }];
  });
  if (found.length === 0)
    throw new InputError([
      { file, line: 0, column: 0, path: '', message: 'no objectives; expected a file of Sloth, OpenSLO or Pyrra' },
    ]);
  const objects = found.filter(({ format }) => OBJECTS.has(format));
  const openSlo = found.filter(({ format }) => format === 'openSlo').map(({ document }) => document);
  const plain = found.filter(({ format }) => !OBJECTS.has(format) && format !== 'openSlo');
  const groups = [
    ...plain.flatMap(({ format, document }) => objectiveRules(format, [document], OPTIONS)),
    ...(openSlo.length === 0 ? [] : objectiveRules('openSlo', openSlo, OPTIONS)),
  ];
  return [
    ...(groups.length === 0 ? [] : [{ groups: groups.map(plainGroup) }]),
    ...objects.map(({ format, document }) => prometheusRule(document, objectiveRules(format, [document], OPTIONS))),
  ]
    .map(toYaml)
    .join('---\n');
}

function plainGroup({ name, interval, rules }: RuleGroup) {
  return { name, ...(interval === 0 ? {} : { interval: formatDuration(interval) }), rules: rules.map(plainRule) };
}

function plainRule(rule: Rule) {
  const { expr, labels } = rule;
  if (rule.kind === 'recording') return { record: rule.record, expr, labels };
  return {
    alert: rule.alert,
    expr,
    ...(rule.for === 0 ? {} : { for: formatDuration(rule.for) }),
    labels,
    annotations: rule.annotations,
  };
}

interface Metadata {
  readonly name?: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Carries the object's own name, labels and annotations, by which an operator's `ruleSelector` finds it. */
function prometheusRule(document: YamlSource, groups: readonly RuleGroup[]) {
  const { name, namespace, labels, annotations } = (document.value as { readonly metadata?: Metadata }).metadata ?? {};
  return {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      labels: { ...labels, 'app.kubernetes.io/component': 'SLO', 'app.kubernetes.io/managed-by': 'crowsnest' },
      ...(annotations === undefined ? {} : { annotations }),
    },
    spec: { groups: groups.map(plainGroup) },
  };
}
