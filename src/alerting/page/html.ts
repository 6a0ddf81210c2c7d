import { escapeHtml } from '../template/builtins.ts';
import type { Page, PageAlert } from './page.ts';
import { isWebUrl } from './web-url.ts';

/** Styles stand on the elements: mail readers drop style sheets. */
const STYLE = {
  body: 'margin:0;padding:16px;font:15px/1.5 system-ui,-apple-system,Segoe UI,sans-serif;color:#1a1a1a;background:#ffffff',
  lead: 'margin:0 0 4px;font-size:20px;line-height:1.3',
  muted: 'color:#5c5c5c',
  cell: 'padding:4px 24px 4px 0;text-align:left;vertical-align:top',
  action:
    'display:inline-block;padding:8px 16px;background:#0b57d0;color:#ffffff;text-decoration:none;border-radius:4px',
  playbook: 'margin:16px 0;padding:8px 16px;border-left:4px solid #0b57d0;background:#f5f7fa',
};

/** The page as one HTML document without scripts, images or outside style. Every text is escaped. */
export function renderHtml(page: Page): string {
  return [
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(page.subject)}</title></head>`,
    `<body style="${STYLE.body}">`,
    `<h1 style="${STYLE.lead}">${escapeHtml(page.lead)}</h1>${paragraph(page.burn)}<p style="${STYLE.muted}">${escapeHtml([page.since, page.counts].filter((line) => line !== '').join(' '))}</p>${paragraph(page.unheard)}`,
    renderFields(page),
    renderAction(page),
    ...page.alerts.map((alert) => renderAlert(alert, page)),
    page.more > 0 ? `<p>… and ${page.more} more</p>` : '',
    page.playbook === undefined ? '' : `<div style="${STYLE.playbook}">${page.playbook.html}</div>`,
    `<p>${page.links.map(({ text, url }) => link(url, text)).join(' · ')}</p>`,
    `<p style="${STYLE.muted}">Why am I paged? Receiver ${escapeHtml(page.receiver)}, ${escapeHtml(page.reason)}.</p>`,
    '</body></html>',
  ].join('\n');
}

function paragraph(text: string): string {
  return text === '' ? '' : `<p style="margin:0 0 4px">${escapeHtml(text)}</p>`;
}

function renderFields(page: Page): string {
  const cluster =
    page.cluster === ''
      ? ''
      : `<td style="${STYLE.cell}"><span style="${STYLE.muted}">cluster</span><br><b>${escapeHtml(page.cluster)}</b></td>`;
  const cells = (['owner', 'region', 'datacenter', 'affected'] as const).map((field) => {
    const from = page.provenance[field];
    const title = from === undefined ? '' : ` title="${escapeHtml(from)}"`;
    return `<td style="${STYLE.cell}"${title}><span style="${STYLE.muted}">${field}</span><br><b>${escapeHtml(page.fields[field] || 'unknown')}</b></td>`;
  });
  return `<table role="presentation"><tr>${cells.join('')}${cluster}</tr></table>`;
}

function renderAction(page: Page): string {
  const { playbook } = page.fields;
  if (isWebUrl(playbook)) return `<p><a style="${STYLE.action}" href="${escapeHtml(playbook)}">What to do</a></p>`;
  return `<p><b>What to do</b> ${playbook === '' ? 'no playbook yet' : escapeHtml(playbook)}</p>`;
}

function renderAlert(alert: PageAlert, { fields, alerts }: Page): string {
  const rows = [...alert.labels.entries()].map(
    ([name, value]) =>
      `<tr><td style="${STYLE.cell};${STYLE.muted}">${escapeHtml(name)}</td><td style="${STYLE.cell}">${escapeHtml(value)}</td></tr>`,
  );
  const value = alert.value === '' ? '' : ` · value ${escapeHtml(alert.value)}`;
  const description =
    alert.description === '' ? '' : `<p>${escapeHtml(alert.description).replaceAll('\n', '<br>')}</p>`;
  return [
    `<h2 style="font-size:16px;margin:16px 0 0">${alert.status === 'firing' ? 'Firing' : 'Resolved'}: ${escapeHtml(alert.name)}${value}</h2>`,
    `<p style="margin:0">${escapeHtml(alert.summary)} <span style="${STYLE.muted}">${escapeHtml(alert.since)}</span></p>${alerts.length > 1 ? paragraph(alert.burn) : ''}${description}`,
    ownFields(alert, fields),
    `<table role="presentation">${rows.join('')}</table>`,
  ].join('\n');
}

/** Owner and playbook of an alert where they are not those of the alert that leads. */
function ownFields({ fields: { owner, playbook } }: PageAlert, lead: Page['fields']): string {
  const parts = [
    owner === lead.owner ? '' : `owner <b>${escapeHtml(owner || 'unknown')}</b>`,
    playbook === lead.playbook
      ? ''
      : isWebUrl(playbook)
        ? link(playbook, 'What to do')
        : `what to do: ${escapeHtml(playbook || 'no playbook')}`,
  ].filter((part) => part !== '');
  return parts.length === 0 ? '' : `<p style="margin:0">${parts.join(' · ')}</p>`;
}

function link(url: string, text: string): string {
  return `<a href="${escapeHtml(url)}">${escapeHtml(text)}</a>`;
}
