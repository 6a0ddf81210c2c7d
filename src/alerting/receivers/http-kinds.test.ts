import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Alert, Notification } from '../../model/alert.ts';
import { Labels } from '../../model/labels.ts';
import { fingerprintOf } from '../fingerprint.ts';
import { parseRouting } from '../routing/parse-routing.ts';
import { withFolder } from '../testing.ts';
import type { Integration, SendContext } from './kind.ts';
import { BUILT_IN_TEMPLATES } from './templates.ts';
import { signedHeaders } from './sns/sign.ts';

const NOW = Date.UTC(2026, 10, 21, 10, 30);
/** SHA-256 of the group's key: what Alertmanager 0.34 names the group by. */
const GROUP = 'af94c9e8f6a3043625e36c6f472fe6be85ac23a9117184ee4cb7b4ad7401a47e';
const SUBJECT = '[FIRING:1] Down (a page)';
const SIGNAL = new AbortController().signal;
const CONTEXT: SendContext = {
  externalUrl: 'http://nest', now: NOW, playbook: () => undefined, templates: BUILT_IN_TEMPLATES, print: () => undefined,
}; // prettier-ignore

interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
  readonly body: unknown;
}

let seen: Seen[] = [];
let answers: [path: string, status: number, body: string][] = [];
let url = '';
const server = http.createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const text = Buffer.concat(chunks).toString();
    const { method = '', url: path = '', headers } = request;
    seen.push({ method, url: path, headers, text, body: text.startsWith('{') ? (JSON.parse(text) as unknown) : text });
    const [, status, body] = answers.find(([part]) => path.includes(part)) ?? ['', 200, 'ok'];
    response.writeHead(status).end(body);
  });
});

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

beforeEach(() => {
  seen = [];
  answers = [];
});

afterAll(() => void server.close());

function notification(status: 'firing' | 'resolved' = 'firing'): Notification {
  const labels = Labels.of({ alertname: 'Down', node: 'a', severity: 'page' });
  const alert: Alert = {
    labels, annotations: { summary: 'it is <down>' }, startsAt: NOW - 600_000, endsAt: status === 'firing' ? NOW + 60_000 : NOW - 1000,
    generatorURL: 'http://p/graph', fingerprint: fingerprintOf(labels), value: 1, origin: 'api', provenance: {},
    fields: { playbook: '', owner: 'maya', region: '', datacenter: '', affected: '' },
  }; // prettier-ignore
  return {
    id: 'n1', receiver: 'r', groupKey: '{}:{alertname="Down"}', groupLabels: Labels.of({ alertname: 'Down' }), status, reason: 'first notification',
    alerts: [alert], createdAt: NOW,
  }; // prettier-ignore
}

function integration(kind: string, config: string, file = 'am.yml'): Integration {
  const text = `route: {receiver: r}\nreceivers: [{name: r, ${kind}_configs: [${config.replaceAll('URL', url)}]}]\n`;
  return [...parseRouting(text, file).receivers.values()][0].integrations[0];
}

async function send(kind: string, config: string, status: 'firing' | 'resolved' = 'firing') {
  return integration(kind, config).send(notification(status), CONTEXT, SIGNAL);
}

