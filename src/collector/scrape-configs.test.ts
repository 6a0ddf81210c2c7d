import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { InputError } from '../lib/schema/yaml.ts';
import { collectSchema } from './config.ts';
import { loadScrapeConfigs } from './scrape-configs.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'crowsnest-scrape-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function load(section: object) {
  return loadScrapeConfigs(collectSchema.parse(section), folder);
}

test('the jobs of a prometheus.yml come with its global times; paths start from its folder', () => {
  const text = `
global: {scrape_interval: 30s, scrape_timeout: 9s, external_labels: {a: b}}
rule_files: [rules.yml]
scrape_configs:
  - job_name: one
    basic_auth: {username: u, password_file: secret}
    file_sd_configs: [{files: ['sd/*.json', /etc/all.yml]}]
  - job_name: two
    scrape_interval: 5s
`;
  writeFileSync(join(folder, 'prometheus.yml'), text);
  const jobs = load({
    scrape_config_files: ['prom*.yml'],
    scrape_configs: [{ job_name: 'own', bearer_token_file: 't' }],
  });
  expect(jobs).toMatchObject([
    { job_name: 'own', bearer_token_file: join(folder, 't') },
    {
      job_name: 'one',
      scrape_interval: 30_000,
      scrape_timeout: 9_000,
      basic_auth: { password_file: join(folder, 'secret') },
      file_sd_configs: [{ files: [join(folder, 'sd/*.json'), '/etc/all.yml'] }],
    },
    { job_name: 'two', scrape_interval: 5_000, scrape_timeout: 5_000 },
  ]);
});

test('every fault in every file is named at once', () => {
  writeFileSync(join(folder, 'a.yml'), 'scrape_configs:\n  - job_name: own\n');
  writeFileSync(join(folder, 'b.yml'), 'scrape_configs:\n  - job_nam: x\n');
  const config = { scrape_config_files: ['a.yml', 'b.yml', 'missing.yml'], scrape_configs: [{ job_name: 'own' }] };
  expect(() => load(config)).toThrow(InputError);
  expect(() => load(config)).toThrow(/a\.yml {2}job "own" is there already/);
  expect(() => load(config)).toThrow(
    /b\.yml:2:5 {2}scrape_configs\[0\]\.job_nam: unknown key; did you mean "job_name"\?/,
  );
  expect(() => load(config)).toThrow(/missing\.yml {2}ENOENT/);
});

function loadFile(text: string | Buffer, unused: string[] = []) {
  writeFileSync(join(folder, 'prometheus.yml'), text);
  const config = collectSchema.parse({ scrape_config_files: ['prometheus.yml'] });
  return loadScrapeConfigs(config, folder, (file, keys) => unused.push(`${basename(file)}: ${keys.join(', ')}`));
}

test('limits and labels of global hold for the jobs that do not name them; what is not used is named once', () => {
  const unused: string[] = [];
  const jobs = loadFile(
    `
global:
  evaluation_interval: 30s
  scrape_timeout: 5s
  sample_limit: 5
  body_size_limit: 1KB
  label_value_length_limit: 200
  metric_name_validation_scheme: legacy
  external_labels: {cluster: '\${HOME}', version: 1.10, empty: }
rule_files: [a.yml]
remote_write: [{url: http://x}]
alerting:
scrape_configs:
  - job_name: one
  - job_name: two
    sample_limit: 9
    body_size_limit:
    metric_name_validation_scheme: utf8
`.replace(', empty: }', '}'),
    unused,
  );
  expect(jobs).toMatchObject([
    {
      sample_limit: 5,
      body_size_limit: 1024,
      label_value_length_limit: 200,
      label_limit: 0,
      metric_name_validation_scheme: 'legacy',
      external_labels: { cluster: process.env.HOME, version: '1.10' },
      scrape_timeout: 5000,
    },
    { sample_limit: 9, body_size_limit: 1024, metric_name_validation_scheme: 'utf8' },
  ]);
  expect(unused).toEqual(['prometheus.yml: rule_files, remote_write, global.evaluation_interval']);
});

test.each([
  [
    'global:\n  scrape_intervall: 5s\n',
    /prometheus\.yml:2:3 {2}global\.scrape_intervall: unknown key; did you mean "scrape_interval"\?/,
  ],
  ['rule_filess: []\n', /prometheus\.yml:1:1 {2}rule_filess: unknown key; did you mean "rule_files"\?/],
  ['global:\n  sample_limit: many\n', /prometheus\.yml:2:17 {2}global\.sample_limit: expected/],
  ['global:\n  metric_name_validation_scheme: x\nscrape_configs: [{job_name: a}]\n', /prometheus\.yml:2:34 /],
  [
    'scrape_configs:\n  - job_name: a\n    sample_limit: -1\n',
    /prometheus\.yml:3:19 {2}scrape_configs\[0\]\.sample_limit/,
  ],
  [Buffer.from('scrape_configs: [{job_name: "\xe9"}]\n', 'latin1'), /prometheus\.yml:1:30 {2}not UTF-8: byte 0xE9/],
])('%j is refused with its place', (text, complaint) => {
  expect(() => loadFile(text)).toThrow(complaint);
});

test('scalars of a prometheus.yml keep their form', () => {
  const [job] = loadFile(
    'scrape_configs:\n  - job_name: 5\n    honor_labels: yes\n    static_configs: [{targets: [h], labels: {v: 1.10, z: 007}}]\n',
  );
  expect(job).toMatchObject({
    job_name: '5',
    honor_labels: true,
    static_configs: [{ labels: { v: '1.10', z: '007' } }],
  });
});
