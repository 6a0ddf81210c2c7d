import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { ManualClock } from '../lib/time/clock.ts';
import { alertingSchema } from './config.ts';
import type { WebhookBody } from './receivers/webhook-body.ts';
import { START, type Stage, sample, stage, withFolder } from './testing.ts';

const SECOND = 1000;
const MINUTE = 60_000;

/** Waits for what comes of work that the held clock does not time: the disk and the network of a busy machine. */
function until(check: () => void | Promise<void>): Promise<void> {
  return vi.waitFor(check, { timeout: 20_000, interval: 20 });
}

/** A webhook that counts what reaches it and answers as it is told: a status, or a connection that breaks. */
class Hook {
  readonly received: { readonly path: string; readonly body: WebhookBody; readonly status: number | string }[] = [];
  answer: (path: string) => number | 'reset' | 'half' = () => 200;
  #url = '';
  readonly #server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const path = request.url ?? '';
      const status = this.answer(path);
      this.received.push({ path, status, body: JSON.parse(Buffer.concat(chunks).toString()) as WebhookBody });
      if (status === 'reset') return void request.socket.destroy();
      if (status === 'half') {
        response.writeHead(200, { 'content-length': '100' }).write('x');
        return void setImmediate(() => request.socket.destroy());
      }
      response.writeHead(status).end();
    });
  });

  async url(): Promise<string> {
    if (this.#url === '') {
      await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
      this.#url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    }
    return this.#url;
  }

  /** `/path status` of what was accepted, in order. */
  accepted(): string[] {
    return this.received
      .filter(({ status }) => status === 200)
      .map(({ path, body }) => `${path} ${body.status} ${body.alerts.map(({ labels }) => labels.alertname).join(',')}`);
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

let stages: Stage[] = [];
let hooks: Hook[] = [];
afterEach(() => {
  hooks.forEach((hook) => hook.close());
  hooks = [];
});

interface Files {
  readonly rules: string;
  readonly routing: (hook: string) => string;
}

async function scene(files: Files, run: (folder: string, hook: Hook) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    const hook = new Hook();
    hooks.push(hook);
    try {
      await lay(folder, 'rules/r.yaml', files.rules);
      await lay(folder, 'am.yml', files.routing(await hook.url()));
      await run(folder, hook);
    } finally {
      for (const { alerting } of stages) await alerting.stop();
      stages = [];
    }
  });
}

async function lay(folder: string, name: string, text: string): Promise<void> {
  await mkdir(dirname(join(folder, name)), { recursive: true });
  await writeFile(join(folder, name), text);
}

async function begin(folder: string, clock = new ManualClock(START), config = {}): Promise<Stage> {
  const one = stage(folder, { routing: 'am.yml', ...config }, clock);
  stages.push(one);
  await one.alerting.start();
  return one;
}

/** A second process over the folder of one that was killed: the first is left standing and stands still. */
function restarted(folder: string, { clock }: Stage, later = 5 * SECOND): Promise<Stage> {
  return begin(folder, new ManualClock(clock.now() + later));
}

const RULES = `groups: [{name: g, interval: 1s, rules: [{alert: A, expr: a}, {alert: B, expr: b}]}]\n`;
const ONE_HOOK = (hook: string) => `
route: {receiver: hook, group_by: [alertname], group_wait: 1s, group_interval: 2s}
receivers: [{name: hook, webhook_configs: [{url: '${hook}/hook'}]}]
`;
const FIRES = [sample({ instance: 'x' }, 1)];

