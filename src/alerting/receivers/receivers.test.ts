import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import PostalMime from 'postal-mime';
import { SMTPServer } from 'smtp-server';
import { afterEach, describe, expect, test } from 'vitest';
import { HttpClient } from '../../lib/http/client.ts';
import type { Alert, Notification } from '../../model/alert.ts';
import { Labels } from '../../model/labels.ts';
import { fingerprintOf } from '../fingerprint.ts';
import { recipientsRefused } from '../metrics.ts';
import { withFolder } from '../testing.ts';
import { DEFAULT_HTML, DEFAULT_TEXT, type EmailConfig } from './email/settings.ts';
import type { WebhookConfig } from './webhook/settings.ts';
import { sendEmail, sendLetter } from './email/send.ts';
import { renderHtml } from '../page/html.ts';
import { type PageContext, buildPage } from '../page/page.ts';
import { BUILT_IN_TEMPLATES, loadTemplates } from './templates.ts';
import { renderText } from '../page/text.ts';
import { webhookBody } from './webhook-body.ts';
import { sendWebhook } from './webhook/send.ts';

const NOW = Date.UTC(2026, 10, 21, 10, 30);
const CONTEXT: PageContext = {
  externalUrl: 'http://nest',
  now: NOW,
  playbook: () => undefined,
  templates: BUILT_IN_TEMPLATES,
};
const SIGNAL = new AbortController().signal;

function alert(labels: Record<string, string>, more: Partial<Alert> = {}): Alert {
  const set = Labels.of({ alertname: 'Down', ...labels });
  return {
    labels: set, annotations: { summary: 'checkout is down' }, startsAt: NOW - 600_000, endsAt: NOW + 600_000, generatorURL: 'http://nest/graph?g0.expr=up',
    fingerprint: fingerprintOf(set), value: 0, provenance: { owner: 'annotation owner of the rule' },
    fields: { playbook: 'http://nest/playbooks/Down', owner: 'maya', region: 'eu', datacenter: '', affected: 'checkout' }, ...more,
  }; // prettier-ignore
}

function notification(alerts: Alert[], more: Partial<Notification> = {}): Notification {
  return {
    id: 'id-1',
    receiver: 'team',
    groupKey: '{}:{}',
    groupLabels: Labels.of({ alertname: 'Down' }),
    status: 'firing',
    reason: 'first notification',
    alerts,
    createdAt: NOW,
    ...more,
  };
}

const EVIL = '<img src=x onerror=alert(1)>"\'&\r\nBcc: all@example.org';

