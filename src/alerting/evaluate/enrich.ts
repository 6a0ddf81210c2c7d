import type { PageFields, Provenance } from '../../model/alert.ts';
import type { Labels } from '../../model/labels.ts';

type Field = keyof PageFields;

/** What stands in for a field that neither the rule nor the target names. */
export interface FieldDefaults {
  readonly owner: string;
  readonly region: string;
  readonly datacenter: string;
  readonly affected: string;
  /** `https://crowsnest.example.org`, under which playbooks are served. */
  readonly externalUrl: string;
}

export interface EnrichInput {
  readonly alertname: string;
  /** Of the alert, after templating: the target's labels with the rule's over them. */
  readonly labels: Labels;
  readonly annotations: Readonly<Record<string, string>>;
  /** The names of the labels that the rule itself sets. */
  readonly ruleLabels: Readonly<Record<string, string>>;
  readonly hasPlaybook: (name: string) => boolean;
}

/** The names under which the ecosystem writes each field: as an annotation, and as a label. The first that is set wins. */
const NAMES: Readonly<Record<Field, { readonly annotations: readonly string[]; readonly labels: readonly string[] }>> =
  {
    playbook: {
      annotations: ['playbook', 'playbook_url', 'runbook_url', 'runbook'],
      labels: ['playbook', 'runbook_url'],
    },
    owner: { annotations: ['owner', 'team'], labels: ['owner', 'team'] },
    region: {
      annotations: ['region'],
      labels: ['region', 'topology_kubernetes_io_region', 'label_topology_kubernetes_io_region'],
    },
    datacenter: {
      annotations: ['datacenter'],
      labels: ['datacenter', 'dc', 'zone', 'topology_kubernetes_io_zone', 'label_topology_kubernetes_io_zone'],
    },
    affected: {
      annotations: ['affected', 'affected_system'],
      labels: [
        'affected',
        'service',
        'sloth_service',
        'deployment',
        'statefulset',
        'daemonset',
        'pod',
        'instance',
        'node',
        'namespace',
        'job',
      ],
    },
  };

const FIELDS: readonly Field[] = ['playbook', 'owner', 'region', 'datacenter', 'affected'];

/**
 * The five fields of a page: from the rule's annotations and labels, then from the target's labels, then from
 * configuration. Beside each stands where it came from.
 */
export function enrich(input: EnrichInput, defaults: FieldDefaults): { fields: PageFields; provenance: Provenance } {
  const fields: Record<Field, string> = { playbook: '', owner: '', region: '', datacenter: '', affected: '' };
  const provenance: Partial<Record<Field, string>> = {};
  for (const field of FIELDS) {
    const found = fromAnnotations(field, input) ?? fromLabels(field, input) ?? fromDefaults(field, input, defaults);
    if (found === undefined) continue;
    fields[field] = field === 'playbook' ? playbookUrl(found.value, input, defaults) : found.value;
    provenance[field] = found.from;
  }
  return { fields, provenance };
}

/** The provenance of a default. */
export const FROM_CONFIGURATION = 'configuration';

/** The provenance of a field that a label of the target filled. */
export function fromTarget(label: string): string {
  return `label ${label} of the target`;
}

interface Found {
  readonly value: string;
  readonly from: string;
}

function fromAnnotations(field: Field, { annotations }: EnrichInput): Found | undefined {
  const name = NAMES[field].annotations.find((candidate) => annotations[candidate]);
  return name === undefined ? undefined : { value: annotations[name], from: `annotation ${name} of the rule` };
}

function fromLabels(field: Field, { labels, ruleLabels }: EnrichInput): Found | undefined {
  const names = NAMES[field].labels;
  const name =
    names.find((candidate) => ruleLabels[candidate] && labels.has(candidate)) ??
    names.find((candidate) => labels.has(candidate));
  if (name === undefined) return undefined;
  return { value: labels.get(name), from: ruleLabels[name] ? `label ${name} of the rule` : fromTarget(name) };
}

function fromDefaults(field: Field, input: EnrichInput, defaults: FieldDefaults): Found | undefined {
  if (field !== 'playbook') {
    return defaults[field] === '' ? undefined : { value: defaults[field], from: FROM_CONFIGURATION };
  }
  if (!input.hasPlaybook(input.alertname)) return undefined;
  return { value: pageUrl(input.alertname, defaults), from: `playbook page ${input.alertname}` };
}

/** A playbook that is named and not linked (`NAME`, `NAME.md`, `../playbooks/NAME.md`) is the page of that name here. */
function playbookUrl(text: string, { hasPlaybook }: EnrichInput, defaults: FieldDefaults): string {
  if (/^\w+:/.test(text)) return text;
  const name = (text.split('/').at(-1) ?? '').replace(/\.md$/, '');
  return hasPlaybook(name) ? pageUrl(name, defaults) : text;
}

function pageUrl(name: string, { externalUrl }: FieldDefaults): string {
  return `${externalUrl.replace(/\/$/, '')}/playbooks/${encodeURIComponent(name)}`;
}
