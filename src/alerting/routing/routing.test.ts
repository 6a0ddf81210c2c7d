import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { describeWithShared } from '../../lib/testing/shared.ts';
import { Labels } from '../../model/labels.ts';
import { maskRouting } from './mask.ts';
import { Inhibitor } from '../mute/inhibit.ts';
import { withFolder } from '../testing.ts';
import { loadRouting } from './load.ts';
import { parseRouting } from './parse-routing.ts';
import { groupKey, groupLabels, matchRoutes } from './tree.ts';

function receiversFor(text: string, labels: Record<string, string>): string[] {
  return matchRoutes(parseRouting(text, 'alertmanager.yml').route, Labels.of(labels)).map((route) => route.receiver);
}

describeWithShared('conformance/alertmanager', "Alertmanager's own files", (folder) => {
  const read = (file: string) => readFileSync(join(folder, file), 'utf8');

  test.each([
    ['conf.routing.yml', { test: '1' }, ['test1']],
    ['conf.routing.yml', { test: '2' }, ['test1', 'test2']],
    ['conf.routing.yml', { volume: 'any' }, ['default']],
    ['conf.routing-reverted.yml', { test: '2' }, ['test2', 'test1']],
  ])('%s sends %j to %j', (file, labels: Record<string, string>, receivers) => {
    expect(receiversFor(read(file), labels)).toEqual(receivers);
  });

  test('group_by ... makes each alert a group of its own', () => {
    const { route } = parseRouting(read('conf.group-by-all.yml'), 'conf.group-by-all.yml');
    expect(groupLabels(route, Labels.of({ a: '1', b: '2' })).toJSON()).toEqual({ a: '1', b: '2' });
  });

  test.each(['conf.good.yml', 'conf.http-config.good.yml'])('%s is taken', (file) => {
    expect(parseRouting(read(file), file).receivers.size).toBeGreaterThan(0);
  });

  test('conf.empty-fields.yml is taken', () => {
    expect(parseRouting(read('conf.empty-fields.yml'), 'f').receivers.get('team-X-mails')?.integrations).toHaveLength(
      1,
    );
  });

  test.each([
    ['conf.nil-match_re-route.yml', 'route.routes[0].match_re.invalid_label: expected a regular expression'],
    [
      'conf.nil-source_match_re-inhibition.yml',
      'inhibit_rules[0].source_match_re.invalid_source_label: expected a regular expression',
    ],
    [
      'conf.nil-target_match_re-inhibition.yml',
      'inhibit_rules[0].target_match_re.invalid_target_label: expected a regular expression',
    ],
    [
      'conf.smtp-both-password-and-file.yml',
      'at most one of smtp_auth_password & smtp_auth_password_file must be configured',
    ],
    ['conf.slack-both-url-and-token.yml', 'at most one of slack_app_token/slack_app_token_file & slack_api_url'],
    ['conf.opsgenie-no-apikey.yml', 'no global OpsGenie API Key set either inline or in a file'],
    ['conf.victorops-no-apikey.yml', 'no global VictorOps API Key set'],
    ['conf.telegram-no-bot-token.yml', 'missing bot_token or bot_token_file on telegram_config'],
  ])('%s is refused: %s', (file, words) => {
    let message = '';
    try {
      parseRouting(read(file), file);
    } catch (error) {
      ({ message } = error as Error);
    }
    expect(message).toContain(words);
    expect(message).not.toContain('mysecret');
  });
});

const TREE = `
route:
  receiver: default
  group_by: [alertname]
  routes:
    - matchers: [severity="page"]
      receiver: pager
      group_wait: 5s
      routes:
        - {matchers: [team=shop], receiver: shop}
    - {matchers: ['team=~"shop|cart"'], receiver: mail, continue: true}
    - {match: {audit: 'yes'}, receiver: audit}
receivers: [{name: default}, {name: pager}, {name: shop}, {name: mail}, {name: audit}]
`;

