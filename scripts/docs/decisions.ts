import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = join(import.meta.dirname, '..', '..', 'docs', 'decisions');

/** The text of `docs/decisions/README.md`, from the records beside it. @throws {Error} that names a record without one of its parts. */
export function decisionsPage(): string {
  const records = readdirSync(FOLDER)
    .filter((file) => file.endsWith('.md') && file !== 'README.md')
    .map((file) => readRecord(file, readFileSync(join(FOLDER, file), 'utf8')))
    .sort((a, b) => b.date.localeCompare(a.date) || a.file.localeCompare(b.file));
  const rows = records.map(
    ({ file, date, status, title, reason, price }) =>
      `| ${date} | [${title}](${file}) | ${status} | ${reason} | ${price} |`,
  );
  return [
    '# Decisions',
    '',
    '<!-- Written by `npm run docs` from the records in this folder. Change them, not this page. -->',
    '',
    'One record for each decision with a price. A record begins with its title, date and status, then says what was decided, the reason, and the price.',
    'The table has the first sentence of the last two.',
    '',
    '| date | decision | status | reason | price |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}

function readRecord(file: string, text: string) {
  const part = (name: string, pattern: RegExp): string => {
    const found = pattern.exec(text)?.[1];
    if (found === undefined) throw new Error(`docs/decisions/${file} lacks its ${name}: ${pattern.source}`);
    return found.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|');
  };
  part('decision', /^\*\*Decision\.\*\*\s+(\S)/m);
  return {
    file,
    title: part('title', /^# (.+)/),
    date: part('date', /^- Date: (\d{4}-\d{2}-\d{2})$/m),
    status: part('status', /^- Status: (.+)$/m),
    reason: part('reason', /^\*\*Reason\.\*\*\s+([\s\S]+?\.)(?:\s|$)/m),
    price: part('price', /^\*\*Price\.\*\*\s+([\s\S]+?\.)(?:\s|$)/m),
  };
}
