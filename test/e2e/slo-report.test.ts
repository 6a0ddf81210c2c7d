import { rmSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { temporaryFolder } from '../servers/process.ts';
import { lay, run } from './crowsnest.ts';

const folder = temporaryFolder();
const IDS = { sloth_id: 'shop-x', sloth_service: 'shop', sloth_slo: 'x' };
let recorded = true;

/** A Prometheus API with one objective of 99 %, whose budget burns 1.5 times as fast as it may. */
const prometheus = http.createServer((request, response) => {
  void text(request).then((body) => response.end(answerTo(new URLSearchParams(body).get('query') ?? '')));
});

function answerTo(expr: string): string {
  const value = expr.includes('slo:objective:ratio') ? 0.99 : expr.includes('burn_rate') ? 1.5 : undefined;
  const result = !recorded || value === undefined ? [] : [{ metric: IDS, value: [0, String(value)] }];
  return JSON.stringify({ status: 'success', data: { resultType: 'vector', result } });
}

beforeAll(() => new Promise<void>((resolve) => prometheus.listen(0, '127.0.0.1', resolve)));
afterAll(() => {
  prometheus.close();
  rmSync(folder, { recursive: true, force: true });
});

const ask = (...more: string[]) =>
  run(folder, ['slo', 'report', '--url', `http://127.0.0.1:${(prometheus.address() as AddressInfo).port}`, ...more]);

describe('slo report', () => {
  test('prints a month as Markdown, CSV and JSON', async () => {
    const markdown = await ask('--month', '2026-10');
    expect(markdown).toMatchObject({ code: 0, err: '' });
    expect(markdown.out).toContain('# Objectives in October 2026');
    expect(markdown.out).toMatch(/\| x \| 99 % \| 98\.5 % \| 150 % \| -50 % \|/);
    const csv = await ask('--month', '2026-10', '-o', 'csv');
    expect(csv.out.split('\n')[1]).toMatch(/^2026-10,shop,x,,0\.99,0\.985,1\.5,-0\.5,/);
    const json = JSON.parse((await ask('--month', '2026-10', '-o', 'json')).out) as { objectives: { days: [] }[] };
    expect(json.objectives[0].days).toHaveLength(31);
  });

  test('fails by a sentence and its own code for each fault', async () => {
    expect(await ask('--month', '2026-13')).toMatchObject({ code: 2, err: expect.stringContaining('such as 2026-11') });
    recorded = false;
    const empty = await ask('--month', '2026-10');
    expect(empty).toMatchObject({ code: 1, err: expect.stringContaining('no objective in October 2026') });
    const away = await run(folder, ['slo', 'report', '--url', 'http://127.0.0.1:1']);
    expect(away).toMatchObject({ code: 3, err: expect.stringContaining('127.0.0.1:1') });
  });

  test('on schedule is judged by check, at its line', async () => {
    lay(folder, {
      'c.yaml':
        'alerting:\n  routing: am.yml\n  reports:\n    - receiver: hook\n    - receiver: team\n      schedule: "0 99 1 * *"\n',
      'am.yml':
        'global: {smtp_smarthost: "localhost:25", smtp_from: a@x.org}\nroute: {receiver: team}\nreceivers: [{name: team, email_configs: [{to: b@x.org}]}, {name: hook}]\n',
    });
    const { code, err } = await run(folder, ['check', 'c.yaml']);
    expect(err).toMatch(/c\.yaml:4:\d+ {2}alerting\.reports\[0\]\.receiver: "hook" has no email_configs/);
    expect(err).toMatch(/c\.yaml:6:\d+ {2}alerting\.reports\[1\]\.schedule: "0 99 1 \* \* ?": hour/);
    expect(code).toBe(1);
  });
});
