import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { registry } from '../../src/lib/metrics.ts';
import { SRC, files, reach } from '../imports.ts';

/** The ways to run that answer `/metrics`, each with its entry point. */
const PROCESSES = ['agent', 'alerts', 'server', 'up', 'cluster'] as const;

interface Declared {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly labels: readonly string[];
  /** The file of `src` that declares it. */
  readonly file: string;
}

/** The text of `docs/metrics.md`, from what the modules declare. */
export async function metricsPage(): Promise<string> {
  const declared = await declaredMetrics();
  const loaded = new Map(PROCESSES.map((name) => [name, reach(join(SRC, 'app', `${name}.ts`)).files]));
  const lines = [
    '# Metrics of crowsnest itself',
    '',
    '<!-- Written by `npm run docs` from what the modules declare. Change their `metrics.ts`, not this page. -->',
    '',
    'Every process answers `/metrics` with these, and scrapes itself. The unit is the end of the name: `_seconds`, `_bytes`; `_total` counts since the start.',
    'A metric with labels has no series until there is something to report. The last column lists the ways to run that have it.',
    'Beside these there are `process_*` and `nodejs_*` (CPU, memory, event loop, garbage collection), as prom-client names them.',
    '',
    '| name | type | labels | meaning | process |',
    '| --- | --- | --- | --- | --- |',
    ...declared.map(({ name, type, labels, help, file }) => {
      const processes = PROCESSES.filter((process) => loaded.get(process)?.has(file));
      return `| \`${name}\` | ${type} | ${code(labels)} | ${help.replaceAll('|', '\\|')} | ${processes.join(', ')} |`;
    }),
    '',
  ];
  return lines.join('\n');
}

/** Loads every file that declares metrics, and reads them from the registry, by name. */
async function declaredMetrics(): Promise<readonly Declared[]> {
  const texts = new Map<string, string>();
  for (const file of files) {
    const text = readFileSync(file, 'utf8');
    if (/from '[./]*(?:lib\/)?metrics\.ts'/.test(text) && text.includes("'crowsnest_")) texts.set(file, text);
  }
  for (const file of texts.keys()) await import(pathToFileURL(file).href);
  const metrics = registry.getMetricsAsArray().map((metric) => {
    const declaring = [...texts].filter(([, text]) => text.includes(`'${metric.name}'`)).map(([file]) => file);
    if (declaring.length !== 1) {
      const found = declaring.map((file) => relative(SRC, file)).join(', ');
      throw new Error(`${metric.name} must be declared in one file by its whole name; found in: ${found || 'none'}`);
    }
    const { name, help } = metric;
    return { name, help, type: String(metric.type), labels: labelsOf(metric), file: declaring[0] };
  });
  return metrics.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** prom-client keeps them on the metric and leaves them out of its types. */
function labelsOf(metric: object): readonly string[] {
  const names: unknown = 'labelNames' in metric ? metric.labelNames : [];
  return Array.isArray(names) ? names.map(String) : [];
}

function code(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(', ');
}
