import { isText } from './texts.ts';
import type { AlertingRule, Rule, RuleGroup } from '../../model/rule.ts';
import { validate } from '../../lib/schema/schema.ts';
import { type Complaint, InputError, type Path, type YamlSource, parseYaml } from '../../lib/schema/yaml.ts';
import { parseRuleTemplate } from '../template/expand.ts';
import { type RuleFile, type RuleNode, ruleFileSchema } from './schema.ts';

/** Throws with the words of the fault where a text is no PromQL expression. */
export type ParseExpr = (expr: string) => unknown;

export interface ParseOptions {
  readonly parseExpr: ParseExpr;
  /** Milliseconds, for groups that name none. */
  readonly interval: number;
  readonly ignoreUnknownFields?: boolean;
}

/**
 * A Prometheus rule file as groups (source: model/rulefmt).
 * @throws {InputError} with every fault of the file, in Prometheus' words where it has some.
 */
export function parseRuleFile(text: string, file: string, options: ParseOptions): RuleGroup[] {
  return ruleGroups(parseYaml(text, file).withTexts(isText), options);
}

/** @throws {InputError} as {@link parseRuleFile}. */
export function ruleGroups(source: YamlSource, options: ParseOptions): RuleGroup[] {
  const content = validate(source, ruleFileSchema(options.ignoreUnknownFields ?? false));
  const complaints = content.groups.flatMap((group, i) => [
    ...checkGroup(source, content, i),
    ...group.rules.flatMap((rule, j) =>
      new RuleCheck(source, ['groups', i, 'rules', j], rule, options.parseExpr).run(),
    ),
  ]);
  if (complaints.length > 0) throw new InputError(complaints);
  return content.groups.map((group, i) => ({
    name: group.name ?? '',
    file: source.file,
    interval: group.interval || options.interval,
    queryOffset: group.query_offset ?? 0,
    limit: group.limit ?? 0,
    labels: group.labels,
    rules: group.rules.map((rule, j) =>
      toRule(rule, group.labels, source.complain(['groups', i, 'rules', j], '').line),
    ),
  }));
}

/** Labels of the rule stand over those of its group. */
function toRule(node: RuleNode, groupLabels: Readonly<Record<string, string>>, line: number): Rule {
  const common = { expr: node.expr ?? '', labels: { ...groupLabels, ...node.labels }, line };
  if (node.record) return { kind: 'recording', record: node.record, ...common };
  return {
    kind: 'alerting',
    alert: node.alert ?? '',
    for: node.for ?? 0,
    keepFiringFor: node.keep_firing_for ?? 0,
    annotations: node.annotations,
    ...common,
  } satisfies AlertingRule;
}

function checkGroup(source: YamlSource, content: RuleFile, i: number): Complaint[] {
  const complaints: Complaint[] = [];
  const { name = '', labels } = content.groups[i];
  if (name === '') complaints.push(source.complain(['groups', i], 'Groupname must not be empty'));
  else if (content.groups.findIndex((group) => group.name === name) < i)
    complaints.push(source.complain(['groups', i, 'name'], `groupname: "${name}" is repeated in the same file`));
  for (const label of Object.keys(labels))
    if (!isLabelName(label))
      complaints.push(source.complain(['groups', i, 'labels', label], `invalid label name: ${label}`, true));
  return complaints;
}

function isLabelName(name: string): boolean {
  return name !== '' && name !== '__name__';
}

class RuleCheck {
  readonly #source: YamlSource;
  readonly #path: Path;
  readonly #rule: RuleNode;
  readonly #parseExpr: ParseExpr;
  readonly #complaints: Complaint[] = [];

  constructor(source: YamlSource, path: Path, rule: RuleNode, parseExpr: ParseExpr) {
    this.#source = source;
    this.#path = path;
    this.#rule = rule;
    this.#parseExpr = parseExpr;
  }

  run(): Complaint[] {
    const { record, alert } = this.#rule;
    if (record && alert) this.#complain([], "only one of 'record' and 'alert' must be set");
    if (!record && !alert) this.#complain([], "one of 'record' or 'alert' must be set");
    this.#checkExpr();
    if (record) this.#checkRecord(record);
    this.#checkNames();
    if (alert) this.#checkTemplates(alert);
    return this.#complaints;
  }

  #complain(path: Path, message: string, key = false): void {
    this.#complaints.push(this.#source.complain([...this.#path, ...path], message, key));
  }

  #checkExpr(): void {
    const { expr } = this.#rule;
    if (!expr) return this.#complain([], "field 'expr' must be set in rule");
    try {
      this.#parseExpr(expr);
    } catch (error) {
      this.#complain(['expr'], `could not parse expression: ${(error as Error).message}`);
    }
  }

  #checkRecord(record: string): void {
    if (Object.keys(this.#rule.annotations).length > 0)
      this.#complain(['annotations'], "invalid field 'annotations' in recording rule", true);
    if (this.#rule.for) this.#complain(['for'], "invalid field 'for' in recording rule", true);
    if (this.#rule.keep_firing_for)
      this.#complain(['keep_firing_for'], "invalid field 'keep_firing_for' in recording rule", true);
    if (/[{}]/.test(record))
      this.#complain(['record'], `braces present in the recording rule name; should it be in expr?: ${record}`);
  }

  #checkNames(): void {
    for (const name of Object.keys(this.#rule.labels))
      if (!isLabelName(name)) this.#complain(['labels', name], `invalid label name: ${name}`, true);
    for (const name of Object.keys(this.#rule.annotations))
      if (name === '') this.#complain(['annotations', name], `invalid annotation name: ${name}`, true);
  }

  #checkTemplates(alert: string): void {
    for (const kind of ['labels', 'annotations'] as const) {
      for (const [name, text] of Object.entries(this.#rule[kind])) {
        try {
          parseRuleTemplate(alert, text);
        } catch (error) {
          this.#complain([kind, name], `${kind.slice(0, -1)} ${JSON.stringify(name)}: ${(error as Error).message}`);
        }
      }
    }
  }
}