describe('the routing tree', () => {
  test.each([
    [{}, ['default']],
    [{ severity: 'page' }, ['pager']],
    [{ severity: 'page', team: 'shop' }, ['shop']],
    [{ team: 'cart' }, ['mail']],
    [{ team: 'cart', audit: 'yes' }, ['mail', 'audit']],
    [{ severity: 'page', audit: 'yes' }, ['pager']],
  ])('sends %j to %j', (labels: Record<string, string>, receivers) => {
    expect(receiversFor(TREE, labels)).toEqual(receivers);
  });

  test('names groups as Alertmanager does, and passes options down', () => {
    const labels = Labels.of({ severity: 'page', team: 'shop', alertname: 'Down' });
    const [route] = matchRoutes(parseRouting(TREE, 'f').route, labels);
    expect(groupKey(route, groupLabels(route, labels))).toBe('{}/{severity="page"}/{team="shop"}:{alertname="Down"}');
    expect(route).toMatchObject({ groupWait: 5000, groupInterval: 300_000, repeatInterval: 14_400_000 });
  });
});

describe('a routing file is refused, place named, for', () => {
  const file = (body: string) => `route: {receiver: a${body}}\nreceivers: [{name: a}]\n`;
  test.each([
    ['no route', 'receivers: [{name: a}]', 'no routes provided'],
    ['no default receiver', 'route: {}\nreceivers: [{name: a}]', 'root route must specify a default receiver'],
    ['matchers on the root', file(', matchers: [a=b]'), 'root route must not have any matchers'],
    [
      'a receiver that is not there',
      file(', routes: [{receiver: b}]'),
      'a.yml:1:42  route.routes[0].receiver: undefined receiver "b" used in route',
    ],
    [
      'a receiver twice',
      'route: {receiver: a}\nreceivers: [{name: a}, {name: a}]',
      'notification config name "a" is not unique',
    ],
    ['a misspelt key', file(', group_bye: [x]'), 'route.group_bye: unknown key; did you mean "group_by"?'],
    ['... beside other labels', file(", group_by: ['...', a]"), 'cannot have wildcard group_by'],
    ['an interval of nothing', file(', group_interval: 0s'), 'group_interval cannot be zero'],
    [
      'a matcher that is none',
      file(', routes: [{matchers: [foo]}]'),
      'route.routes[0].matchers[0]: foo: expected one of = != =~ !~',
    ],
    ['a regular expression that is none', file(', routes: [{matchers: [\'a=~"("\']}]'), 'missing closing )'],
    [
      'mail without a server',
      'route: {receiver: a}\nreceivers: [{name: a, email_configs: [{to: x@y}]}]',
      'no global SMTP smarthost set',
    ],
    [
      'a webhook without address',
      'route: {receiver: a}\nreceivers: [{name: a, webhook_configs: [{}]}]',
      'one of url or url_file must be configured',
    ],
    [
      'a time interval that is not there',
      file(', routes: [{mute_time_intervals: [night]}]'),
      'route.routes[0].mute_time_intervals[0]: undefined time interval "night" used in route',
    ],
    [
      'a time interval on the root',
      `${file(', active_time_intervals: [x]')}time_intervals: [{name: x}]`,
      'root route must not have any active time intervals',
    ],
    [
      'a time interval twice',
      `${file('')}time_intervals: [{name: x}]\nmute_time_intervals: [{name: x}]`,
      'time interval "x" is not unique',
    ],
    [
      'a section that is not built',
      `${file('')}tracing: {}`,
      'tracing: this is not supported yet, not even in part; remove it',
    ],
  ])('%s', (_what, text, words) => {
    expect(() => parseRouting(text, 'a.yml')).toThrow(words);
  });
});

describe('inhibition', () => {
  const { inhibitRules } = parseRouting(
    `route: {receiver: a}\nreceivers: [{name: a}]\ninhibit_rules: [{source_matchers: [severity=critical], target_matchers: ['severity=~"warning|critical"'], equal: [node, rack]}]`,
    'f',
  );
  const labels = (text: Record<string, string>) => Labels.of(text);
  test.each([
    [
      'a warning by a critical of the same node',
      { severity: 'warning', node: 'a' },
      { severity: 'critical', node: 'a' },
      true,
    ],
    ['not on another node', { severity: 'warning', node: 'a' }, { severity: 'critical', node: 'b' }, false],
    ['where both lack a label', { severity: 'warning' }, { severity: 'critical' }, true],
    [
      'not an alert that is on both sides by one that is too',
      { severity: 'critical', node: 'a' },
      { severity: 'critical', node: 'a', x: 'y' },
      false,
    ],
  ])('mutes %s', (_what, target: Record<string, string>, source: Record<string, string>, silenced) => {
    const firing = [source, target].map((one, i) => ({ labels: labels(one), fingerprint: String(i) }));
    expect(new Inhibitor(inhibitRules, firing).mutes(labels(target))).toEqual(silenced ? ['0'] : []);
  });
});

