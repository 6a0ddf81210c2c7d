import { createHash } from 'node:crypto';
import { compileAnchored, type StringTest } from '../lib/text/match.ts';
import { z } from '../lib/schema/schema.ts';
import { Labels, isLegacyLabelName } from '../model/labels.ts';
import { compileGroups, expand } from './regex-groups.ts';

const RELABEL_ACTIONS = [
  'replace',
  'lowercase',
  'uppercase',
  'keep',
  'drop',
  'keepequal',
  'dropequal',
  'hashmod',
  'labelmap',
  'labeldrop',
  'labelkeep',
] as const;

type RelabelAction = (typeof RELABEL_ACTIONS)[number];

const NEEDS_TARGET: readonly RelabelAction[] = [
  'replace',
  'lowercase',
  'uppercase',
  'keepequal',
  'dropequal',
  'hashmod',
];

const DEFAULTS = { separator: ';', regex: '(.*)', replacement: '$1' };

type OptionalKey = 'source_labels' | 'separator' | 'regex' | 'modulus' | 'target_label' | 'replacement';

/** Keys that Prometheus refuses beside an action, where they would do nothing. */
const UNUSED: Readonly<Partial<Record<RelabelAction, readonly OptionalKey[]>>> = {
  labeldrop: ['source_labels', 'target_label', 'modulus', 'separator', 'replacement'],
  labelkeep: ['source_labels', 'target_label', 'modulus', 'separator', 'replacement'],
  keepequal: ['regex', 'modulus', 'separator', 'replacement'],
  dropequal: ['regex', 'modulus', 'separator', 'replacement'],
  lowercase: ['replacement'],
  uppercase: ['replacement'],
};

/** One step of `relabel_configs` or `metric_relabel_configs`, under Prometheus' keys and defaults. */
export const relabelSchema = z
  .strictObject({
    source_labels: z.array(z.string()).default([]).describe('Labels whose values are joined and matched.'),
    separator: z.string().default(DEFAULTS.separator).describe('Stands between the joined values.'),
    regex: z.string().default(DEFAULTS.regex).describe('RE2, matches the whole text.'),
    modulus: z.number().int().positive().optional().describe('For hashmod.'),
    target_label: z.string().optional().describe('Label that is written; `$1` and `${1}` stand for groups.'),
    replacement: z.string().default(DEFAULTS.replacement).describe('What is written.'),
    action: z
      .preprocess((value) => (typeof value === 'string' ? value.toLowerCase() : value), z.enum(RELABEL_ACTIONS))
      .default('replace')
      .describe('What is done with the match.'),
  })
  .superRefine((step, context) => {
    const complain = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    try {
      compileGroups(step.regex);
    } catch (error) {
      complain('regex', `expected a regular expression (RE2): ${(error as Error).message}`);
    }
    if (NEEDS_TARGET.includes(step.action) && !step.target_label)
      complain('target_label', `expected a label name, which action ${step.action} needs`);
    for (const key of UNUSED[step.action] ?? [])
      if (isSet(step, key)) complain(key, `expected none, which action ${step.action} does not use`);
    if (step.action === 'hashmod' && step.modulus === undefined)
      complain('modulus', 'expected a number above 0, which action hashmod needs');
  });

export type RelabelConfig = z.infer<typeof relabelSchema>;

/** Whether a key has another value than the one it has when it is not written. */
function isSet(step: Pick<RelabelConfig, OptionalKey>, key: OptionalKey): boolean {
  if (key === 'source_labels') return step.source_labels.length > 0;
  return step[key] !== (key in DEFAULTS ? DEFAULTS[key as keyof typeof DEFAULTS] : undefined);
}

type Working = Map<string, string>;
/** Changes the labels; false drops them. */
type Step = (labels: Working) => boolean;

/** The steps of one relabel list, compiled. The same object serves targets and series. */
export class Relabeler {
  readonly #configs: readonly RelabelConfig[];
  readonly #steps: readonly Step[];