describe('dispatch', () => {
  test('two routes with equal matchers and continue both notify', () =>
    scene(
      {
        rules: 'groups: [{name: g, interval: 1s, rules: [{alert: A, expr: a, labels: {t: same}}]}]\n',
        routing: (hook) => `
route:
  receiver: root
  group_wait: 1s
  group_interval: 2s
  routes:
    - {matchers: ['t="same"'], receiver: pager, continue: true}
    - {matchers: ['t="same"'], receiver: chat, continue: true}
receivers:
  - {name: root}
  - {name: pager, webhook_configs: [{url: '${hook}/pager'}]}
  - {name: chat, webhook_configs: [{url: '${hook}/chat'}]}
`,
      },
      async (folder, hook) => {
        const { answers, advance } = await begin(folder);
        answers.set('a', FIRES);
        await advance(5 * SECOND);
        await until(() => expect(hook.accepted().sort()).toEqual(['/chat firing A', '/pager firing A']));
        answers.set('a', []);
        await advance(5 * SECOND);
        await until(() => expect(hook.accepted()).toHaveLength(4));
      },
    ));

  test('external labels are on what leaves: for sum() too, in routes and bodies, as the rule says where it says', () =>
    scene(
      {
        rules:
          'groups: [{name: g, interval: 1s, rules: [{alert: A, expr: a}, {alert: B, expr: b, labels: {cluster: own}}]}]\n',
        routing: (hook) => `
route: {receiver: root, group_wait: 1s, group_interval: 2s, routes: [{matchers: ['cluster="test"'], receiver: lab}]}
receivers: [{name: root, webhook_configs: [{url: '${hook}/root'}]}, {name: lab, webhook_configs: [{url: '${hook}/lab'}]}]
`,
      },
      async (folder, hook) => {
        const { alerting, answers, advance } = await begin(folder);
        answers.set('a', [sample({}, 1)]).set('b', [sample({}, 1)]);
        await advance(5 * SECOND);
        await until(() => expect(hook.accepted().sort()).toEqual(['/lab firing A', '/root firing B']));
        const labels = hook.received.map(({ body }) => body.alerts[0].labels);
        expect(labels).toContainEqual({ alertname: 'A', cluster: 'test', datacenter: 'dub2', region: 'eu-west-1' });
        expect(alerting.groups()[0].rules[0].alerts[0].labels.toJSON()).toEqual({ alertname: 'A' });
      },
    ));
});

describe('a receiver that fails', () => {
  test.each([404, 403, 500, 503, 'reset', 'half'] as const)(
    'with %s for a while is notified of firing and of the end, each once, restarts in between',
    (failure) =>
      scene({ rules: RULES, routing: ONE_HOOK }, async (folder, hook) => {
        hook.answer = () => failure;
        const first = await begin(folder);
        first.answers.set('a', FIRES);
        await first.advance(6 * SECOND);
        await until(() => expect(hook.received.length).toBeGreaterThan(0));
        const second = await restarted(folder, first);
        second.answers.set('a', FIRES);
        await second.advance(6 * SECOND);
        hook.answer = () => 200;
        await until(async () => {
          await second.advance(5 * SECOND);
          expect(hook.accepted()).toEqual(['/hook firing A']);
        });
        hook.answer = () => failure;
        second.answers.set('a', []);
        await second.advance(10 * SECOND);
        const third = await restarted(folder, second);
        await third.advance(5 * SECOND);
        hook.answer = () => 200;
        await until(async () => {
          await third.advance(5 * SECOND);
          expect(hook.accepted()).toEqual(['/hook firing A', '/hook resolved A']);
        });
        await third.advance(20 * MINUTE);
        expect(hook.accepted()).toHaveLength(2);
      }),
    60_000,
  );

  test('by refusing is tried again at the next group_interval, not only at the repeat interval', () =>
    scene({ rules: RULES, routing: ONE_HOOK }, async (folder, hook) => {
      hook.answer = () => 404;
      const { alerting, answers, advance, events } = await begin(folder);
      answers.set('a', FIRES);
      await until(async () => {
        await advance(2 * SECOND);
        expect(hook.received.length).toBeGreaterThanOrEqual(3);
      });
      hook.answer = () => 200;
      await until(async () => {
        await advance(2 * SECOND);
        expect(hook.accepted()).toEqual(['/hook firing A']);
        expect(new Set(alerting.deliveries().map(({ state }) => state))).toEqual(new Set(['sent', 'failed']));
      });
      expect(events.map(({ kind }) => kind)).toContain('failed');
    }));

  test('and is overtaken by newer alerts of the group counts as superseded, not as failed', () =>
    scene(
      { rules: RULES, routing: (hook) => ONE_HOOK(hook).replace('group_by: [alertname]', 'group_by: [cluster]') },
      async (folder, hook) => {
        hook.answer = () => 503;
        const { alerting, answers, advance, events } = await begin(folder);
        answers.set('a', FIRES);
        await until(async () => {
          await advance(SECOND);
          expect(hook.received.length).toBeGreaterThan(0);
        });
        answers.set('b', FIRES);
        await until(async () => {
          await advance(SECOND);
          expect(alerting.deliveries().map(({ state }) => state)).toEqual(['waiting', 'superseded']);
        });
        hook.answer = () => 200;
        await until(async () => {
          await advance(5 * SECOND);
          expect(hook.accepted()).toEqual(['/hook firing A,B']);
        });
        await until(() => expect(alerting.deliveries().map(({ state }) => state)).toEqual(['sent', 'superseded']));
        expect(events.filter(({ kind }) => kind === 'failed')).toEqual([]);
      },
    ));
});

