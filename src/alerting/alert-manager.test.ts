import { mkdir, writeFile } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import PostalMime from 'postal-mime';
import { SMTPServer } from 'smtp-server';
import { describe, expect, test, vi } from 'vitest';
import { ManualClock } from '../lib/time/clock.ts';
import type { WebhookBody } from './receivers/webhook-body.ts';
import { alertingSchema } from './config.ts';
import { START, type Stage, sample, stage, withFolder, written } from './testing.ts';

const RULES = `
groups:
  - name: shop
    interval: 10s
    rules:
      - record: job:errors:ratio
        expr: sum by (job) (errors)
      - alert: CheckoutDown
        expr: up == 0
        for: 20s
        labels: {severity: page}
        annotations:
          summary: '{{ $labels.instance }} is down in {{ $externalLabels.cluster }}'
          owner: maya
`;

const DOWN = [sample({ __name__: 'up', job: 'checkout', instance: 'a:1' }, 0)];

async function prepare(folder: string, routing?: string): Promise<void> {
  await mkdir(join(folder, 'rules/deep'), { recursive: true });
  await mkdir(join(folder, 'playbooks'), { recursive: true });
  await writeFile(join(folder, 'rules/deep/shop.yaml'), RULES);
  await writeFile(
    join(folder, 'playbooks/CheckoutDown.md'),
    '# Checkout is down\n\nRestart **redis** first. <script>alert(1)</script>\n',
  );
  if (routing !== undefined) await writeFile(join(folder, 'alertmanager.yml'), routing);
}

let stages: Stage[] = [];

async function begin(folder: string, config: Record<string, unknown> = {}): Promise<Stage> {
  const started = stage(folder, config);
  stages.push(started);
  await started.alerting.start();
  return started;
}

/** A folder for one test; what began in it has stopped before it goes. */
function onStage(run: (folder: string) => Promise<void>): Promise<void> {
  return withFolder(async (folder) => {
    try {
      await run(folder);
    } finally {
      for (const { alerting } of stages) await alerting.stop();
      stages = [];
    }
  });
}

