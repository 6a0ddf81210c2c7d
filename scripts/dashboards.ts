import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { kubernetesDashboard } from '../dashboards/kubernetes.ts';
import { nodeDashboard } from '../dashboards/node.ts';

// Writes dashboards/grafana/*.json from their TypeScript; with --check only says whether they are up to date.

const FOLDER = join('dashboards', 'grafana');
const dashboards = { kubernetes: kubernetesDashboard(), node: nodeDashboard() };

let stale = 0;
mkdirSync(FOLDER, { recursive: true });
for (const [name, dashboard] of Object.entries(dashboards)) {
  const path = join(FOLDER, `${name}.json`);
  const text = `${JSON.stringify(dashboard, null, 2)}\n`;
  if (!process.argv.includes('--check')) writeFileSync(path, text);
  else if (readFileSync(path, 'utf8') !== text) {
    stale++;
    console.error(`${path} is not what its TypeScript says: run npm run docs`);
  }
}
process.exit(stale === 0 ? 0 : 1);