describe('after a restart', () => {
  const DISK = `groups:
  - name: disk
    interval: 1s
    rules:
      - {alert: Disk, expr: full > 80, labels: {severity: warning}}
      - {alert: Disk, expr: full > 95, labels: {severity: critical}}
`;
  test.each([
    ['of different labels', DISK],
    ['of the same labels', DISK.replaceAll(/, labels: [^}]*\}/g, '')],
  ])('two rules of one name %s keep apart: nothing is sent', (_what, rules) =>
    scene({ rules, routing: ONE_HOOK }, async (folder, hook) => {
      const first = await begin(folder);
      first.answers.set('full > 80', FIRES);
      await first.advance(5 * SECOND);
      await until(() => expect(hook.accepted()).toEqual(['/hook firing Disk']));
      const second = await restarted(folder, first);
      second.answers.set('full > 80', FIRES);
      await second.advance(MINUTE);
      expect(hook.received).toHaveLength(1);
      expect(second.alerting.groups()[0].rules.map(({ state }) => state)).toEqual(['firing', 'inactive']);
    }),
  );

  const INHIBITED = {
    rules: `groups:
  - {name: quick, interval: 1s, rules: [{alert: Target, expr: target}]}
  - {name: slow, interval: 10s, rules: [{alert: Source, expr: source}]}
`,
    routing: (hook: string) =>
      `${ONE_HOOK(hook)}inhibit_rules: [{source_matchers: [alertname=Source], target_matchers: [alertname=Target]}]\n`,
  };
  test.each(['kept', 'damaged'])('an inhibited alert stays muted, its state file %s', (state) =>
    scene(INHIBITED, async (folder, hook) => {
      const first = await begin(folder);
      first.answers.set('source', FIRES);
      await first.advance(15 * SECOND);
      first.answers.set('target', FIRES);
      await first.advance(15 * SECOND);
      expect(hook.accepted()).toEqual(['/hook firing Source']);
      const [target] = first.alerting.alerts().filter(({ labels }) => labels.get('alertname') === 'Target');
      const [source] = first.alerting.alerts().filter(({ labels }) => labels.get('alertname') === 'Source');
      expect(first.alerting.mutedBy(target.fingerprint).inhibitedBy).toEqual([source.fingerprint]);
      expect(first.events.filter(({ kind }) => kind === 'muted')).toHaveLength(1);
      if (state === 'damaged') await writeFile(join(folder, 'data/alerts.json'), 'null');
      const second = await restarted(folder, first);
      second.answers.set('source', FIRES).set('target', FIRES);
      await second.advance(MINUTE);
      expect(hook.accepted()).toEqual(['/hook firing Source']);
    }),
  );

  test.each([
    ['deleted', (folder: string) => rm(join(folder, 'rules/r.yaml'))],
    ['renamed', (folder: string) => lay(folder, 'rules/r.yaml', RULES.replace('alert: A', 'alert: C'))],
  ])('an alert whose rule was %s is resolved once', (_what, change) =>
    scene({ rules: RULES, routing: ONE_HOOK }, async (folder, hook) => {
      const first = await begin(folder);
      first.answers.set('a', FIRES);
      await first.advance(5 * SECOND);
      await until(() => expect(hook.accepted()).toEqual(['/hook firing A']));
      await change(folder);
      const second = await restarted(folder, first);
      await second.advance(10 * SECOND);
      await until(() => expect(hook.accepted()).toEqual(['/hook firing A', '/hook resolved A']));
      const third = await restarted(folder, second);
      await third.advance(20 * MINUTE);
      expect(hook.accepted()).toHaveLength(2);
      await until(async () => expect(await readFile(join(folder, 'data/alerts.json'), 'utf8')).not.toContain('"A"'));
    }),
  );

  test('an alert whose rule moved to another file goes on as it was', () =>
    scene({ rules: RULES, routing: ONE_HOOK }, async (folder, hook) => {
      const first = await begin(folder);
      first.answers.set('a', FIRES);
      await first.advance(5 * SECOND);
      await until(() => expect(hook.accepted()).toEqual(['/hook firing A']));
      const [{ startsAt }] = first.alerting.alerts();
      await rm(join(folder, 'rules/r.yaml'));
      await lay(folder, 'rules/other.yaml', RULES.replace('name: g', 'name: h'));
      const second = await restarted(folder, first);
      second.answers.set('a', FIRES);
      await second.advance(MINUTE);
      expect(hook.received).toHaveLength(1);
      expect(second.alerting.alerts()[0].startsAt).toBe(startsAt);
    }));

  test('after an absence longer than the tolerance an alert that is over is resolved', () =>
    scene({ rules: RULES, routing: ONE_HOOK }, async (folder, hook) => {
      const first = await begin(folder);
      first.answers.set('a', FIRES);
      await first.advance(5 * SECOND);
      await until(() => expect(hook.accepted()).toEqual(['/hook firing A']));
      const second = await restarted(folder, first, 3 * 60 * MINUTE);
      await second.advance(10 * SECOND);
      await until(() => expect(hook.accepted()).toEqual(['/hook firing A', '/hook resolved A']));
    }));
});

