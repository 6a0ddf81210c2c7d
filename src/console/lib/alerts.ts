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

function weight({ alert }: Incident): number {
  const rank = SEVERITIES.indexOf(alert.labels.severity ?? '');
  return (alert.state === 'firing' ? 0 : 100) + (rank < 0 ? SEVERITIES.length : rank);
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

/** Whether an incident has a word in its labels, its sentence or its owner. */
export function textOf({ alert, rule, page }: Incident): string {
  const labels = Object.entries(alert.labels).map(([name, value]) => `${name}=${value.slice(0, 500)}`);
  const sentence = sentenceOf(alert.annotations, rule.name).slice(0, 2000);
  return [...labels, sentence, page?.fields.owner ?? '', rule.name].join(' ').toLowerCase();
}

export function hrefOf({ fingerprint }: Pick<Incident, 'fingerprint'>): string {
  return `/alerts/${fingerprint}`;
}
