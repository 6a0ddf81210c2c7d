import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Alert, Notification } from '../../model/alert.ts';
import { Labels } from '../../model/labels.ts';
import { fingerprintOf } from '../fingerprint.ts';
import { withFolder } from '../testing.ts';
import { NotificationTemplates, loadTemplates } from './templates.ts';
import { webhookBody } from './webhook-body.ts';

/** Each row: template, what Alertmanager 0.34 made of it as text, its error, as HTML, its error. */
const ROWS = readFileSync(new URL('../template/testdata/notification-templates.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map(
    (line) => JSON.parse(line) as [text: string, asText: string, textError: string, asHtml: string, htmlError: string],
  );

const START = 1_795_257_000_123;
const END = START + 600_000;

function alert(i: string, annotations: Record<string, string>, endsAt: number): Alert {
  const labels = Labels.of({ alertname: 'Down', severity: 'page', i, evil: '<b>"\'&+' });
  return {
    labels, annotations, startsAt: START, endsAt, generatorURL: 'http://nest/graph?g0.expr=up&x=1', fingerprint: fingerprintOf(labels),
    value: 1, fields: { playbook: '', owner: '', region: '', datacenter: '', affected: '' }, provenance: {},
  }; // prettier-ignore
}

const NOTIFICATION: Notification = {
  id: 'n', receiver: 'team-a.b', groupKey: '{}', groupLabels: Labels.of({ alertname: 'Down' }), status: 'firing', reason: 'first notification', createdAt: END,
  alerts: [alert('1', { summary: 'a <i>bad</i> & "evil" one', runbook: 'javascript:alert(1)' }, END + 1), alert('2', { summary: 'two' }, END)],
}; // prettier-ignore
const BODY = webhookBody(NOTIFICATION, 0, 'http://nest.example.org/x');

function attempt(render: () => string): [output: string, error: string] {
  try {
    return [render(), ''];
  } catch (error) {
    return ['', (error as Error).message];
  }
}

describe('a notification template gives what Alertmanager gives', () => {
  const templates = new NotificationTemplates(new Map());
  test.each(ROWS)('%s', (text, asText, textError, asHtml, htmlError) => {
    expect(attempt(() => templates.text(text, BODY, START))).toEqual([textError === '' ? asText : '', textError]);
    expect(attempt(() => templates.html(text, BODY, START))).toEqual([htmlError === '' ? asHtml : '', htmlError]);
  });
});

test('files of templates stand over the built-in ones and can use them', () =>
  withFolder(async (folder) => {
    await writeFile(
      join(folder, 'a.tmpl'),
      '{{ define "__description" }}ours{{ end }}{{ define "own" }}{{ template "__subject" . }} {{ template "__description" . }}{{ end }}',
    );
    const { templates } = await loadTemplates(['*.tmpl'], folder);
    expect(templates.text('{{ template "own" . }}', BODY, START)).toBe(`[FIRING:1] Down (<b>"'&+ page) ours`);
    await writeFile(join(folder, 'b.tmpl'), '{{ define "x" }}{{ nope }}{{ end }}');
    const { complaints, unmatched } = await loadTemplates(['*.tmpl', 'none/*'], folder);
    expect(complaints).toMatchObject([{ file: join(folder, 'b.tmpl'), line: 1 }]);
    expect(complaints[0].message).toContain('function "nope" not defined');
    expect(unmatched).toEqual(['none/*']);
  }));