describe('each kind posts what its service reads', () => {
  test.each<[kind: string, config: string, path: string, headers: object, body: object]>([
    ['slack', "{api_url: 'URL/s', channel: '#ops', fields: [{title: t, value: v}], short_fields: yes}", '/s', {},
      { channel: '#ops', username: 'crowsnest', attachments: [{ title: SUBJECT, color: 'danger', text: '*FIRING* it is <down> · <http://p/graph|query>\n', fields: [{ title: 't', value: 'v', short: true }] }] }],
    ['pagerduty', "{url: 'URL/pd', routing_key: key, severity: '{{ .CommonLabels.severity }}'}", '/pd', {},
      { routing_key: 'key', dedup_key: GROUP, event_action: 'trigger', payload: { summary: SUBJECT, severity: 'page', custom_details: { num_firing: 1, num_resolved: 0, resolved: [], firing: [{ labels: { node: 'a' } }] } } }],
    ['opsgenie', "{api_url: 'URL/og/', api_key: key, tags: 'a, b', responders: [{type: teams, name: 'x,y'}]}", '/og/v2/alerts', { authorization: 'GenieKey key' },
      { alias: GROUP, message: SUBJECT, tags: ['a', 'b'], details: { severity: 'page' }, responders: [{ name: 'x', type: 'team' }, { name: 'y', type: 'team' }] }],
    ['msteamsv2', "{webhook_url: 'URL/t'}", '/t', {}, { type: 'message', attachments: [{ content: { type: 'AdaptiveCard', body: [{ text: SUBJECT, color: 'Attention' }, {}] } }] }],
    ['msteams', "{webhook_url: 'URL/t'}", '/t', {}, { type: 'MessageCard', title: SUBJECT, themeColor: '8C1A1A' }],
    ['discord', "{webhook_url: 'URL/d', username: '{{ .Receiver }}'}", '/d', {}, { username: 'r', embeds: [{ title: SUBJECT, color: 10038562 }] }],
    ['telegram', "{api_url: 'URL', bot_token: tok, chat_id: -12, message_thread_id: 7}", '/bottok/sendMessage', {}, { chat_id: '-12', message_thread_id: '7', parse_mode: 'HTML' }],
    ['victorops', "{api_url: 'URL/v', api_key: key, routing_key: team, custom_fields: {a: '{{ .Status }}'}}", '/v/key/team', {},
      { message_type: 'CRITICAL', entity_id: GROUP, entity_display_name: SUBJECT, a: 'firing', monitoring_tool: 'crowsnest' }],
    ['webex', "{api_url: 'URL/w', room_id: room, http_config: {authorization: {credentials: tok}}}", '/w', { authorization: 'Bearer tok' }, { roomId: 'room' }],
    ['rocketchat', "{api_url: 'URL/', token: tok, token_id: me, channel: ops}", '/api/v1/chat.postMessage', { 'x-auth-token': 'tok', 'x-user-id': 'me' }, { channel: 'ops', attachments: [{ title: SUBJECT, color: 'red' }] }],
    ['mattermost', "{webhook_url: 'URL/m', channel: ops, priority: {priority: urgent, requested_ack: yes}}", '/m', {}, { channel: 'ops', attachments: [{ title: SUBJECT, color: 'danger' }], priority: { priority: 'urgent', requested_ack: true } }],
    ['incidentio', "{url: 'URL/i', alert_source_token: tok}", '/i', { authorization: 'Bearer tok' }, { version: '1', status: 'firing', alerts: [{ labels: { node: 'a' } }] }],
    ['webhook', "{url: 'URL/h', payload: {state: '{{ .Status }}', list: '{{ .Alerts | toJson }}', n: 3, on: true}}", '/h', {}, { state: 'firing', list: [{ status: 'firing' }], n: 3, on: true }],
  ])('%s', async (kind, config, path, headers, body) => {
    answers = [['sendMessage', 200, '{"ok":true}'], ['chat.postMessage', 200, '{"success":true}']];
    expect(await send(kind, config)).toEqual({ ok: true, receipt: 'HTTP 200' });
    expect(seen).toMatchObject([{ method: 'POST', url: path, headers: { 'content-type': 'application/json', ...headers } }]);
    expect(seen[0].body).toMatchObject(body);
  }); // prettier-ignore

  test('Telegram escapes what stands in the alert, and sends a page that is too long as plain text', async () => {
    answers = [['sendMessage', 200, '{"ok":true}']];
    await send('telegram', "{api_url: 'URL', bot_token: t, chat_id: 1}");
    expect(seen[0].text).toContain('it is &lt;down&gt;');
    await send('telegram', `{api_url: 'URL', bot_token: t, chat_id: 1, message: '{{ .Status }}${'<b>x</b>'.repeat(600)}'}`);
    expect(seen[1].body).not.toHaveProperty('parse_mode');
    expect((seen[1].body as { text: string }).text).toHaveLength(4096);
  }); // prettier-ignore

  test('SNS publishes a signed form', async () => {
    answers = [['/sns', 200, '<PublishResponse><MessageId>m-7</MessageId></PublishResponse>']];
    const config = "{api_url: 'URL/sns', topic_arn: 'arn:aws:sns:eu-west-1:123:ops', sigv4: {access_key: AK, secret_key: SK}, attributes: {a: b}}";
    expect(await send('sns', config)).toEqual({ ok: true, receipt: 'message m-7' });
    expect(Object.fromEntries(new URLSearchParams(seen[0].text))).toMatchObject({
      Action: 'Publish', TopicArn: 'arn:aws:sns:eu-west-1:123:ops', Subject: SUBJECT, 'MessageAttributes.entry.1.Value.StringValue': 'b',
    });
    expect(seen[0].headers.authorization).toMatch(/^AWS4-HMAC-SHA256 Credential=AK\/\d{8}\/eu-west-1\/sns\/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=[\da-f]{64}$/);
  }); // prettier-ignore

  test('the signature is that of AWS for the same request', () => {
    // As `openssl` computes it step by step from the rules of Signature Version 4.
    const request = { url: 'https://sns.us-east-1.amazonaws.com/', region: 'us-east-1', accessKey: 'AKID', secretKey: 'SECRET', sessionToken: '', body: 'Action=Publish', contentType: 'application/x-www-form-urlencoded', now: Date.UTC(2015, 7, 30, 12, 36) };
    expect(signedHeaders(request)).toMatchObject({ 'x-amz-date': '20150830T123600Z', host: 'sns.us-east-1.amazonaws.com' });
    expect(signedHeaders(request).authorization).toContain('Credential=AKID/20150830/us-east-1/sns/aws4_request');
    expect(signedHeaders({ ...request, body: 'x' }).authorization).not.toBe(signedHeaders(request).authorization);
  }); // prettier-ignore

  test('WeChat fetches a token first', async () => {
    answers = [['gettoken', 200, '{"access_token":"tok"}'], ['message/send', 200, '{"errcode":0}']];
    expect(await send('wechat', "{api_url: 'URL/w/', api_secret: s, corp_id: c, to_user: u}")).toMatchObject({ ok: true });
    expect(seen).toMatchObject([{ method: 'GET' }, { url: '/w/message/send?access_token=tok', body: { touser: 'u', msgtype: 'text' } }]);
  }); // prettier-ignore
});

