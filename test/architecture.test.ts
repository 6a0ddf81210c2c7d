import { readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Import, SRC, files, imports, packageName, reach } from '../scripts/imports.ts';

/** Which module may import which, and which packages. A module may always import itself, model and lib. */
const MODULES: Readonly<Record<string, { modules?: readonly string[]; packages?: readonly string[] }>> = {
  model: {},
  lib: { packages: ['pino', 'prom-client', 'zod', 'yaml', 're2js', 'snappy', 'protobufjs'] },
  promql: { packages: ['re2js'] },
  // Labels by Prometheus' relabel_configs: of targets, of scraped series, of series on their way out.
  relabel: { packages: ['re2js'] },
  'remote-write': { modules: ['relabel'], packages: ['protobufjs', 'snappy'] },
  // Imported text is the text that targets expose: one parser reads both.
  ingest: { modules: ['collector'], packages: ['protobufjs'] },
  collector: { modules: ['relabel'], packages: ['re2js'] },
  logs: {},
  cluster: { packages: ['re2js'] },
  kubernetes: {},
  alerting: { modules: ['promql'], packages: ['nodemailer', 'node-cron', 'markdown-it', 're2js'] },
  store: { packages: ['@duckdb/node-api', '@duckdb/node-bindings'] },
  // Answers of remote read are encoded as samples sent by remote write are.
  api: {
    modules: ['remote-write'],
    packages: [
      'protobufjs',
      'fastify',
      '@fastify/helmet',
      '@fastify/rate-limit',
      '@fastify/static',
      '@fastify/swagger',
    ],
  },
  console: { packages: ['preact', 'preact-iso', '@preact/signals', 'uplot', 'vite'] },
  app: { modules: ['*'] },
  demo: {},
  commands: { modules: ['*'], packages: ['close-with-grace', 'commander', 'picocolors'] },
};

/** Packages that one file, or one module, keeps to itself. */
const SINGLE_FILE = ['@duckdb/node-api'];

/** What a DaemonSet on every node must never load. */
const NOT_IN_AGENT = [
  '@kubernetes/client-node',
  'fastify',
  '@duckdb/node-api',
  'nodemailer',
  'node-cron',
  'preact',
  'vite',
  'markdown-it',
];
const MODULES_NOT_IN_AGENT = ['console', 'store', 'api', 'alerting', 'promql'];

/** Folders whose folders are parts of the same kind, and the files that each of them has. */
const KINDS: readonly (readonly [folder: string, files: readonly string[]])[] = [
  ['collector/discovery', ['config.ts', 'discover.ts', 'index.ts']],
  ['alerting/receivers', ['config.ts', 'send.ts']],
  ['logs/sinks', ['config.ts', 'sink.ts']],
];

describe('the modules', () => {
  test('every folder of src is a module of the table', () => {
    const folders = readdirSync(SRC, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && files.some((file) => moduleOf(file) === entry.name))
      .map((entry) => entry.name);
    expect(folders.filter((folder) => !(folder in MODULES))).toEqual([]);
  });

  test('modules import only what the table allows', () => {
    expect(imports.filter((edge) => !isAllowed(edge)).map(describeEdge)).toEqual([]);
  });

  // Types count: nothing breaks when it loads, but whoever reads one file of a circle has to read them all.
  test('no file leads back to itself', () => {
    expect(circles()).toEqual([]);
  });

  test.each(SINGLE_FILE)('%s is loaded by one file at most', (name) => {
    const users = new Set(
      imports.filter((edge) => packageName(edge.to) === name && !edge.typeOnly).map((edge) => relative(SRC, edge.from)),
    );
    expect(users.size, [...users].join(', ')).toBeLessThanOrEqual(1);
  });

  test('the agent stays small: nothing of store, api, console or alerting is reached from its entry point', () => {
    const reached = reach(join(SRC, 'app', 'agent.ts'));
    expect([...reached.packages].filter((name) => NOT_IN_AGENT.includes(name))).toEqual([]);
    // Their config.ts alone is read: one schema serves every entry point.
    const strangers = [...reached.files].filter(
      (file) => MODULES_NOT_IN_AGENT.includes(moduleOf(file)) && !file.endsWith('config.ts'),
    );
    expect(strangers.map((file) => relative(SRC, file))).toEqual([]);
    expect(reached.files.size).toBeGreaterThan(20);
  });
});

