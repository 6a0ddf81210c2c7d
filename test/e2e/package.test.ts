import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { temporaryFolder } from '../servers/process.ts';

const ROOT = join(import.meta.dirname, '..', '..');

interface Manifest {
  readonly name: string;
  readonly engines?: { readonly node?: string };
}

describe('the packed package, as npm would unpack it', () => {
  const folder = temporaryFolder();
  const unpacked = join(folder, 'node_modules', 'crowsnest');

  beforeAll(() => {
    execFileSync('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], { cwd: ROOT, stdio: 'ignore' });
    const [tarball] = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
    execFileSync('tar', ['xzf', tarball], { cwd: folder });
    mkdirSync(join(folder, 'node_modules'));
    cpSync(join(folder, 'package'), unpacked, { recursive: true });
    renameSync(join(unpacked, 'node_modules'), join(folder, 'bundled'));
    symlinkSync(join(ROOT, 'node_modules'), join(unpacked, 'node_modules'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  function node(...args: string[]): string {
    return execFileSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
  }

  test('runs, and brings rules, playbooks, dashboards and the demo', () => {
    expect(node(join(unpacked, 'dist', 'cli.js'), '--version')).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect(node(join(unpacked, 'dist', 'cli.js'), 'check')).toMatch(
      new RegExp(`node\\.yaml: 10 rules[^]*${readdirSync(join(ROOT, 'playbooks')).length} playbooks`),
    );
    expect(readdirSync(unpacked)).toEqual(
      expect.arrayContaining(['LICENSE', 'dashboards', 'demo', 'dist', 'playbooks', 'rules']),
    );
    expect(readdirSync(join(unpacked, 'dist'))).toEqual(expect.arrayContaining(['console', 'promql.js', 'types']));
  });

  // What a package overrides holds in its own clone only: where crowsnest is a dependency, newer ones would be installed.
  test('brings the packages that it holds back for Node 20', () => {
    const manifests = readdirSync(join(folder, 'bundled'), { recursive: true, encoding: 'utf8' })
      .filter((path) => /^(?:@[^/]+\/)?[^/]+\/package\.json$/.test(path))
      .map((path) => JSON.parse(readFileSync(join(folder, 'bundled', path), 'utf8')) as Manifest);
    expect(manifests.map(({ name }) => name)).toEqual(expect.arrayContaining(['cookie', 'content-disposition']));
    expect(manifests.filter(({ engines }) => /^>=? ?2[1-9]/.test(engines?.node ?? ''))).toEqual([]);
  });

  test('its PromQL engine can be lifted out, with types', () => {
    const program = `
import { createEngine, format, parse, type Select } from 'crowsnest/promql';
import { Labels } from 'crowsnest/promql';
const labels = Labels.of({ __name__: 'up', job: 'a' });
const select: Select = async () => [{ labels, timestamps: Float64Array.of(0, 30_000), values: Float64Array.of(1, 3) }];
const result = await createEngine({ select }).instant('sum(up) * 2', 60_000);
if (result.type === 'vector') console.log(result.samples[0].value, format(parse('sum (up)by(job)')));
`;
    writeFileSync(join(folder, 'program.mts'), program);
    const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
    const options = [
      '--ignoreConfig',
      '--target',
      'ES2023',
      '--module',
      'NodeNext',
      '--strict',
      '--types',
      'node',
      '--typeRoots',
      join(ROOT, 'node_modules', '@types'),
    ];
    node(tsc, ...options, 'program.mts');
    expect(node('program.mjs')).toBe('6 sum by (job) (up)\n');
  });
});