describe('a reload', () => {
  test('leaves unchanged rules their alerts and schedule, resolves those of rules that are gone, and restarts no wait', () =>
    scene({ rules: RULES, routing: ONE_HOOK }, async (folder, hook) => {
      const { alerting, answers, advance } = await begin(folder);
      answers.set('a', FIRES).set('b', FIRES);
      await advance(5 * SECOND);
      await until(() => expect(hook.accepted()).toHaveLength(2));
      const [{ startsAt }] = alerting.alerts();
      await lay(folder, 'rules/r.yaml', RULES.replace(', {alert: B, expr: b}', ''));
      await lay(folder, 'am.yml', ONE_HOOK(await hook.url()).replace('/hook', '/other'));
      const settings = alertingSchema.parse({ routing: 'am.yml' });
      (await alerting.prepare(settings)).commit();
      await until(() => expect(alerting.groups()[0].rules).toHaveLength(1));
      await advance(10 * SECOND);
      await until(() => expect(hook.accepted().slice(2)).toEqual(['/other resolved B']));
      expect(alerting.alerts()[0].startsAt).toBe(startsAt);
    }));

  test.each([
    ['rules/r.yaml', 'groups: [{name: g, rulez: []}]', /r\.yaml:1:20 {2}groups\[0\]\.rulez/],
    ['am.yml', 'route: {receiver: nobody}', /am\.yml:1:19 {2}route\.receiver: undefined receiver "nobody"/],
  ])('with a fault in %s names it and changes nothing', (file, text, words) =>
    scene({ rules: RULES, routing: ONE_HOOK }, async (folder, hook) => {
      const { alerting, answers, advance } = await begin(folder);
      await lay(folder, file, text);
      const settings = alertingSchema.parse({ routing: 'am.yml' });
      await expect(alerting.prepare(settings)).rejects.toThrow(words);
      answers.set('a', FIRES);
      await advance(5 * SECOND);
      await until(() => expect(hook.accepted()).toEqual(['/hook firing A']));
    }),
  );
});

test('a partial answer resolves nothing and says so', () =>
  scene({ rules: RULES, routing: ONE_HOOK }, async (folder, hook) => {
    const { alerting, answers, advance, warnings } = await begin(folder);
    answers.set('a', FIRES);
    await advance(5 * SECOND);
    await until(() => expect(hook.accepted()).toEqual(['/hook firing A']));
    answers.set('a', []);
    warnings.push('No StoreAPIs matched for this query');
    await advance(MINUTE);
    expect(alerting.groups()[0].rules[0]).toMatchObject({
      state: 'firing',
      lastError: 'partial answer: No StoreAPIs matched for this query',
    });
    expect(hook.received).toHaveLength(1);
    warnings.length = 0;
    await advance(10 * SECOND);
    await until(() => expect(hook.accepted()).toEqual(['/hook firing A', '/hook resolved A']));
  }));
