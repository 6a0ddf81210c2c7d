import type { Alert, Notification, PageFields, Provenance } from '../../model/alert.ts';
import type { Labels } from '../../model/labels.ts';
import type { Playbook } from '../playbooks.ts';
import type { NotificationTemplates } from '../receivers/templates.ts';
import { isResolved } from '../dispatch/dedup.ts';
import { isWebUrl } from './web-url.ts';
import { type Burns, burnWords } from './burn.ts';
import { cutText, formatSpan, humanValue, withoutControls } from './words.ts';

/** What somebody who is woken needs to see, before it becomes text or HTML. */
export interface Page {
  readonly subject: string;
  /** One sentence on what is wrong. */
  readonly lead: string;
  readonly since: string;
  /** Of an objective: how fast its budget is spent, and when it is gone; '' for other alerts. */
  readonly burn: string;
  /** Said where a receiver hears of an end and may not have heard of the start; '' elsewhere. */
  readonly unheard: string;
  /** `2 firing, 1 resolved`; '' for a single alert. */
  readonly counts: string;
  /** '' where the alert has no such label. */
  readonly cluster: string;
  /** Of the alert that leads: the worst that fires. */
  readonly fields: PageFields;
  readonly provenance: Provenance;
  readonly playbook: Playbook | undefined;
  readonly alerts: readonly PageAlert[];
  /** Alerts left out because there are too many. */
  readonly more: number;
  readonly links: readonly { readonly text: string; readonly url: string }[];
  readonly receiver: string;
  readonly reason: string;
}

export interface PageAlert {
  readonly status: 'firing' | 'resolved';
  readonly name: string;
  readonly summary: string;
  readonly description: string;
  readonly value: string;
  readonly since: string;
  readonly burn: string;
  readonly labels: Labels;
  readonly fields: PageFields;
}

export interface PageContext {
  readonly externalUrl: string;
  readonly playbook: (alertname: string) => Playbook | undefined;
  readonly templates: NotificationTemplates;
  readonly burns?: Burns;
  /** Whether a delivery that said that the alert fires was confirmed; absent: not known. */
  readonly heard?: (fingerprint: string) => boolean;
  /** Milliseconds. */
  readonly now: number;
}

const MAX_ALERTS = 50;
const MAX_SUBJECT = 200;

export function buildPage(notification: Notification, context: PageContext): Page {
  const shown = notification.alerts.toSorted(
    (a, b) => rankOf(a, notification.createdAt) - rankOf(b, notification.createdAt),
  );
  const firing = shown.filter((alert) => !isResolved(alert, notification.createdAt)).length;
  const [first] = shown;
  const name = first.labels.get('alertname');
  const toPage = (alert: Alert) => toPageAlert(alert, notification.createdAt, context);
  const page = toPage(first);
  return {
    subject: subjectOf(notification, page, shown.length),
    lead: page.summary,
    since: page.since,
    burn: page.burn,
    unheard: unheardWords(shown, context, notification.createdAt),
    counts: countsOf(firing, shown.length - firing),
    cluster: first.labels.get('cluster'),
    fields: first.fields,
    provenance: first.provenance,
    playbook: context.playbook(name),
    alerts: shown.slice(0, MAX_ALERTS).map(toPage),
    more: Math.max(0, shown.length - MAX_ALERTS),
    links: linksOf(first, context.externalUrl),
    receiver: notification.receiver,
    reason: notification.reason,
  };
}

/** `[PAGE] checkout answers slowly (+2 more)`; a line break in a label cannot add a header. */
function subjectOf(notification: Notification, first: PageAlert, count: number): string {
  const severity = first.labels.get('severity');
  const mark =
    notification.status === 'resolved'
      ? 'RESOLVED'
      : ({ page: 'PAGE', critical: 'PAGE', ticket: 'TICKET', warning: 'WARNING', info: 'INFO' }[severity] ?? 'ALERT');
  const more = count > 1 ? ` (+${count - 1} more)` : '';
  const subject = withoutControls(`[${mark}] ${first.summary}`.replaceAll(/\s+/g, ' '));
  return cutText(subject, MAX_SUBJECT - more.length) + more;
}

const SEVERITIES = ['page', 'critical', 'ticket', 'error', 'warning', 'info', 'none'];

/** The gravest that fires comes first; what is resolved comes last. */
function rankOf(alert: Alert, at: number): number {
  const rank = SEVERITIES.indexOf(alert.labels.get('severity'));
  return (isResolved(alert, at) ? 100 : 0) + (rank < 0 ? SEVERITIES.indexOf('warning') : rank);
}

function countsOf(firing: number, resolved: number): string {
  if (firing + resolved < 2) return '';
  return [firing > 0 ? `${firing} firing` : '', resolved > 0 ? `${resolved} resolved` : ''].filter(Boolean).join(', ');
}

function toPageAlert(alert: Alert, at: number, { burns }: PageContext): PageAlert {
  const { annotations, labels, fields } = alert;
  const name = labels.get('alertname');
  const resolved = isResolved(alert, at);
  const start = formatTime(alert.startsAt);
  const burn = resolved ? undefined : burns?.get(alert.fingerprint);
  return {
    status: resolved ? 'resolved' : 'firing',
    name,
    summary:
      annotations.summary ||
      annotations.title ||
      annotations.message ||
      (fields.affected === '' ? name : `${name}: ${fields.affected}`),
    description: annotations.description ?? '',
    value: humanValue(alert.value),
    since: resolved
      ? `From ${start} to ${formatTime(alert.endsAt)} (${formatSpan(alert.endsAt - alert.startsAt)}).`
      : `Since ${start} (${formatSpan(at - alert.startsAt)}).`,
    burn: burn === undefined ? '' : burnWords(burn),
    labels: labels.without('alertname'),
    fields,
  };
}

/** A RESOLVED that comes out of the blue is explained. */
function unheardWords(alerts: readonly Alert[], { heard }: PageContext, at: number): string {
  const resolved = alerts.filter((alert) => isResolved(alert, at));
  const unheard = heard === undefined ? [] : resolved.filter(({ fingerprint }) => !heard(fingerprint));
  if (unheard.length === 0) return '';
  if (alerts.length === 1) return 'That it was firing may not have reached you: no delivery of it was confirmed.';
  const names = [...new Set(unheard.map(({ labels }) => labels.get('alertname')))].slice(0, 5).join(', ');
  return `That ${names} was firing may not have reached you: no delivery of it was confirmed.`;
}

function linksOf(alert: Alert, externalUrl: string): Page['links'] {
  const links = [
    { text: 'Query', url: alert.generatorURL },
    { text: 'Alert', url: `${externalUrl}/alerts/${alert.fingerprint}` },
  ];
  const { dashboard_url: dashboard } = alert.annotations;
  if (isWebUrl(dashboard)) links.unshift({ text: 'Dashboard', url: dashboard });
  return links.filter((link) => isWebUrl(link.url));
}

/** `2026-11-21 13:05 UTC` */
function formatTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