describe('a resolved notification', () => {
  test.each<[kind: string, config: string, path: string, body: object]>([
    ['slack', "{api_url: 'URL/s', channel: c}", '/s', { attachments: [{ color: 'good', title: '[RESOLVED] Down (a page)' }] }],
    ['pagerduty', "{url: 'URL/pd', routing_key: key}", '/pd', { event_action: 'resolve', dedup_key: GROUP }],
    ['opsgenie', "{api_url: 'URL', api_key: key}", `/v2/alerts/${GROUP}/close?identifierType=alias`, {}],
    ['victorops', "{api_url: 'URL/v', api_key: key, routing_key: team}", '/v/key/team', { message_type: 'RECOVERY' }],
    ['discord', "{webhook_url: 'URL/d'}", '/d', { embeds: [{ color: 3066993 }] }],
  ])('by %s', async (kind, config, path, body) => {
    expect(await send(kind, config, 'resolved')).toMatchObject({ ok: true });
    expect(seen).toMatchObject([{ url: path, body }]);
  }); // prettier-ignore
});

describe('Jira', () => {
  const config = "{api_url: 'URL/rest/api/2', project: OPS, issue_type: Bug, resolve_transition: Done, reopen_transition: Reopen, fields: {customfield_1: {value: '{{ .Status }}', n: 3}}}";
  const issue = (category: string) => `{"issues":[{"key":"OPS-1","fields":{"status":{"statusCategory":{"key":"${category}"}}}}]}`;

  test('opens an issue under the label of the group', async () => {
    answers = [['/search', 200, '{"issues":[]}'], ['/issue', 201, '{"key":"OPS-1"}']];
    expect(await send('jira', config)).toEqual({ ok: true, receipt: 'issue OPS-1' });
    expect(seen[0].text).toContain(`ALERT{${GROUP}}`);
    expect(seen[1]).toMatchObject({ method: 'POST', url: '/rest/api/2/issue', body: { fields: { summary: SUBJECT, project: { key: 'OPS' }, issuetype: { name: 'Bug' }, priority: { name: 'High' }, customfield_1: { value: 'firing', n: 3 } } } });
  });

  test('resolves the issue that is open, by the transition of that name', async () => {
    answers = [['/search', 200, issue('new')], ['/transitions', 200, '{"transitions":[{"id":"5","name":"Done"}]}'], ['/issue/OPS-1', 204, '']];
    expect(await send('jira', config, 'resolved')).toEqual({ ok: true, receipt: 'issue OPS-1' });
    expect(seen.map(({ method, url: path }) => `${method} ${path}`)).toEqual([
      'POST /rest/api/2/search', 'PUT /rest/api/2/issue/OPS-1', 'GET /rest/api/2/issue/OPS-1/transitions', 'POST /rest/api/2/issue/OPS-1/transitions',
    ]);
    expect(seen[3].body).toEqual({ transition: { id: '5' } });
  });

  test('opens no issue for what has ended, and names a transition that is not there', async () => {
    answers = [['/search', 200, '{"issues":[]}']];
    expect(await send('jira', config, 'resolved')).toMatchObject({ ok: true, receipt: 'no open issue of the group' });
    answers = [['/search', 200, issue('done')], ['/transitions', 200, '{"transitions":[]}'], ['/issue/OPS-1', 204, '']];
    expect(await send('jira', config)).toEqual({ ok: false, retry: false, error: 'issue OPS-1 has no transition "Reopen"' });
  });
}); // prettier-ignore

