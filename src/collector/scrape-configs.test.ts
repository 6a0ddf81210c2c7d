import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { InputError } from '../lib/yaml.ts';
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