describe('the layout', () => {
  test('the drawing of the modules in ARCHITECTURE.md has every folder of src, and no other', () => {
    const text = readFileSync(join(SRC, '..', 'ARCHITECTURE.md'), 'utf8');
    const drawn = [...text.matchAll(/^[├└]── (\S+)\/ /gm)].map(([, name]) => name);
    const folders = readdirSync(SRC, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(drawn.sort()).toEqual(folders.map(({ name }) => name).sort());
  });

  // Wiring joins what modules offer. A file of app/ that needs more of its own is a module, or a part of one.
  test('app/ is wiring only: no class, no package, no long file or function', () => {
    const wiring = files.filter((file) => moduleOf(file) === 'app' && !NOT_WIRING.test(relative(SRC, file)));
    const faults = wiring.flatMap((file) => wiringFaults(file).map((fault) => `${relative(SRC, file)}: ${fault}`));
    expect(faults).toEqual([]);
    expect(wiring.length).toBeGreaterThan(10);
  });

  test.each(KINDS)('every kind of %s is a folder with the same files', (folder, required) => {
    const kinds = readdirSync(join(SRC, folder), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    const lacking = kinds.flatMap(({ name }) => {
      const held = readdirSync(join(SRC, folder, name));
      return required.filter((file) => !held.includes(file)).map((file) => `${folder}/${name} lacks ${file}`);
    });
    expect(lacking).toEqual([]);
    expect(kinds.length).toBeGreaterThan(0);
  });
});

/** The configuration schema, views of state, and checks of a configuration, which have rules of their own to apply. */
const NOT_WIRING = /^app\/(?:config\.ts|status\/|check\/)/;
const LONGEST_FILE = 160;
const LONGEST_FUNCTION = 110;

function wiringFaults(file: string): string[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  const faults = lines.filter((line) => /^(?:export )?(?:abstract )?class /.test(line)).map((line) => `holds ${line}`);
  if (lines.length > LONGEST_FILE) faults.push(`has ${lines.length} lines, ${LONGEST_FILE} at most`);
  const packages = imports.filter(({ from, to }) => from === file && !to.startsWith('/') && !to.startsWith('node:'));
  faults.push(...packages.map(({ to }) => `imports ${to}`));
  let start = 0;
  lines.forEach((line, i) => {
    if (/^(?:export )?(?:async )?function /.test(line)) start = i;
    const length = i - start + 1;
    if (line === '}' && /function /.test(lines[start]) && length > LONGEST_FUNCTION)
      faults.push(`${lines[start]} has ${length} lines, ${LONGEST_FUNCTION} at most`);
  });
  return faults;
}

function isAllowed({ from, to, typeOnly }: Import): boolean {
  const module = moduleOf(from);
  if (module === 'cli.ts') return true;
  const rule = MODULES[module] ?? {};
  if (to.startsWith('node:')) return module !== 'model';
  if (!to.startsWith('/')) return (rule.packages ?? []).includes(packageName(to));
  const target = moduleOf(to);
  if (target === module) return true;
  if (module === 'model') return false;
  if (module === 'lib') return false;
  if (target === 'model' || target === 'lib') return true;
  if (module === 'store' && target === 'promql') return typeOnly;
  return (rule.modules ?? []).some((name) => name === '*' || name === target);
}

function moduleOf(file: string): string {
  return relative(SRC, file).split('/')[0];
}

function describeEdge({ from, to }: Import): string {
  return `${relative(SRC, from)} imports ${to.startsWith('/') ? relative(SRC, to) : to}`;
}

/** One round of each circle of imports, as `a.ts → b.ts → a.ts`. */
function circles(): string[] {
  const targets = new Map(
    files.map((file) => [
      file,
      imports.filter(({ from, to }) => from === file && to.startsWith('/')).map(({ to }) => to),
    ]),
  );
  const found: string[] = [];
  const left = new Set<string>();
  const path: string[] = [];
  const walk = (file: string): void => {
    if (left.has(file)) return;
    const before = path.indexOf(file);
    if (before >= 0) {
      found.push([...path.slice(before), file].map((name) => relative(SRC, name)).join(' → '));
      return;
    }
    path.push(file);
    for (const target of targets.get(file) ?? []) walk(target);
    path.pop();
    left.add(file);
  };
  for (const file of files) walk(file);
  return found;
}
