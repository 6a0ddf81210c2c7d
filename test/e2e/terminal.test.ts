import { spawn } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CLI } from './crowsnest.ts';

const HOSTILE = 'a\u001b]0;owned\u0007\r\u009b2Jb\u202ec\nd';
const LABELS = { alertname: HOSTILE, instance: HOSTILE };
const RULE = {
  name: HOSTILE,
  type: 'alerting',
  state: 'firing',
  health: 'err',
  lastError: HOSTILE,
  lastEvaluation: '',
};
const TARGET = { scrapePool: HOSTILE, scrapeUrl: HOSTILE, health: HOSTILE, lastError: HOSTILE, lastScrape: '' };
const RECORD = {
  timestamp: 1,
  level: 'error',
  message: HOSTILE,
  fields: { 'log.file.path': HOSTILE },
};
const ANSWERS: Readonly<Record<string, unknown>> = {
  '/api/v1/query': { resultType: 'vector', result: [{ metric: LABELS, value: [1, HOSTILE] }] },
  '/api/v1/rules': { groups: [{ name: HOSTILE, file: HOSTILE, rules: [RULE] }] },
  '/api/v1/targets': { activeTargets: [{ ...TARGET, lastScrapeDuration: 1 }] },
  '/api/v1/alerts': {
    alerts: [{ labels: LABELS, annotations: { summary: HOSTILE }, state: 'firing', activeAt: '', value: HOSTILE }],
  },
  '/api/crowsnest/v1/logs': { records: Array.from({ length: 5000 }, () => RECORD), cursor: '' },
  '/api/crowsnest/v1/logs/files': [
    { path: HOSTILE, state: 'skipped', reason: HOSTILE, size: 1, position: 1, lines: 1 },
  ],
};

describe('the terminal of whoever asks', () => {
  const server = http.createServer((request, response) => {
    const data = ANSWERS[(request.url ?? '').split('?')[0]];
    response.end(
      JSON.stringify(data === undefined ? { status: 'error', error: HOSTILE } : { status: 'success', data }),
    );
  });
  let url = '';
  beforeAll(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => server.close());

  async function shell(command: string): Promise<{ code: number | null; out: string; err: string }> {
    const child = spawn('bash', ['-c', `set -o pipefail; ${command}`], {
      env: { ...process.env, CROWSNEST_URL: url, CLI, NODE: process.execPath },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const texts = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (texts[0] += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (texts[1] += chunk.toString()));
    await once(child, 'close');
    return { code: child.exitCode, out: texts[0], err: texts[1] };
  }

  describe('is not driven by what others wrote', () => {
    test.each([
      'query up', 'rules', 'targets', 'alerts list', 'logs', 'logs --files', 'rules -o json', 'rules -o yaml',
      'logs -o yaml -n 1', 'query --start 1h up',
    ])('%s', async (command) => {
      const { out, err } = await shell(`"$NODE" "$CLI" ${command}`);
      // oxlint-disable-next-line no-control-regex -- these must not be there
      expect(`${out}${err}`).not.toMatch(/[\u{0}-\u{8}\u{b}-\u{1f}\u{7f}-\u{9f}\u{202a}-\u{202e}]/u);
      expect(`${out}${err}`).toMatch(/owned/);
    }); // prettier-ignore
  });

  test.each(['logs', 'logs -o json', 'query up', 'rules', '--help', 'config show', 'completion bash', 'check'])(
    'a reader that goes away ends `%s` without a word',
    async (command) => {
      const { err } = await shell(`"$NODE" "$CLI" ${command} | true`);
      expect(err.split('\n').filter((line) => /EPIPE|Error|^\s+at /.test(line))).toEqual([]);
    },
  );

  test('`logs | head -1` prints one line and nothing else', async () => {
    const { out, err } = await shell('"$NODE" "$CLI" logs -n 5000 | head -n 1');
    expect(out.split('\n')).toHaveLength(2);
    expect(err).toBe('');
  });
});
