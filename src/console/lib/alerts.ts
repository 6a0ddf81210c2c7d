import type { ActiveAlert, PagedAlert, Rule, RuleGroup } from './api.ts';
import { parseTime } from './time.tsx';

/** An alert with the rule it came from and, where alerting enriched it, its page. */
export interface Incident {
  readonly rule: Rule;
  readonly group: RuleGroup;
  readonly alert: ActiveAlert;
  readonly page: PagedAlert | undefined;
  readonly since: number;
}

/** What is firing and pending, the gravest and longest first. */
export function incidentsOf(groups: readonly RuleGroup[], pages: readonly PagedAlert[]): Incident[] {
  const byLabels = new Map(pages.map((page) => [labelKey(page.ruleLabels ?? page.labels), page]));
  const incidents = groups.flatMap((group) =>
    group.rules.flatMap((rule) =>
      (rule.alerts ?? []).map((alert) => ({
        rule,
        group,
        alert,
        page: byLabels.get(labelKey(alert.labels)),
        since: parseTime(alert.activeAt),
      })),
    ),
  );
  return incidents.sort((a, b) => weight(a) - weight(b) || a.since - b.since);
}

function labelKey(labels: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
}

const SEVERITIES = ['page', 'critical', 'ticket', 'warning', 'info'];

function weight({ alert }: Incident): number {
  const rank = SEVERITIES.indexOf(alert.labels.severity ?? '');
  return (alert.state === 'firing' ? 0 : 100) + (rank < 0 ? SEVERITIES.length : rank);
}

export function isUrgent(severity: string | undefined): boolean {
  return severity === 'page' || severity === 'critical';
}

/** What hurts, in one sentence: the annotation that says so, or the rule's name. */
export function sentenceOf({ alert, rule }: Incident): string {
  return alert.annotations.summary ?? alert.annotations.message ?? alert.annotations.description ?? rule.name;
}

export function playbookOf({ alert, page }: Incident): string {
  return page?.fields.playbook ?? alert.annotations.runbook_url ?? alert.annotations.playbook ?? '';
}

/** The page of an alert; without enrichment it is named by its rule. */
export function hrefOf({ page, rule }: Incident): string {
  return `/alerts/${encodeURIComponent(page?.fingerprint ?? rule.name)}`;
}
