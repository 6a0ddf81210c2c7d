import { configSchema } from '../../src/app/config.ts';
import { z } from '../../src/lib/schema/schema.ts';

interface JsonSchema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
  readonly additionalProperties?: JsonSchema | boolean;
  readonly not?: unknown;
}

/** The text of `docs/configuration.md`, from the schemas. */
export function configurationPage(): string {
  const schema = z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
  const lines = [
    '# Configuration',
    '',
    '<!-- Written by `npm run docs` from the schemas in `src/*/config.ts`. Change them, not this page. -->',
    '',
    'One YAML file for a whole installation, given by `--config FILE`, else `crowsnest.yaml` in the folder of the call; every key is optional. `crowsnest config init` writes an example, `crowsnest check` validates a file, `crowsnest config show` prints it with all defaults.',
    '`${NAME}` stands for an environment variable, `$$` for a dollar sign. Secrets are best kept in files of their own (`*_file`), which are read when they are used.',
    'Durations are written as in Prometheus (`30s`, `1h30m`), sizes as `512MB` or `5GB`, both in powers of 1024.',
    '',
  ];
  const scalars = Object.entries(schema.properties ?? {}).filter(([, property]) => sectionOf(property) === undefined);
  lines.push(...table(Object.fromEntries(scalars), ''), '');
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const section = sectionOf(property);
    if (section === undefined) continue;
    lines.push(`## \`${name}\``, '');
    if (property.description !== undefined) lines.push(property.description, '');
    lines.push(...table(section, ''), '');
  }
  return lines.join('\n');
}

/** The keys of a section, its lists' entries and its nested sections one after the other. */
function table(properties: Readonly<Record<string, JsonSchema>>, prefix: string): string[] {
  return ['| key | default | meaning |', '| --- | --- | --- |', ...rows(properties, prefix)];
}

function rows(properties: Readonly<Record<string, JsonSchema>>, prefix: string): string[] {
  const yet: string[] = [];
  const lines = Object.entries(properties).flatMap(([name, property]) => {
    const path = `${prefix}${name}`;
    if (property.description === 'Not supported yet.') {
      yet.push(`\`${name}\``);
      return [];
    }
    const own = `| \`${path}\` | ${defaultOf(property)} | ${escape(meaning(property))} |`;
    const nested = sectionOf(property);
    if (nested !== undefined)
      return [...(property.description === undefined ? [] : [own]), ...rows(nested, `${path}.`)];
    const entry = entryOf(property);
    return entry === undefined ? [own] : [own, ...rows(entry, `${path}[].`)];
  });
  if (yet.length > 0)
    lines.push(`| | | Keys of Prometheus that are not supported yet and are refused by name: ${yet.join(', ')}. |`);
  return lines;
}

/** The properties of an object, or of the object among alternatives. */
function sectionOf(schema: JsonSchema): Readonly<Record<string, JsonSchema>> | undefined {
  if (schema.properties !== undefined) return schema.properties;
  return [...(schema.allOf ?? [])].map(sectionOf).find((found) => found !== undefined);
}

function entryOf(schema: JsonSchema): Readonly<Record<string, JsonSchema>> | undefined {
  const { items } = schema;
  if (items === undefined) return undefined;
  return [items, ...(items.anyOf ?? [])].map(sectionOf).find((found) => found !== undefined);
}

function meaning(schema: JsonSchema): string {
  const choices = choicesOf(schema);
  const text = schema.description ?? '';
  return choices.length === 0
    ? text
    : `${text}${text === '' ? '' : ' '}One of ${choices.map((choice) => `\`${String(choice)}\``).join(', ')}.`;
}

function choicesOf(schema: JsonSchema): readonly unknown[] {
  if (schema.enum !== undefined) return schema.enum;
  return (schema.anyOf ?? []).flatMap((one) => one.enum ?? []);
}

function defaultOf(schema: JsonSchema): string {
  const value = schema.default;
  if (value === undefined || sectionOf(schema) !== undefined) return '';
  if (typeof value === 'string') return value === '' ? '""' : `\`${value}\``;
  return `\`${JSON.stringify(value)}\``;
}

function escape(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
