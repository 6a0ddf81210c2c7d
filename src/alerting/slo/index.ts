import { type YamlSource, within } from '../../lib/schema/yaml.ts';
import type { RuleGroup } from '../../model/rule.ts';
import type { ParseOptions } from '../rules/parse.ts';
import type { Objective } from './objective.ts';
import { openSloAlpha } from './openslo/alpha.ts';
import { openSloDocuments } from './openslo/read.ts';
import { pyrraObjective } from './pyrra/read.ts';
import { objectiveGroups } from './rules.ts';
import { slothFile, slothSpec } from './sloth/read.ts';

/** Formats of objectives, each told by one key of the document. */
const FORMATS = {
  // Another version is refused by Sloth's schema, which names the one that is read.
  sloth: (value: Head) => value.version === 'prometheus/v1' || 'slos' in value,
  slothObject: (value: Head) => value.apiVersion === 'sloth.slok.dev/v1',
  openSlo: (value: Head) => value.apiVersion === 'openslo/v1',
  openSloAlpha: (value: Head) => value.apiVersion === 'openslo/v1alpha',
  pyrra: (value: Head) => value.apiVersion === 'pyrra.dev/v1alpha1',
} as const;

export type ObjectiveFormat = keyof typeof FORMATS;

interface Head {
  readonly version?: unknown;
  readonly apiVersion?: unknown;
}

/** The format of a document of objectives; undefined for any other. */
export function objectiveFormat({ value }: YamlSource): ObjectiveFormat | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  return (Object.keys(FORMATS) as ObjectiveFormat[]).find((format) => FORMATS[format](value));
}

/**
 * The rules of a document of objectives; of OpenSLO, all documents of a file at once, as they refer to each other.
 * @throws {InputError}
 */
export function objectiveRules(
  format: ObjectiveFormat,
  sources: readonly YamlSource[],
  options: ParseOptions,
): RuleGroup[] {
  const objectives =
    format === 'openSlo'
      ? openSloDocuments(sources, options)
      : sources.flatMap((source) => read(format, source, options));
  return objectives.flatMap((objective) => objectiveGroups(objective, sources[0].file));
}

function read(format: Exclude<ObjectiveFormat, 'openSlo'>, source: YamlSource, options: ParseOptions): Objective[] {
  switch (format) {
    case 'sloth':
      return slothFile(source, options);
    case 'slothObject':
      return slothSpec(within(source, ['spec']), options);
    case 'openSloAlpha':
      return openSloAlpha(source, options);
    case 'pyrra':
      return [pyrraObjective(source, options)];
  }
}