describe('a page', () => {
  test('says what is wrong, since when, whose it is and what to do', () => {
    const text = renderText(buildPage(notification([alert({ severity: 'page' }), alert({ i: '2' })]), CONTEXT));
    expect(text).toContain('checkout is down\nSince 2026-11-21 10:20 UTC (10 min).');
    expect(text).toContain('Owner maya   region eu   datacenter unknown   affected checkout');
    expect(text).toContain('What to do  http://nest/playbooks/Down');
    expect(text).toContain('Why am I paged?  receiver team, first notification (owner: annotation owner of the rule)');
  });

  test.each([
    [{ severity: 'page' }, 'firing', '[PAGE] checkout is down'],
    [{ severity: 'critical' }, 'firing', '[PAGE] checkout is down'],
    [{ severity: 'ticket' }, 'firing', '[TICKET] checkout is down'],
    [{}, 'firing', '[ALERT] checkout is down'],
    [{ severity: 'page' }, 'resolved', '[RESOLVED] checkout is down'],
  ] as const)('of %j that is %s has the subject %s', (labels, status, subject) => {
    expect(buildPage(notification([alert(labels)], { status }), CONTEXT).subject).toBe(subject);
  });

  test('has one line of subject, cut where it is long', () => {
    const { subject } = buildPage(
      notification([alert({}, { annotations: { summary: `${EVIL}${'x'.repeat(500)}` } }), alert({ i: '2' })]),
      CONTEXT,
    );
    expect(subject).not.toMatch(/[\r\n]/);
    expect(subject).toHaveLength(200);
    expect(subject).toMatch(/… \(\+1 more\)$/);
  });

  test('shows the text of labels and annotations as text, and links nowhere that is no web address', () => {
    const page = buildPage(notification([alert({ i: EVIL }, { annotations: { summary: EVIL, description: EVIL, dashboard_url: 'javascript:alert(1)' }, fields: { playbook: 'javascript:alert(1)', owner: EVIL, region: '', datacenter: '', affected: EVIL }, provenance: { owner: EVIL } })]), CONTEXT); // prettier-ignore
    const html = renderHtml(page);
    expect(html).not.toContain('<img');
    expect(html).not.toContain('href="javascript');
  });

  test('for several alerts leads with the gravest that fires, counts apart, and names owners that differ', () => {
    const fields = (owner: string) => ({ ...alert({}).fields, owner });
    const page = buildPage(
      notification([
        alert({ severity: 'warning', i: '1' }, { fields: fields('maya'), annotations: { summary: 'slow' } }),
        alert(
          { severity: 'critical', i: '2', cluster: 'lab' },
          { fields: fields('ben'), annotations: { summary: 'down' } },
        ),
        alert({ severity: 'page', i: '3' }, { fields: fields('ben'), endsAt: NOW - 1 }),
      ]),
      CONTEXT,
    );
    expect(page.subject).toBe('[PAGE] down (+2 more)');
    expect(renderText(page)).toMatch(/^down\nSince .*\n2 firing, 1 resolved\n\nOwner ben .* {3}cluster lab\n/);
    expect(renderText(page)).toMatch(/ {2}slow\n.*\n {2}Owner maya\n/);
    expect(renderHtml(page)).toContain('owner <b>maya</b>');
  });

  test.each([
    [0.1 + 0.2, '0.3'],
    [3.43597383685e10, '34.36 G'],
    [85, '85'],
    [123_456, '123456'],
    [0.06309068095843304, '0.06309'],
    [-0.000012, '-12 µ'],
    [0, '0'],
    [Infinity, '+Inf'],
    [NaN, ''],
  ])('writes the value %d as %s', (value, text) => {
    expect(buildPage(notification([alert({}, { value })]), CONTEXT).alerts[0].value).toBe(text);
  });

  test('cuts no character in two and sends no control characters to a terminal', () => {
    const long = `${'👩‍🚒'.repeat(100)}\u001b[2J`;
    const { subject } = buildPage(notification([alert({}, { annotations: { summary: long } })]), CONTEXT);
    expect(subject).toMatch(/^\[ALERT\] (👩‍🚒)+…$/u);
    const annotations = { summary: 'a\u001b[31mb\u0007c' };
    const text = renderText(buildPage(notification([alert({}, { annotations })]), CONTEXT));
    expect(text).toContain('a[31mbc');
  });

  test('of very many alerts shows the first and counts the rest', () => {
    const page = buildPage(notification(Array.from({ length: 60 }, (_, i) => alert({ i: String(i) }))), CONTEXT);
    expect([page.alerts.length, page.more]).toEqual([50, 10]);
  });
});

let servers: { close: (done: () => void) => void }[] = [];
afterEach(async () => {
  await Promise.all(servers.map((server) => new Promise<void>((resolve) => server.close(resolve))));
  servers = [];
});

