import { decodeText } from '../../lib/text/decode-text.ts';
import { type Complaint, parseYaml, type YamlSource } from '../../lib/schema/yaml.ts';
import { validate, z } from '../../lib/schema/schema.ts';
import type { TargetGroup, TargetLabels } from './kind.ts';
import { type StaticConfig, staticConfigSchema } from './static/config.ts';

const groupsSchema = z.array(staticConfigSchema);

/**
 * Target groups as Prometheus' files and HTTP endpoints list them: `[{"targets": ["h:1"], "labels": {…}}, …]`.
 * @throws {InputError} naming file, line and path of what is wrong
 */
export function parseGroups(bytes: Buffer, file: string): StaticConfig[] {
  const text = decodeText(bytes, file);
  return jsonGroups(text) ?? validate(asList(parseYaml(text, file)), groupsSchema);
}

/** JSON is YAML; this is fifty times as fast, and without places for complaints. */
function jsonGroups(text: string): StaticConfig[] | undefined {
  try {
    return groupsSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

function asList(source: YamlSource): YamlSource {
  return source.value === null ? { ...source, value: [] } : source;
}

/** `source` numbers the groups, `meta` are labels that say where they were found. */
export function toGroups(groups: readonly StaticConfig[], source: string, meta: TargetLabels): TargetGroup[] {
  return groups.map(({ targets, labels }, i) => ({
    source: `${source}:${i}`,
    targets: targets.map((address) => ({ __address__: address })),
    labels: { ...labels, ...meta },
  }));
}

export function about(file: string, message: string): Complaint {
  return { file, line: 0, column: 0, path: '', message };
}
