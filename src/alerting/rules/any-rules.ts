import {
  type Complaint,
  InputError,
  type YamlSource,
  parseYaml,
  parseYamlDocuments,
  within,
} from '../../lib/schema/yaml.ts';
import type { RuleGroup } from '../../model/rule.ts';
import { type ObjectiveFormat, objectiveFormat, objectiveRules } from '../slo/index.ts';
import { type ParseOptions, ruleGroups } from './parse.ts';
import { isText } from './texts.ts';

/**
 * A file of rules of any kind, told by content: Prometheus' rule file, of which the first document counts; or documents of
 * PrometheusRule objects and of objectives (Sloth, OpenSLO, Pyrra), of which every one does, also as items of a List.
 * @throws {InputError}
 */
export function parseAnyRules(text: string, file: string, options: ParseOptions): RuleGroup[] {
  const documents = documentsOf(text, file);
  if (!documents.some(isObject)) return ruleGroups(parseYaml(text, file).withTexts(isText), options);
  const complaints: Complaint[] = [];
  const groups = byKind(documents).flatMap(([kind, sources]) => {
    try {
      return kind === 'rules'
        ? sources.flatMap((source) => ruleGroups(source, options))
        : objectiveRules(kind, sources, options);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      complaints.push(...error.complaints);
      return [];
    }
  });
  complaints.push(...repeatedNames(groups, file));
  if (complaints.length > 0) throw new InputError(complaints);
  return groups;
}

/** Whether a rule file has documents or items of which every one counts. */
export function readsEveryDocument(text: string, file: string): boolean {
  return documentsOf(text, file).some(isObject);
}

/** The documents of a file, and the items of those that are lists. */
function documentsOf(text: string, file: string): YamlSource[] {
  return parseYamlDocuments(text, file)
    .filter(({ value }) => value !== null && value !== undefined)
    .map((document) => document.withTexts(isText))
    .flatMap((document) => {
      const { kind, items } = document.value as { readonly kind?: unknown; readonly items?: unknown };
      return kind === 'List' && Array.isArray(items) ? items.map((_, i) => within(document, ['items', i])) : [document];
    });
}

function isObject(document: YamlSource): boolean {
  return isPrometheusRule(document) || objectiveFormat(document) !== undefined;
}

function isPrometheusRule({ value }: YamlSource): boolean {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'PrometheusRule';
}

type Kind = 'rules' | ObjectiveFormat;

/** Documents of OpenSLO together, as they refer to each other; the others one by one, so that the faults of each are found. */
function byKind(documents: readonly YamlSource[]): [Kind, YamlSource[]][] {
  const openSlo = documents.filter((document) => objectiveFormat(document) === 'openSlo');
  const others = documents
    .filter((document) => !openSlo.includes(document))
    .map((document): [Kind, YamlSource[]] => [
      objectiveFormat(document) ?? 'rules',
      [isPrometheusRule(document) ? within(document, ['spec']) : document],
    ]);
  return openSlo.length === 0 ? others : [...others, ['openSlo', openSlo]];
}

function repeatedNames(groups: readonly RuleGroup[], file: string): Complaint[] {
  const names = groups.map(({ name }) => name);
  return groups
    .filter((group, i) => names.indexOf(group.name) < i)
    .map((group) => ({
      file,
      line: group.rules[0]?.line ?? 0,
      column: 0,
      path: '',
      message: `the group ${JSON.stringify(group.name)} is in the file already; services and objectives need names of their own`,
    }));
}
