import type { PageFields } from '../../model/alert.ts';
import type { Page, PageAlert } from './page.ts';
import { withoutControls } from './words.ts';

/** The page as plain text, for mail readers without HTML. */
export function renderText(page: Page): string {
  const sections = [
    [page.lead, page.burn, page.since, page.counts, page.unheard].filter((line) => line !== '').join('\n'),
    fieldLine(page.fields, page.cluster),
    `What to do  ${page.fields.playbook || 'no playbook: write playbooks/<alert>.md or set the annotation runbook_url'}`,
    page.alerts.map((alert) => renderAlert(alert, page)).join('\n') +
      (page.more > 0 ? `\n… and ${page.more} more` : ''),
    page.playbook === undefined ? '' : `--- playbook ---\n${page.playbook.source.trim()}\n----------------`,
    page.links.map(({ text, url }) => `${text}  ${url}`).join('\n'),
    `Why am I paged?  receiver ${page.receiver}, ${page.reason}${provenanceLine(page)}`,
  ];
  return withoutControls(`${sections.filter((section) => section !== '').join('\n\n')}\n`);
}

/** For the terminal: the subject is the first line, and is not said twice. */
export function renderForTerminal(page: Page): string {
  const text = renderText(page);
  const repeated = page.subject.endsWith(`] ${page.lead}`) && text.startsWith(`${page.lead}\n`);
  return `${page.subject}\n${repeated ? text.slice(page.lead.length + 1) : text}`;
}

/** `Owner maya   region eu-west-1   datacenter dub2   affected checkout`; what nothing names reads `unknown`. */
export function fieldLine(fields: PageFields, cluster = ''): string {
  const { owner, region, datacenter, affected } = fields;
  return Object.entries({ Owner: owner, region, datacenter, affected, ...(cluster === '' ? {} : { cluster }) })
    .map(([name, value]) => `${name} ${value || 'unknown'}`)
    .join('   ');
}

function renderAlert(alert: PageAlert, { lead, alerts, fields }: Page): string {
  const head = `${alert.status === 'firing' ? 'FIRING' : 'RESOLVED'}  ${alert.name}${alert.labels.size > 0 ? alert.labels.toString() : ''}`;
  const lines = [alert.value === '' ? head : `${head}  value ${alert.value}`];
  // Of a single alert the head of the page says the same.
  if (alerts.length > 1 || alert.summary !== lead)
    lines.push(...[alert.summary, alert.burn, alert.since].filter((line) => line !== '').map((line) => `  ${line}`));
  if (alert.fields.owner !== fields.owner) lines.push(`  Owner ${alert.fields.owner || 'unknown'}`);
  if (alert.fields.playbook !== fields.playbook) lines.push(`  What to do  ${alert.fields.playbook || 'no playbook'}`);
  if (alert.description !== '')
    lines.push(
      ...alert.description
        .trim()
        .split('\n')
        .map((line) => `  ${line}`),
    );
  return lines.join('\n');
}

function provenanceLine(page: Page): string {
  const parts = Object.entries(page.provenance).map(([field, from]) => `${field}: ${from}`);
  return parts.length === 0 ? '' : ` (${parts.join('; ')})`;
}
