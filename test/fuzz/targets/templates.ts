import { BUILT_IN_TEMPLATES } from '../../../src/alerting/receivers/templates.ts';
import { parseRuleTemplate } from '../../../src/alerting/template/expand.ts';
import { TemplateError } from '../../../src/alerting/template/parser-state.ts';
import { Labels } from '../../../src/model/labels.ts';
import { readFileSync } from 'node:fs';
import { type FuzzTarget, NOTHING_TO_CLOSE, refusedBy } from '../target.ts';
import type { WebhookBody } from '../../../src/alerting/receivers/webhook-body.ts';

const folder = new URL('../../../src/alerting/template/testdata/', import.meta.url);

function rows(file: string): string[] {
  const lines = readFileSync(new URL(file, folder), 'utf8').trim().split('\n');
  return lines.map((line) => (JSON.parse(line) as [string])[0]).filter((text) => typeof text === 'string');
}

const ALERT = {
  status: 'firing', labels: { alertname: 'A', severity: 'page' }, annotations: { summary: '<b>' }, startsAt: '2026-01-01T00:00:00Z',
  endsAt: '0001-01-01T00:00:00Z', generatorURL: 'http://x/', fingerprint: 'abc',
} as const; // prettier-ignore

const BODY: WebhookBody = {
  version: '4', groupKey: '{}', truncatedAlerts: 0, status: 'firing', receiver: 'r', notification_reason: 'first notification', groupLabels: { alertname: 'A' }, commonLabels: { alertname: 'A' },
  commonAnnotations: {}, routeLabels: {}, externalURL: 'http://x', alerts: [ALERT],
}; // prettier-ignore

/** A template of a rule, and of a notification as text and as HTML. */
export const templates: FuzzTarget = {
  seeds: () => Promise.resolve([...rows('rule-templates.jsonl'), ...rows('notification-templates.jsonl')]),
  words: ['{{', '}}', '{{-', '-}}', '{{ range ', '{{ end }}', '{{ if ', '{{ else }}', '{{ with ', '{{ define "a" }}', '{{ template "a" . }}', '{{ block "b" . }}', 'printf "%099999d" ', 'query "up"', ' | ', '$x := ', '.Labels', '$value', 'reReplaceAll "(a*)*" ', 'humanize', '.Alerts', 'index ', 'slice ', 'call ', '<script>', '<a href="', "' onclick='"], // prettier-ignore
  async open() {
    const data = { labels: { a: 'b' }, externalLabels: { c: 'd' }, externalUrl: 'http://x', value: 1.5 };
    const query = () =>
      Promise.resolve({
        samples: [{ labels: Labels.of({ a: 'b' }), timestamp: 0, value: 1 }],
        warnings: [],
        infos: [],
      });
    return {
      async run(input) {
        const text = input.toString();
        try {
          await parseRuleTemplate('A', text).expand(data, { at: 0, query });
        } catch (error) {
          refusedBy(error, TemplateError);
        }
        for (const form of ['text', 'html'] as const)
          try {
            BUILT_IN_TEMPLATES[form](text, BODY, 0);
          } catch (error) {
            refusedBy(error, TemplateError);
          }
      },
      close: NOTHING_TO_CLOSE,
    };
  },
};