describe('a refusal', () => {
  test.each<[kind: string, config: string, status: number, answer: string, attempt: object]>([
    ['slack', "{api_url: 'URL/s', channel: c}", 200, 'no_service', { retry: false, error: 'Slack answered "no_service"' }],
    ['slack', "{app_url: 'URL/s', app_token: t, channel: c}", 200, '{"ok":false,"error":"channel_not_found"}', { retry: false, error: 'Slack refused it: channel_not_found' }],
    ['telegram', "{api_url: 'URL', bot_token: tok, chat_id: 1}", 400, '{"ok":false,"description":"chat not found"}', { retry: false, error: 'unexpected status code 400: {"ok":false,"description":"chat not found"}' }],
    ['rocketchat', "{api_url: 'URL', token: t, token_id: u}", 200, '{"success":false,"error":"no"}', { retry: false, error: 'Rocket.Chat refused it: no' }],
    ['pagerduty', "{url: 'URL', routing_key: k}", 429, '', { retry: true, error: 'unexpected status code 429' }],
    ['discord', "{webhook_url: 'URL/d'}", 503, '', { retry: true, error: 'unexpected status code 503' }],
    ['opsgenie', "{api_url: 'URL', api_key: k}", 422, 'see http://h/secret-path for it', { retry: false, error: 'unexpected status code 422: see <secret> for it' }],
  ])('of %s %s with %i is an error that says why', async (kind, config, status, answer, attempt) => {
    answers = [['/', status, answer]];
    expect(await send(kind, config)).toEqual({ ok: false, ...attempt });
  }); // prettier-ignore

  test('by nobody at the address is tried again and does not name it', async () => {
    const attempt = await send('discord', "{webhook_url: 'http://127.0.0.1:1/secret-path'}");
    expect(attempt).toMatchObject({ ok: false, retry: true });
    expect(JSON.stringify(attempt)).not.toContain('secret-path');
  });
});

test('a message of Slack is changed while its group fires, and a group that fires anew gets a new one', async () => {
  answers = [['/api/chat', 200, '{"ok":true,"ts":"1.5","channel":"C9"}']];
  const slack = integration('slack', "{app_url: 'URL/api/chat.postMessage', app_token: t, channel: c, update_message: true}");
  for (const status of ['firing', 'firing', 'resolved', 'firing'] as const) await slack.send(notification(status), CONTEXT, SIGNAL);
  expect(seen.map(({ url: path, body }) => [path, (body as { ts?: string }).ts])).toEqual([
    ['/api/chat.postMessage', undefined], ['/api/chat.update', '1.5'], ['/api/chat.update', '1.5'], ['/api/chat.postMessage', undefined],
  ]);
  expect(seen[1].body).toMatchObject({ channel: 'C9' });
}); // prettier-ignore

