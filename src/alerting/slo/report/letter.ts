import { createHash } from 'node:crypto';
import MarkdownIt from 'markdown-it';
import type { Letter } from '../../receivers/kind.ts';
import { reportCsv } from './csv.ts';
import type { ObjectiveFigures } from './figures.ts';
import { reportMarkdown } from './markdown.ts';
import type { Period } from './period.ts';

const markdown = new MarkdownIt({ html: false });

/** The report as a mail: Markdown as its text, the same as HTML, the figures as CSV beside it. */
export function reportLetter(figures: readonly ObjectiveFigures[], period: Period, externalUrl: string): Letter {
  const missed = figures.filter(({ spent }) => spent > 1).length;
  const text = reportMarkdown(figures, period);
  const digest = createHash('sha256').update(externalUrl).digest('hex').slice(0, 16);
  return {
    id: `objectives-${period.name}-${digest}`,
    subject: `Objectives in ${period.title}: ${missed === 0 ? 'all met' : `${missed} of ${figures.length} missed`}`,
    text,
    html: `<!doctype html><html lang="en"><head><meta charset="utf-8"></head><body style="font-family:system-ui,sans-serif">${markdown.render(text)}</body></html>`,
    attachments: [{ filename: `objectives-${period.name}.csv`, content: reportCsv(figures, period) }],
  };
}