  /** With `legacyNames`, a `replace` whose label name is not of letters, digits and `_` does nothing, as in Prometheus. */
  constructor(configs: readonly RelabelConfig[], legacyNames = false) {
    this.#configs = configs;
    this.#steps = configs.map((config) => compileStep(config, legacyNames));
  }

  get isEmpty(): boolean {
    return this.#steps.length === 0;
  }

  /** The labels after all steps, or the number of the step (from 0) that dropped them. */
  apply(labels: Labels): Labels | number {
    if (this.isEmpty) return labels;
    const working: Working = new Map(labels.entries());
    const dropped = this.#steps.findIndex((step) => !step(working));
    return dropped < 0 ? Labels.of(working) : dropped;
  }

  /** `step 2: drop of source_labels [__meta_x] by regex "y"`. */
  describe(step: number): string {
    const { action, source_labels: sources, regex, target_label: target } = this.#configs[step];
    const against = action.endsWith('equal') ? `label ${target}` : `regex ${JSON.stringify(regex)}`;
    return `relabel step ${step + 1}: ${action} [${sources.join(', ')}] by ${against}`;
  }
}

function compileStep(config: RelabelConfig, legacyNames: boolean): Step {
  const { separator, target_label: target = '' } = config;
  const sources = config.source_labels;
  const value = (labels: Working): string =>
    sources.length === 1
      ? (labels.get(sources[0]) ?? '')
      : sources.map((name) => labels.get(name) ?? '').join(separator);
  switch (config.action) {
    case 'replace':
      return replaceStep(config, value, legacyNames);
    case 'lowercase':
      return always((labels) => put(labels, target, value(labels).toLowerCase()));
    case 'uppercase':
      return always((labels) => put(labels, target, value(labels).toUpperCase()));
    case 'keep':
      return testStep(config, value, (matches) => matches);
    case 'drop':
      return testStep(config, value, (matches) => !matches);
    case 'keepequal':
      return (labels) => value(labels) === (labels.get(target) ?? '');
    case 'dropequal':
      return (labels) => value(labels) !== (labels.get(target) ?? '');
    case 'hashmod':
      return always((labels) => put(labels, target, hashModulo(value(labels), config.modulus ?? 1)));
    case 'labelmap':
      return mapStep(config);
    case 'labeldrop':
      return nameStep(compileAnchored(config.regex), false);
    case 'labelkeep':
      return nameStep(compileAnchored(config.regex), true);
  }
}

function always(change: (labels: Working) => void): Step {
  return (labels) => {
    change(labels);
    return true;
  };
}

function put(labels: Working, name: string, value: string): void {
  if (value === '') labels.delete(name);
  else labels.set(name, value);
}

function replaceStep(config: RelabelConfig, value: (labels: Working) => string, legacyNames: boolean): Step {
  const { target_label: target = '', replacement } = config;
  const groupsOf = compileGroups(config.regex);
  return always((labels) => {
    const groups = groupsOf(value(labels));
    if (groups === undefined) return;
    const name = expand(target, groups);
    if (name === '' || (legacyNames && !isLegacyLabelName(name))) return;
    put(labels, name, expand(replacement, groups));
  });
}

function testStep(
  config: RelabelConfig,
  value: (labels: Working) => string,
  verdict: (matches: boolean) => boolean,
): Step {
  const test = compileAnchored(config.regex);
  return (labels) => verdict(test(value(labels)));
}

function mapStep(config: RelabelConfig): Step {
  const groupsOf = compileGroups(config.regex);
  return always((labels) => {
    const before = [...labels];
    for (const [name, value] of before) {
      const groups = groupsOf(name);
      if (groups !== undefined) put(labels, expand(config.replacement, groups), value);
    }
  });
}

function nameStep(test: StringTest, keep: boolean): Step {
  return always((labels) => {
    for (const name of labels.keys()) if (test(name) !== keep) labels.delete(name);
  });
}

/** The low 8 bytes of the MD5, big-endian, modulo: as Prometheus shards, so that shards of both agree. */
function hashModulo(text: string, modulus: number): string {
  const digest = createHash('md5').update(text).digest();
  return String(digest.readBigUInt64BE(8) % BigInt(modulus));
}