test('YAML 1.1 words and numbers are taken as Alertmanager takes them', () => {
  const { receivers } = parseRouting(
    `
global: {smtp_smarthost: 'h:25', smtp_from: a@b, smtp_require_tls: no, smtp_auth_password: 0123}
route: {receiver: 1}
receivers:
  - name: 1
    email_configs: [{to: x@y, send_resolved: yes, html: '', text: 1.10, headers: {X-Priority: 1, x-on: on}}]
    webhook_configs: [{url: 'http://h', send_resolved: Off, max_alerts: 3, http_config: {basic_auth: {username: 1, password: 123456}}}]
`,
    'f',
  );
  expect(receivers.get('1')?.integrations).toMatchObject([
    {
      kind: 'email',
      sendResolved: true,
      templates: [{ text: 'x@y' }, { text: 'a@b' }, { text: '' }, { text: '1.10' }, { text: '1' }, { text: 'on' }],
    },
    { kind: 'webhook', sendResolved: false },
  ]);
});

test('every fault of a file is reported at once, and no secret', () => {
  const complaints = (() => {
    try {
      parseRouting(
        `
tracing: {}
global: {smtp_auth_password: [geheim0], slack_api_url: geheim1}
route: {receiver: nobody, group_bye: [a]}
receivers:
  - {name: a, webhook_configs: [{url: 'http://h', http_config: {basic_auth: {username: u, password: {x: geheim2}}, oauth2: {client_secret: geheim3}}}]}
  - {name: b, slack_configs: [{api_url: geheim4, fields: [{}]}, {app_token: {x: geheim5}}], labels: {a: []}}
inhibit_rules: [{equal: 7}]
`,
        'f',
      );
      return '';
    } catch (error) {
      return (error as Error).message;
    }
  })();
  expect(complaints).not.toContain('geheim');
  for (const path of [
    'tracing',
    'global.smtp_auth_password',
    'route.group_bye',
    'basic_auth.password',
    'oauth2',
    'slack_configs',
    'receivers[1].labels',
    'inhibit_rules[0].equal',
  ])
    expect(complaints).toContain(path);
  expect(complaints).toContain('oauth2: this is not supported yet');
});

test('templates are judged with the routing file: by file and line, and by the names that nothing defines', () =>
  withFolder(async (folder) => {
    const path = join(folder, 'am.yml');
    const file = (html: string) =>
      `global: {smtp_smarthost: 'h:25', smtp_from: a@b}\ntemplates: ['*.tmpl', 'no/*.tmpl']\nroute: {receiver: a}\nreceivers: [{name: a, email_configs: [{to: x@y, html: '${html}'}]}]\n`;
    await writeFile(path, file(''));
    await writeFile(join(folder, 'a.tmpl'), '{{ define "x" }}\n{{ template "nope" . }}{{ end }}');
    expect((await loadRouting(path)).unmatched).toEqual(['no/*.tmpl']);
    await writeFile(path, file('{{ template "x" . }}'));
    await expect(loadRouting(path)).rejects.toThrow('template "nope" is not defined');
    await writeFile(join(folder, 'a.tmpl'), 'x\n{{ if }}');
    await expect(loadRouting(path)).rejects.toThrow(/a\.tmpl:2:1 {2}template: .*missing value for if/);
  }));

test('a routing file is shown without its secrets', () => {
  const shown = JSON.stringify(
    maskRouting(
      `global: {smtp_auth_password: geheim1, smtp_auth_password_file: /etc/p}
receivers:
  - name: a
    webhook_configs: [{url: 'https://hook/geheim2', http_config: {authorization: {credentials: geheim3}, basic_auth: {username: u, password: geheim4}, http_headers: {X-Key: {values: [geheim5]}}}}]
    slack_configs: [{api_url: geheim6}]
`,
      'f',
    ),
  );
  expect(shown).not.toContain('geheim');
  expect(shown).toContain('/etc/p');
});
