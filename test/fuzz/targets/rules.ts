import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkRulesText } from '../../../src/alerting/check-rules.ts';
import { parseRouting } from '../../../src/alerting/routing/parse-routing.ts';
import { checkFileOfAnyKind } from '../../../src/app/check/any-file.ts';
import { InputError } from '../../../src/lib/schema/yaml.ts';
import { type FuzzTarget, refusedBy } from '../target.ts';

const RULES = `groups:
- name: g
  interval: 30s
  labels: {team: x}
  rules:
  - record: job:up:sum
    expr: sum by (job) (up)
  - alert: Down
    expr: up == 0
    for: 5m
    keep_firing_for: 1m
    labels: {severity: "{{ $labels.job }}"}
    annotations: {summary: "{{ $value | humanize }}"}
`;
const ROUTING = `global: {resolve_timeout: 5m}
route:
  receiver: a
  group_by: [alertname, '...']
  group_wait: 30s
  routes:
  - matchers: ['severity="page"', team=~"a|b"]
    receiver: b
    continue: true
    mute_time_intervals: [night]
receivers:
- name: a
- name: b
  webhook_configs: [{url: 'http://127.0.0.1:1/', max_alerts: 3}]
  email_configs: [{to: a@b.c, from: d@e.f, smarthost: 'localhost:25'}]
inhibit_rules:
- source_matchers: [severity="page"]
  target_matchers: [severity="info"]
  equal: [job]
time_intervals:
- name: night
  time_intervals:
  - times: [{start_time: '22:00', end_time: '24:00'}]
    weekdays: ['monday:friday']
    days_of_month: ['1:5', '-3:-1']
    months: ['january:march']
    location: Europe/Berlin
`;
const SLOTH = `version: prometheus/v1
service: shop
labels: {owner: x}
slos:
- name: requests
  objective: 99.9
  description: d
  sli:
    events:
      error_query: sum(rate(errors[{{.window}}]))
      total_query: sum(rate(all[{{.window}}]))
  alerting:
    name: High
    page_alert: {labels: {severity: page}}
    ticket_alert: {disable: true}
`;
const SCRAPE = `global: {scrape_interval: 15s}
scrape_configs:
- job_name: a
  static_configs: [{targets: ['localhost:9090'], labels: {x: y}}]
  relabel_configs: [{source_labels: [a], regex: '(.*)', target_label: b, replacement: $1}]
`;

/** A file that `check` is given: rules, objectives, routing, scrape configs. */
export const rules: FuzzTarget = {
  seeds: () => Promise.resolve([RULES, ROUTING, SLOTH, SCRAPE, ...shipped()]),
  words: ['groups:', '- alert: ', 'expr: ', 'for: ', '&a ', '*a', '<<: *a', '? ', '!!binary ', '!!js/function ', '---\n', '...\n', '|\n', '>-\n', '- ', '  ', '\n', ': ', '{{.window}}', 'route:', 'receivers:', 'objective: ', 'slos:', '99999y', 'null', '[]', '{}', '.inf', '0o7'], // prettier-ignore
  async open() {
    const folder = mkdtempSync(join(tmpdir(), 'crowsnest-fuzz-rules-'));
    const file = join(folder, 'x.yml');
    return {
      async run(input) {
        const text = input.toString();
        writeFileSync(file, input);
        for (const { message } of checkRulesText(text, file).errors) isComplaint(message);
        try {
          parseRouting(text, file);
        } catch (error) {
          refusedBy(error, InputError);
        }
        const found = await checkFileOfAnyKind(file);
        for (const { message } of found?.complaints ?? []) isComplaint(message);
      },
      close: () => Promise.resolve(rmSync(folder, { recursive: true, force: true })),
    };
  },
};

function shipped(): string[] {
  const folder = new URL('../../../rules/node/', import.meta.url);
  const files = readdirSync(folder).filter((name) => name.endsWith('.yaml') && !name.endsWith('.test.yaml'));
  return files.slice(0, 3).map((name) => readFileSync(new URL(name, folder), 'utf8'));
}

/** JavaScript's own words in a complaint are a fault of the program. */
function isComplaint(message: string): void {
  if (
    /is not a function|is not iterable|Cannot read prop|Maximum call stack|undefined \(|Invalid array length|BUG:/.test(
      message,
    )
  )
    throw new Error(`complains with ${message}`);
}