describe('from rule to page', () => {
  test('without a routing file an alert that holds for its time is shown on the console, with owner and playbook', () =>
    onStage(async (folder) => {
      await prepare(folder);
      const { alerting, answers, advance, printed, events } = await begin(folder);
      answers.set('up == 0', DOWN);
      await advance(20_000);
      expect(alerting.groups()[0].rules[1].state).toBe('pending');
      expect(printed).toEqual([]);
      await advance(12_000);
      await vi.waitFor(() => expect(printed).toHaveLength(1));
      expect(printed[0]).toContain('[PAGE] a:1 is down in test');
      expect(printed[0]).toContain('Owner maya   region eu-west-1   datacenter dub2   affected a:1');
      expect(printed[0]).toContain('http://crowsnest.test/playbooks/CheckoutDown');
      expect(printed[0]).toContain('Restart **redis** first.');
      await vi.waitFor(() =>
        expect(events.map((event) => event.kind)).toEqual(['pending', 'firing', 'routed', 'sent']),
      );
      expect(alerting.alerts()[0].provenance.owner).toBe('annotation owner of the rule');
    }));

  test('a page about a pod names the workload that owns it, and so does the list of alerts from then on', () =>
    onStage(async (folder) => {
      await prepare(folder);
      const { alerting, answers, advance, printed } = await begin(folder);
      answers.set('up == 0', [sample({ __name__: 'up', namespace: 'shop', pod: 'checkout-7f-x' }, 0)]);
      answers.set('last_over_time(kube_pod_info{pod="checkout-7f-x",namespace="shop"}[15m])', [
        sample({ created_by_kind: 'StatefulSet', created_by_name: 'checkout' }, 1),
      ]);
      await advance(20_000);
      expect(alerting.alerts()[0].fields.affected).toBe('checkout-7f-x');
      await advance(12_000);
      await vi.waitFor(() => expect(printed).toHaveLength(1));
      expect(printed[0]).toContain('affected checkout  ');
      expect(printed[0]).not.toContain('affected checkout-7f-x');
      expect(alerting.alerts()[0].provenance.affected).toBe(
        'StatefulSet shop/checkout, owner of Pod shop/checkout-7f-x',
      );
    }));

  test('a mail and a version 4 body go out, resolved follows, and nothing is sent twice', () =>
    onStage(async (folder) => {
      const mails: string[] = [];
      const smtp = new SMTPServer({ authOptional: true, disabledCommands: ['AUTH', 'STARTTLS'], onData: (stream, _session, done) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          mails.push(Buffer.concat(chunks).toString());
          done();
        });
      } }); // prettier-ignore
      const bodies: WebhookBody[] = [];
      const hook = http.createServer((request, response) => {
        const chunks: Buffer[] = [];
        request.on('data', (chunk: Buffer) => chunks.push(chunk));
        request.on('end', () => {
          bodies.push(JSON.parse(Buffer.concat(chunks).toString()) as WebhookBody);
          response.writeHead(200).end();
        });
      });
      await new Promise<void>((resolve) => smtp.listen(0, '127.0.0.1', resolve));
      await new Promise<void>((resolve) => hook.listen(0, '127.0.0.1', resolve));
      try {
        await prepare(
          folder,
          `
global: {smtp_smarthost: '127.0.0.1:${(smtp.server.address() as AddressInfo).port}', smtp_from: nest@example.org, smtp_require_tls: false}
route: {receiver: team, group_by: [alertname], group_wait: 0s, group_interval: 10s}
receivers:
  - name: team
    email_configs: [{to: maya@example.org, send_resolved: true}]
    webhook_configs: [{url: 'http://127.0.0.1:${(hook.address() as AddressInfo).port}/hook?token=geheim'}]
`,
        );
        const { alerting, answers, advance } = await begin(folder, { routing: 'alertmanager.yml' });
        answers.set('up == 0', DOWN);
        await advance(60_000);
        await vi.waitFor(() => expect([mails.length, bodies.length]).toEqual([1, 1]));
        answers.set('up == 0', []);
        await advance(60_000);
        await vi.waitFor(() => expect([mails.length, bodies.length]).toEqual([2, 2]));

        const mail = await PostalMime.parse(mails[0]);
        expect(mail.subject).toBe('[PAGE] a:1 is down in test');
        expect(mail.text).toContain('Restart **redis** first.');
        expect(mail.html).toContain('Restart <strong>redis</strong> first.');
        expect(mail.html).not.toContain('<script>');
        expect((await PostalMime.parse(mails[1])).subject).toBe('[RESOLVED] a:1 is down in test');

        expect(bodies[0]).toMatchObject({
          version: '4',
          status: 'firing',
          receiver: 'team',
          groupKey: '{}:{alertname="CheckoutDown"}',
          truncatedAlerts: 0,
        });
        expect(bodies[0].alerts[0]).toMatchObject({
          labels: { alertname: 'CheckoutDown', severity: 'page', job: 'checkout', instance: 'a:1' },
          annotations: {
            owner: 'maya',
            region: 'eu-west-1',
            runbook_url: 'http://crowsnest.test/playbooks/CheckoutDown',
          },
          endsAt: '0001-01-01T00:00:00Z',
        });
        expect(bodies[1]).toMatchObject({ status: 'resolved', notification_reason: 'all alerts resolved' });
        await vi.waitFor(() =>
          expect(alerting.deliveries().map((delivery) => delivery.state)).toEqual(['sent', 'sent', 'sent', 'sent']),
        );
        expect(JSON.stringify(alerting.routing())).not.toContain('geheim');
      } finally {
        hook.closeAllConnections();
        await new Promise((resolve) => hook.close(resolve));
        await new Promise<void>((resolve) => smtp.close(resolve));
      }
    }));

  test('after a crash the alert is firing with the same start and is not sent again', () =>
    onStage(async (folder) => {
      await prepare(folder);
      const first = await begin(folder);
      first.answers.set('up == 0', DOWN);
      await first.advance(40_000);
      await vi.waitFor(() => expect(first.printed).toHaveLength(1));
      const [before] = first.alerting.alerts();
      await first.advance(60_000);

      // The first one is simply left standing, as a killed process leaves its files.
      const second = stage(folder, {}, new ManualClock(first.clock.now() + 30_000));
      stages.push(second);
      second.answers.set('up == 0', DOWN);
      await second.alerting.start();
      await second.advance(120_000);
      expect(second.alerting.alerts()[0].startsAt).toBe(before.startsAt);
      expect(second.alerting.groups()[0].rules[1].state).toBe('firing');
      expect(second.printed).toEqual([]);
      second.answers.set('up == 0', []);
      await second.advance(330_000);
      await vi.waitFor(() => expect(second.printed.map((text) => text.slice(0, 10))).toEqual(['[RESOLVED]']));
    }));

  test('series of rules are written at the time of the evaluation and marked stale when they vanish', () =>
    onStage(async (folder) => {
      await prepare(folder);
      const { answers, advance, batches } = await begin(folder);
      answers.set('sum by (job) (errors)', [sample({ job: 'checkout' }, 0.5)]);
      answers.set('up == 0', DOWN);
      await advance(10_000);
      answers.clear();
      await advance(10_000);
      const at = batches[0].timestamps[0] - START;
      expect(written(batches)).toEqual([
        `job:errors:ratio{job="checkout"} 0.5 @${at}`,
        `ALERTS{alertname="CheckoutDown", alertstate="pending", instance="a:1", job="checkout", severity="page"} 1 @${at}`,
        `ALERTS_FOR_STATE{alertname="CheckoutDown", instance="a:1", job="checkout", severity="page"} ${(START + at) / 1000 - (((START + at) / 1000) % 1)} @${at}`,
        `job:errors:ratio{job="checkout"} stale @${at + 10_000}`,
        `ALERTS{alertname="CheckoutDown", alertstate="pending", instance="a:1", job="checkout", severity="page"} stale @${at + 10_000}`,
        `ALERTS_FOR_STATE{alertname="CheckoutDown", instance="a:1", job="checkout", severity="page"} stale @${at + 10_000}`,
      ]);
    }));

  test('a rule file with a typo harms only itself, and reload keeps what stood in it before', () =>
    onStage(async (folder) => {
      await prepare(folder);
      await writeFile(join(folder, 'rules/bad.yaml'), 'groups:\n  - name: x\n    rulez: []\n');
      const { alerting } = await begin(folder);
      expect(alerting.groups().map(({ group }) => group.name)).toEqual(['shop']);
      await writeFile(join(folder, 'rules/deep/shop.yaml'), RULES.replace('expr: up == 0', 'expr: up ==='));
      await expect(alerting.prepare(alertingSchema.parse({}))).rejects.toThrow(
        /bad\.yaml:3:5 {2}groups\[0\]\.rulez: unknown key; did you mean "rules"\?/,
      );
      expect(alerting.groups().map(({ group }) => group.name)).toEqual(['shop']);
    }));

  test('an alert stays as it is while its rule cannot be evaluated', () =>
    onStage(async (folder) => {
      await prepare(folder);
      const { alerting, answers, advance, printed } = await begin(folder);
      answers.set('up == 0', DOWN);
      await advance(40_000);
      await vi.waitFor(() => expect(printed).toHaveLength(1));
      answers.set('up == 0', new Error('store is away'));
      await advance(600_000);
      expect(alerting.groups()[0].rules[1]).toMatchObject({
        health: 'err',
        lastError: 'store is away',
        state: 'firing',
      });
      expect(printed).toHaveLength(1);
    }));
});