describe('the webhook', () => {
  const CONFIG: WebhookConfig = {
    sendResolved: true,
    url: '',
    urlFile: '',
    maxAlerts: 0,
    timeout: 5000,
    http: {},
  };

  async function answer(status: number): Promise<string> {
    const server = http.createServer((request, response) => {
      request.resume().on('end', () => response.writeHead(status, { connection: 'close' }).end());
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/secret-path`;
  }

  test.each([
    [200, { ok: true, receipt: 'HTTP 200' }],
    [204, { ok: true, receipt: 'HTTP 204' }],
    [400, { ok: false, retry: false, error: 'unexpected status code 400' }],
    [404, { ok: false, retry: false, error: 'unexpected status code 404' }],
    [429, { ok: false, retry: true, error: 'unexpected status code 429' }],
    [500, { ok: false, retry: true, error: 'unexpected status code 500' }],
    [503, { ok: false, retry: true, error: 'unexpected status code 503' }],
  ])('answered by %i comes to %j', async (status, attempt) => {
    const client = new HttpClient();
    expect(
      await sendWebhook(client, { ...CONFIG, url: await answer(status) }, notification([alert({})]), CONTEXT, SIGNAL),
    ).toEqual(attempt);
    client.close();
  });

  test('that nobody answers is tried again, and its address stays out of the words', async () => {
    const attempt = await sendWebhook(
      new HttpClient(),
      { ...CONFIG, url: 'http://127.0.0.1:1/secret-path' },
      notification([alert({})]),
      CONTEXT,
      SIGNAL,
    );
    expect(attempt).toMatchObject({ ok: false, retry: true });
    expect(JSON.stringify(attempt)).not.toContain('secret-path');
  });

  test.each([301, 302, 303, 307, 308])(
    'redirected by %i is posted again where the body is kept, else a failure',
    async (status) => {
      const seen: string[] = [];
      const server = http.createServer((request, response) => {
        let size = 0;
        request
          .on('data', (chunk: Buffer) => (size += chunk.length))
          .on('end', () => {
            seen.push(`${request.method} ${request.url} ${size > 0 ? 'body' : 'empty'}`);
            const moved = request.url === '/old';
            response
              .writeHead(moved ? status : 200, { connection: 'close', ...(moved ? { location: '/new' } : {}) })
              .end();
          });
      });
      servers.push(server);
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/old`;
      const client = new HttpClient({ follow_redirects: false });
      const attempt = await sendWebhook(client, { ...CONFIG, url }, notification([alert({})]), CONTEXT, SIGNAL);
      client.close();
      if (status < 307) {
        expect(attempt).toMatchObject({ ok: false });
        expect(JSON.stringify(attempt)).toContain(`redirected by status code ${status}`);
        expect(seen).toEqual(['POST /old body']);
      } else {
        expect(attempt).toEqual({ ok: true, receipt: 'HTTP 200' });
        expect(seen).toEqual(['POST /old body', 'POST /new body']);
      }
    },
  );

  test('has a template as its url', async () => {
    const seen: (string | undefined)[] = [];
    const server = http.createServer((request, response) => {
      seen.push(request.url);
      request.resume().on('end', () => response.writeHead(200, { connection: 'close' }).end());
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/{{ .CommonLabels.team }}`;
    const client = new HttpClient();
    await sendWebhook(client, { ...CONFIG, url }, notification([alert({ team: 'shop' })]), CONTEXT, SIGNAL);
    client.close();
    expect(seen).toEqual(['/shop']);
  });

  test('carries no runbook_url that is relative', () => {
    const annotations = (own: Record<string, string>, playbook: string) =>
      webhookBody(notification([alert({}, { annotations: own, fields: { ...alert({}).fields, playbook } })]), 0, '')
        .alerts[0].annotations;
    expect(annotations({ runbook_url: 'Down.md' }, 'http://nest/playbooks/Down').runbook_url).toBe(
      'http://nest/playbooks/Down',
    );
    expect(annotations({ playbook: 'call Ben' }, 'call Ben')).toMatchObject({ playbook: 'call Ben' });
    expect(annotations({ playbook: 'call Ben' }, 'call Ben')).not.toHaveProperty('runbook_url');
  });

  test('carries the body of version 4, cut to max_alerts', () => {
    const resolved = alert({ i: '2' }, { endsAt: NOW - 1000 });
    const body = webhookBody(notification([alert({ i: '1' }), resolved, alert({ i: '3' })]), 2, 'http://nest');
    expect(body).toEqual({
      receiver: 'team', status: 'firing', notification_reason: 'first notification', groupLabels: { alertname: 'Down' },
      commonLabels: { alertname: 'Down' }, commonAnnotations: { summary: 'checkout is down', runbook_url: 'http://nest/playbooks/Down', owner: 'maya', region: 'eu', affected: 'checkout' },
      routeLabels: {}, externalURL: 'http://nest', version: '4', groupKey: '{}:{}', truncatedAlerts: 1,
      alerts: [
        { status: 'firing', labels: { alertname: 'Down', i: '1' }, annotations: body.commonAnnotations, startsAt: '2026-11-21T10:20:00.000Z', endsAt: '0001-01-01T00:00:00Z', generatorURL: 'http://nest/graph?g0.expr=up', fingerprint: body.alerts[0].fingerprint },
        { status: 'resolved', labels: { alertname: 'Down', i: '2' }, annotations: body.commonAnnotations, startsAt: '2026-11-21T10:20:00.000Z', endsAt: '2026-11-21T10:29:59.000Z', generatorURL: 'http://nest/graph?g0.expr=up', fingerprint: resolved.fingerprint },
      ],
    }); // prettier-ignore
  });
});

describe('the mail', () => {
  const CONFIG: EmailConfig = {
    sendResolved: true, to: 'maya@example.org', from: 'nest@example.org', hello: 'localhost', host: '127.0.0.1', port: 0,
    username: '', password: '', passwordFile: '', secret: { value: '', file: '' }, threadDaily: false, requireTls: false, implicitTls: undefined, tls: undefined, headers: {}, html: DEFAULT_HTML, text: DEFAULT_TEXT,
  }; // prettier-ignore

  async function serve(options: ConstructorParameters<typeof SMTPServer>[0], received: string[] = []): Promise<number> {
    const server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      onData: (stream, _session, done) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => {
          received.push(Buffer.concat(chunks).toString());
          done();
        });
      },
      ...options,
    }); // prettier-ignore
    server.on('error', () => undefined);
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.server.address() as AddressInfo).port;
  }

  test('carries a letter with its attachment to whom gets the pages', async () => {
    const received: string[] = [];
    const config = { ...CONFIG, port: await serve({}, received) };
    const letter = {
      id: 'objectives-2026-11-x',
      subject: 'Objectives',
      text: 'all met',
      html: '<p>all met</p>',
      attachments: [{ filename: 'objectives.csv', content: 'a,b\r\n' }],
    };
    expect(await sendLetter(config, letter, SIGNAL)).toMatchObject({ ok: true });
    const mail = await PostalMime.parse(received[0]);
    expect(mail).toMatchObject({ subject: 'Objectives', messageId: '<objectives-2026-11-x@example.org>' });
    expect(mail.to?.[0].address).toBe('maya@example.org');
    expect(mail.attachments[0].filename).toBe('objectives.csv');
    expect(await sendLetter({ ...config, port: 1 }, letter, SIGNAL)).toMatchObject({ ok: false, retry: true });
  });

  test('has both forms, an identity of its own and the thread of its group', async () => {
    const received: string[] = [];
    const port = await serve({}, received);
    const attempt = await sendEmail(
      { ...CONFIG, port, headers: { 'X-Team': 'shop' } },
      notification([alert({})]),
      CONTEXT,
      SIGNAL,
    );
    expect(attempt).toMatchObject({ ok: true });
    const mail = await PostalMime.parse(received[0]);
    expect(mail).toMatchObject({
      subject: '[ALERT] checkout is down',
      messageId: '<id-1@example.org>',
      from: { address: 'nest@example.org' },
    });
    expect(mail.text).toContain('What to do  http://nest/playbooks/Down');
    expect(mail.html).toContain('href="http://nest/playbooks/Down"');
    expect(mail.headers.find(({ key }) => key === 'x-team')?.value).toBe('shop');
    expect(mail.references).toMatch(/^<[0-9a-f]{32}@example\.org>$/);
  });

  test('is made by the templates of the routing file, and by the built-in page where one of them fails', async () => {
    const received: string[] = [];
    const port = await serve({}, received);
    const own = {
      ...CONFIG,
      port,
      headers: { Subject: '{{ template "__subject" . }}' },
      html: '<p>{{ .CommonLabels.evil }}</p>{{ template "email.default.html" . }}',
      text: '{{ len .Alerts }} alerts',
    };
    await sendEmail(own, notification([alert({ evil: '<b>' })]), CONTEXT, SIGNAL);
    const mail = await PostalMime.parse(received[0]);
    expect(mail).toMatchObject({ subject: '[FIRING:1] Down (<b>)', text: '1 alerts\n' });
    expect(mail.html).toMatch(/^<p>&lt;b&gt;<\/p><!doctype html>/);
    const attempt = await sendEmail(
      { ...own, html: '{{ template "nope" . }}' },
      notification([alert({})]),
      CONTEXT,
      SIGNAL,
    );
    expect(attempt).toMatchObject({ ok: true });
    expect(JSON.stringify(attempt)).toContain('built-in page sent: template: :1:12: executing');
    expect((await PostalMime.parse(received[1])).subject).toBe('[ALERT] checkout is down');
  });

  test('goes to and comes from what the templates give, and its headers may say otherwise', async () => {
    const received: string[] = [];
    const recipients: string[] = [];
    const port = await serve(
      {
        onRcptTo: ({ address }, _session, done) => {
          recipients.push(address);
          done();
        },
      },
      received,
    );
    const config = {
      ...CONFIG,
      port,
      to: '{{ .CommonLabels.mail }}, b@example.org',
      from: 'nest@{{ .CommonLabels.domain }}',
      headers: { To: 'team@example.org', 'Message-Id': '<own@x>', 'X-Priority': '1' },
    };
    const one = alert({ mail: 'maya@example.org', domain: 'example.net' });
    expect(await sendEmail(config, notification([one]), CONTEXT, SIGNAL)).toMatchObject({ ok: true });
    expect(recipients).toEqual(['maya@example.org', 'b@example.org']);
    expect(await PostalMime.parse(received[0])).toMatchObject({
      to: [{ address: 'team@example.org' }],
      from: { address: 'nest@example.net' },
      messageId: '<own@x>',
    });
    const nobody = await sendEmail({ ...config, to: '{{ .CommonLabels.none }}' }, notification([one]), CONTEXT, SIGNAL);
    expect(nobody).toEqual({ ok: false, retry: false, error: 'the template of to gives no address' });
  });

  test('has only the text where html is empty, and uses default templates that a file defines anew', async () =>
    withFolder(async (folder) => {
      const received: string[] = [];
      const port = await serve({}, received);
      await sendEmail({ ...CONFIG, port, html: '', text: 'x' }, notification([alert({})]), CONTEXT, SIGNAL);
      expect(received[0]).toContain('Content-Type: text/plain');
      expect(received[0]).not.toContain('text/html');
      await writeFile(
        join(folder, 'a.tmpl'),
        '{{ define "email.default.subject" }}ours{{ end }}{{ define "email.default.html" }}<b>ours</b>{{ end }}',
      );
      const { templates } = await loadTemplates(['*.tmpl'], folder);
      await sendEmail({ ...CONFIG, port }, notification([alert({})]), { ...CONTEXT, templates }, SIGNAL);
      expect(await PostalMime.parse(received[1])).toMatchObject({ subject: 'ours', html: '<b>ours</b>\n' });
    }));

  test('names in its receipt a recipient that was refused while others were taken', async () => {
    const port = await serve({
      onRcptTo: ({ address }, _session, done) =>
        address.startsWith('gone') ? done(Object.assign(new Error('no such user'), { responseCode: 550 })) : done(),
    });
    const config = { ...CONFIG, port, to: 'maya@example.org, gone@example.org' };
    const attempt = await sendEmail(config, notification([alert({})]), CONTEXT, SIGNAL);
    expect(attempt).toMatchObject({ ok: true });
    expect(JSON.stringify(attempt)).toMatch(/refused: gone@example\.org \(.*no such user/);
    expect(await recipientsRefused.get()).toMatchObject({ values: [{ value: 1 }] });
  });

  test('does not go out in the clear unless that is asked for', async () => {
    const received: string[] = [];
    const attempt = await sendEmail(
      { ...CONFIG, port: await serve({}, received), requireTls: true },
      notification([alert({})]),
      CONTEXT,
      SIGNAL,
    );
    expect(attempt).toMatchObject({ ok: false });
    expect(received).toEqual([]);
  });

  test('logs in with the password in a file, read at each mail; a refused one is tried again and not told', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'crowsnest-mail-'));
    try {
      const port = await serve({
        authOptional: false,
        allowInsecureAuth: true,
        onAuth: ({ username, password }, _session, done) =>
          password === 'geheim2' ? done(null, { user: username }) : done(new Error('no')),
      });
      const config = { ...CONFIG, port, username: 'nest', passwordFile: join(folder, 'password') };
      await writeFile(config.passwordFile, 'geheim1\n');
      const refused = await sendEmail(config, notification([alert({})]), CONTEXT, SIGNAL);
      expect(refused).toMatchObject({ ok: false, retry: true });
      expect(JSON.stringify(refused)).not.toContain('geheim');
      await writeFile(config.passwordFile, 'geheim2\n');
      expect(await sendEmail(config, notification([alert({})]), CONTEXT, SIGNAL)).toMatchObject({ ok: true });
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test.each([
    [550, false],
    [451, true],
  ])('refused by %i is tried again: %s', async (responseCode, retry) => {
    const port = await serve({
      onRcptTo: (_address, _session, done) => done(Object.assign(new Error('mailbox'), { responseCode })),
    });
    expect(await sendEmail({ ...CONFIG, port }, notification([alert({})]), CONTEXT, SIGNAL)).toMatchObject({
      ok: false,
      retry,
    });
  });

  test('to a server that is away is tried again', async () => {
    expect(await sendEmail({ ...CONFIG, port: 1 }, notification([alert({})]), CONTEXT, SIGNAL)).toMatchObject({
      ok: false,
      retry: true,
    });
  });
});
