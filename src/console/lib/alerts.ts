import type { ActiveAlert, PagedAlert, Rule, RuleGroup } from './api.ts';
import { fingerprintOf } from './fingerprint.ts';
import { parseTime } from './time.tsx';

/** An alert with the rule it came from and, where alerting enriched it, its page. */
export interface Incident {
  readonly rule: Rule;
  readonly group: RuleGroup;
  readonly alert: ActiveAlert;
  readonly page: PagedAlert | undefined;
  readonly fingerprint: string;
  readonly since: number;
}

/** What is firing and pending, the gravest and longest first. */
export function incidentsOf(groups: readonly RuleGroup[], pages: readonly PagedAlert[]): Incident[] {
  // By what the labels make it, as the console knows an alert from the rules alone.
  const byFingerprint = new Map(pages.map((page) => [fingerprintOf(page.ruleLabels ?? page.labels), page]));
  const incidents = groups.flatMap((group) =>
    group.rules.flatMap((rule) =>
      (rule.alerts ?? []).map((alert) => {
        const own = fingerprintOf(alert.labels);
        const page = byFingerprint.get(own);
        return {
          rule,
          group,
          alert,
          page,
          fingerprint: page?.fingerprint ?? own,
          since: parseTime(alert.activeAt),
        };
      }),
    ),
  );
  return incidents.sort((a, b) => weight(a) - weight(b) || a.since - b.since);
}

const SEVERITIES = ['page', 'critical', 'ticket', 'warning', 'info'];

function weight({ alert, page }: Incident): number {
  const rank = SEVERITIES.indexOf(alert.labels.severity ?? '');
  return (alert.state !== 'firing' ? 200 : page?.muted !== undefined ? 100 : 0) + (rank < 0 ? SEVERITIES.length : rank);
}

/** The shape and word of an incident: its severity while it fires, else why it notifies no one. */
export function stateOf({ alert, page }: Pick<Incident, 'alert' | 'page'>): {
  grade: 'bad' | 'warn' | 'off';
  word: string;
} {
  if (alert.state === 'pending') return { grade: 'off', word: 'pending' };
  if (page?.muted !== undefined) return { grade: 'off', word: page.muted };
  const { severity } = alert.labels;
  return { grade: isUrgent(severity) ? 'bad' : 'warn', word: severity ?? 'firing' };
}

export function isUrgent(severity: string | undefined): boolean {
  return severity === 'page' || severity === 'critical';
}

type Annotations = Readonly<Record<string, string>>;

/** What hurts, in one sentence: the annotation that says so, or the rule's name. */
export function sentenceOf(annotations: Annotations, name: string): string {
  return annotations.summary ?? annotations.message ?? annotations.description ?? name;
}

/** The link or name of an alert's playbook; the page named after the alert where nothing else is named. */
export function playbookOf(annotations: Annotations, name: string, fields?: { readonly playbook: string }): string {
  const given = [fields?.playbook, annotations.runbook_url, annotations.playbook_url, annotations.playbook];
  return given.find((link) => link !== undefined && link !== '') ?? name;
}

/** Whether an alert has a playbook, as far as is known: without its page, one may be named after it. */
export function hasPlaybook({ alert, page }: Pick<Incident, 'alert' | 'page'>): boolean {
  return page === undefined || playbookOf(alert.annotations, '', page.fields) !== '';
}

/** Whether an incident has a word in its labels, its sentence or its owner. */
export function textOf({ alert, rule, page }: Incident): string {
  const labels = Object.entries(alert.labels).map(([name, value]) => `${name}=${value.slice(0, 500)}`);
  const sentence = sentenceOf(alert.annotations, rule.name).slice(0, 2000);
  return [...labels, sentence, page?.fields.owner ?? '', rule.name, page?.muted ?? ''].join(' ').toLowerCase();
}

export function hrefOf({ fingerprint }: Pick<Incident, 'fingerprint'>): string {
  return `/alerts/${fingerprint}`;
}
