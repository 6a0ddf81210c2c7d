import { readFileSync, writeFileSync } from 'node:fs';
import { configurationPage } from './docs/configuration.ts';
import { decisionsPage } from './docs/decisions.ts';
import { metricsPage } from './docs/metrics.ts';
import { routesPage } from './docs/routes.ts';

// Writes the pages of docs/ that are made from the code; with --check only says whether they are up to date.

const PAGES: Readonly<Record<string, () => string | Promise<string>>> = {
  'docs/configuration.md': configurationPage,
  'docs/decisions/README.md': decisionsPage,
  'docs/metrics.md': metricsPage,
  'docs/routes.md': routesPage,
};

let isStale = false;
for (const [file, render] of Object.entries(PAGES)) {
  const text = await render();
  if (!process.argv.includes('--check')) {
    writeFileSync(file, text);
    console.log(`wrote ${file}`);
  } else if (read(file) === text) {
    console.log(`${file} is up to date`);
  } else {
    console.error(`${file} is not what the code says: run npm run docs`);
    isStale = true;
  }
}
if (isStale) process.exit(1);

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
