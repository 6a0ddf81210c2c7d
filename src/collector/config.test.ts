import { describe, expect, test } from 'vitest';
import { validate } from '../lib/schema/schema.ts';
import { InputError, parseYaml } from '../lib/schema/yaml.ts';
import { collectSchema } from './config.ts';

const parse = (yaml: string) => validate(parseYaml(yaml, 'crowsnest.yaml'), collectSchema);

test('an empty section collects the machine and crowsnest itself every 15 s', () => {
  expect(parse('{}')).toMatchObject({
    scrape_interval: 15_000,
    scrape_timeout: 10_000,
    scrape_configs: [],
    node: { enabled: true, procfs: '/proc' },
    self: { enabled: true },
  });
});

test("a job of Prometheus' own documentation is taken as it is", () => {
  const config = parse(`
scrape_configs:
  - job_name: service-x
    honor_labels: true
    scrape_interval: 50s
    scrape_timeout: 5s
    body_size_limit: 10MB
    sample_limit: 1000
    label_limit: 30
    metrics_path: /my_path
    scheme: https
    basic_auth: {username: admin, password_file: /run/secret}
    tls_config: {ca_file: valid_ca_file, insecure_skip_verify: false}
    params: {module: [http_2xx]}
    static_configs:
      - targets: ['localhost:9090', 'localhost:9191']
        labels: {my: label, number: 1}
    file_sd_configs:
      - files: ['foo/*.slow.json', bar.yml]
        refresh_interval: 10m
    relabel_configs:
      - source_labels: [job, __meta_dns_name]
        regex: (.*)some-[regex]
        target_label: job
        replacement: foo-\${1}
    metric_relabel_configs:
      - source_labels: [__name__]
        regex: expensive_metric.*
        action: drop
`);
  expect(config.scrape_configs[0]).toMatchObject({
    job_name: 'service-x',
    scrape_interval: 50_000,
    body_size_limit: 10 * 1024 * 1024,
    honor_timestamps: true,
    static_configs: [{ labels: { my: 'label', number: '1' } }],
    file_sd_configs: [{ refresh_interval: 600_000 }],
  });
});

describe('a complaint names file, line, path and what was expected', () => {
  test.each([
    ['consul_sd_configs: [{server: c}]', 'scrape_configs[0].consul_sd_configs: a key of Prometheus, not supported yet'],
    ['proxy_url: http://p', 'scrape_configs[0].proxy_url: a key of Prometheus, not supported yet'],
    [
      'scrape_native_histograms: true',
      'scrape_configs[0].scrape_native_histograms: a key of Prometheus, not supported as true yet',
    ],
    ['honour_labels: true', 'scrape_configs[0].honour_labels: unknown key; did you mean "honor_labels"?'],
    ['scrape_interval: 5', 'scrape_configs[0].scrape_interval: expected a duration'],
    ['scrape_interval: 0s', 'scrape_configs[0].scrape_interval: expected more than 0'],
    [
      '{scrape_interval: 5s, scrape_timeout: 6s}',
      'scrape_configs[0].scrape_timeout: expected no more than scrape_interval',
    ],
    ['file_sd_configs: [{files: [a/*/b.json]}]', 'scrape_configs[0].file_sd_configs[0].files[0]: expected a path'],
    [
      "static_configs: [{targets: ['a:1', 'http://h:1/metrics']}]",
      'scrape_configs[0].static_configs[0].targets[1]: expected host:port; scheme and metrics_path are keys of the job, not "http://h:1/metrics"',
    ],
    [
      '{bearer_token: a, authorization: {credentials: b}}',
      'scrape_configs[0].bearer_token: expected none beside authorization',
    ],
    ['{basic_auth: {username: a}, bearer_token_file: b}', 'scrape_configs[0].bearer_token_file: expected none beside'],
    ['authorization: {type: Basic}', 'scrape_configs[0].authorization.type: expected another type than Basic'],
    ['scheme: ftp', 'scrape_configs[0].scheme: expected one of "http", "https"'],
    ['fallback_scrape_protocol: Text', 'scrape_configs[0].fallback_scrape_protocol: expected one of'],
  ])('%s', (line, words) => {
    const entries = line.startsWith('{') ? line.slice(1, -1).split(', ') : [line];
    const yaml = ['scrape_configs:', '  - job_name: a', ...entries.map((entry) => `    ${entry}`)].join('\n');
    expect(() => parse(yaml)).toThrow(InputError);
    expect(() => parse(yaml)).toThrow(words);
    expect(() => parse(yaml)).toThrow(/^crowsnest\.yaml:[34]:\d+ /);
  });

  test('two jobs of one name', () => {
    expect(() => parse('scrape_configs: [{job_name: a}, {job_name: a}]')).toThrow(
      'scrape_configs[1].job_name: expected a name no other job has, not "a" again',
    );
  });

  test('a pattern that RE2 does not take', () => {
    expect(() => parse('node: {vmstat_fields: "(?=x)"}')).toThrow('node.vmstat_fields: expected a regular expression');
  });
});

test('a URL may be a target where relabeling makes a parameter of it', () => {
  const yaml = `scrape_configs:
  - job_name: blackbox
    static_configs: [{targets: ['https://example.com/']}]
    relabel_configs: [{source_labels: [__address__], target_label: __param_target}]`;
  expect(parse(yaml).scrape_configs).toHaveLength(1);
});

test('scalars are read as Prometheus reads them', () => {
  const config = parse(`
scrape_configs:
  - job_name: 5
    honor_labels: yes
    relabel_configs:
    metric_relabel_configs:
      - {source_labels: [a, b], separator: 5, regex: 1.10, target_label: c, replacement: true}
    static_configs:
      - targets: ['h:1']
        labels: {version: 1.10, acct: 012345678901, commit: 1e10, hex: 0xff, zone: 007, none: }
`);
  expect(config.scrape_configs[0]).toMatchObject({
    job_name: '5',
    honor_labels: true,
    relabel_configs: [],
    metric_relabel_configs: [{ separator: '5', regex: '1.10', replacement: 'true' }],
    static_configs: [
      { labels: { version: '1.10', acct: '012345678901', commit: '1e10', hex: '0xff', zone: '007', none: '' } },
    ],
  });
});