test('a template that fails costs its text, not the page, and the receipt says so', async () => {
  const attempt = await send('discord', `{webhook_url: 'URL/d', title: '{{ .Nope }}', message: '{{ .Nope }}'}`);
  expect(attempt).toMatchObject({ ok: true });
  expect(JSON.stringify(attempt)).toContain('built-in page sent');
  expect(seen[0].body).toMatchObject({ embeds: [{ title: '[PAGE] it is <down>' }] });
  expect(seen[0].text).toContain('Owner maya');
});

test('secrets in files are read at each sending, relative to the routing file', () =>
  withFolder(async (folder) => {
    answers = [['sendMessage', 200, '{"ok":true}']];
    const telegram = integration('telegram', "{api_url: 'URL', bot_token_file: tok, chat_id_file: chat}", join(folder, 'am.yml'));
    expect(await telegram.send(notification(), CONTEXT, SIGNAL)).toMatchObject({ ok: false, retry: true });
    writeFileSync(join(folder, 'tok'), 'one\n');
    writeFileSync(join(folder, 'chat'), '5\n');
    await telegram.send(notification(), CONTEXT, SIGNAL);
    writeFileSync(join(folder, 'tok'), 'two\n');
    await telegram.send(notification(), CONTEXT, SIGNAL);
    expect(seen.map(({ url: path }) => path)).toEqual(['/botone/sendMessage', '/bottwo/sendMessage']);
  })); // prettier-ignore

test.each<[kind: string, config: string, words: string]>([
  ['discord', '{}', 'one of webhook_url or webhook_url_file must be configured'],
  ['discord', "{webhook_url: 'http://x', webhook_url_file: f}", 'at most one of webhook_url & webhook_url_file must be configured'],
  ['discord', '{webhook_url: ftp://x}', 'expected an http or https URL'],
  ['slack', "{api_url: 'http://x', app_token: t}", 'at most one of api_url/api_url_file & app_token/app_token_file'],
  ['slack', "{api_url: 'http://x', actions: [{type: button, text: x}]}", 'missing name or url in Slack action configuration'],
  ['slack', "{api_url: 'http://x', update_message: true}", 'update_message needs a bot token'],
  ['slack', "{api_url: 'http://x', titel: x}", 'unknown key; did you mean "title"?'],
  ['pagerduty', '{}', 'missing service or routing key in PagerDuty config'],
  ['opsgenie', '{api_key: a, responders: [{name: x, type: y}]}', 'the type of a responder is team'],
  ['pushover', '{token: a}', 'one of user_key or user_key_file must be configured'],
  ['pushover', '{user_key: a, token: b, html: true, monospace: true}', 'at most one of monospace & html'],
  ['telegram', '{bot_token: a, chat_id: abc}', 'chat_id: expected the number of a chat'],
  ['telegram', '{bot_token: a, chat_id: 1, parse_mode: x}', 'parse_mode: expected one of'],
  ['victorops', '{api_key: a, routing_key: c, custom_fields: {entity_id: x}}', 'entity_id'],
  ['sns', '{topic_arn: a, target_arn: b}', 'either a Target ARN, Topic ARN, or Phone Number'],
  ['webex', '{room_id: r}', 'missing webex_configs.http_config.authorization'],
  ['jira', '{project: x, issue_type: y}', 'no global Jira Cloud URL set'],
  ['rocketchat', '{token: a}', 'no global Rocketchat TokenID set'],
  ['mattermost', '{}', 'missing webhook_url or webhook_url_file on mattermost_config'],
  ['wechat', '{api_secret: a}', 'no global Wechat CorpID set'],
  ['incidentio', '{}', 'one of url or url_file must be configured'],
  ['discord', "{webhook_url: 'http://x', title: '{{ if }}'}", 'missing value for if'],
])('%s_configs %s is refused: %s', (kind, config, words) => {
  expect(() => integration(kind, config)).toThrow(words);
}); // prettier-ignore
