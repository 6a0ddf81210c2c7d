import http from 'node:http';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseRuleFile } from '../../src/alerting/rules/parse.ts';
import type { RuleGroupStatus } from '../../src/model/rule.ts';
import { parse } from '../../src/promql/index.ts';
import { Random } from '../promql/random.ts';
import { writeSeries } from '../promql/write-series.ts';
import { type RunningServer, describeWith, temporaryFolder, waitFor } from '../servers/process.ts';
import { startPrometheus } from '../servers/prometheus.ts';
import { END, SERIES, START } from './known-series.ts';
import { type OwnServer, startOwnServer } from './own-server.ts';
import { type ApiRequest, randomRequest } from './random-requests.ts';

const SEED = Number(process.env.SEED ?? 20261121);
const COUNT = Number(process.env.COUNT ?? 600);

describeWith(
  ['prometheus'],
  'our API and that of a real Prometheus, asked what people, scripts and mistakes ask',
  () => {
    const folder = temporaryFolder();
    let ours: OwnServer;
    let real: RunningServer;

    beforeAll(async () => {
      const rules = join(folder, 'rules.yml');
      writeFileSync(rules, RULES);
      const settings = { admin_api: true, requests_per_minute: 0 };
      ours = await startOwnServer(settings, { ruleGroups: () => unevaluated(rules) });
      real = await startPrometheus({ config: `rule_files: ["${rules}"]\n` });
      for (const url of [ours.url, real.url]) await writeSeries(url, SERIES);
      const count = { method: 'GET', path: `/api/v1/query?query=count({__name__!=""})&time=${END / 1000}` };
      const written = (await ask(real.url, count)).text;
      expect(await waitFor(async () => (await ask(ours.url, count)).text === written, 10_000)).toBe(true);
    });

    afterAll(async () => {
      await real?.stop();
      await ours?.stop();
      agent.destroy();
      rmSync(folder, { recursive: true, force: true });
    });

    test(`${COUNT} requests of seed ${SEED} have the same status, words and data`, async () => {
      const random = new Random(SEED);
      const differences: unknown[] = [];
      for (let i = 0; i < COUNT; i++) {
        const request = randomRequest(random, START, END);
        const [mine, theirs] = await Promise.all([ask(ours.url, request), ask(real.url, request)]);
        const [a, b] = [comparable(mine, request), comparable(theirs, request)];
        if (isKnown(request)) continue;
        if (canonical(a) !== canonical(b)) differences.push({ request, mine: a, theirs: b });
      }
      expect(differences).toEqual([]);
    });

    function unevaluated(file: string): RuleGroupStatus[] {
      const idle = { health: 'unknown', lastError: '', lastEvaluation: 0, evaluationTime: 0, state: 'inactive', alerts: [] } as const; // prettier-ignore
      return parseRuleFile(RULES, file, { parseExpr: parse, interval: 60_000 }).map((group) => ({
        group,
        lastEvaluation: 0,
        evaluationTime: 0,
        rules: group.rules.map((rule) => ({ rule, ...idle })),
      }));
    }
  },
);

/** Evaluated so seldom that it does not happen in the test. */
const RULES = `
groups:
  - name: records
    interval: 1d
    rules:
      - {record: 'job:up:sum', expr: 'sum(up)by(job)', labels: {job: shop}}
  - name: alerts
    interval: 1d
    limit: 5
    labels: {job: till}
    rules:
      - {alert: Down, expr: 'up{} == bool 0x0 or (up offset 60s) > 1e9 # never', for: 2m, keep_firing_for: 30s, labels: {severity: page}, annotations: {a: '{{ $value }}'}}
      - {alert: Always, expr: '1'}
`;

/**
 * Where we differ on purpose:
 * - times past what a `Date` holds, or that are no numbers, wrap around in Go and come out as other times;
 * - a time-out below a millisecond, or none at all, is a time-out here and any of three errors, or an answer, there;
 * - what lies in a time range is exact here and by blocks of two hours there.
 */
function isKnown({ path, form = '' }: ApiRequest): boolean {
  const params = new URLSearchParams(`${form}&${path.split('?')[1] ?? ''}`);
  const times = ['time', 'start', 'end'].map((name) => params.get(name) ?? '');
  const oddTime = times.some((text) => /nan|inf|e\+?1[58]$|e400|^\d{16,}|^9223372036\.|^-?292|^9999|^0000/i.test(text));
  const timeout = params.get('timeout') ?? '';
  const noTime = /^(0|00m|0ms|-\d.*|\+?0?\.0+1|1e-9|-inf|nan)$/i.test(timeout);
  const byRange = /\/api\/v1\/(series|label)/.test(path) && params.has('start') && params.toString().includes('gone');
  return oddTime || noTime || byRange;
}

interface RawAnswer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

const agent = new http.Agent({ keepAlive: true });

/** Not by `fetch`, which puts odd paths in order. */
function ask(base: string, { method, path, headers, form }: ApiRequest): Promise<RawAnswer> {
  const { hostname, port } = new URL(base);
  return new Promise((resolve, reject) => {
    const sent = { ...headers, ...(form === undefined ? {} : { 'content-length': Buffer.byteLength(form) }) };
    const request = http.request({ hostname, port, method, path, headers: sent, agent }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const type = (response.headers['content-type'] ?? '').split(';')[0];
        resolve({ status: response.statusCode ?? 0, type, text: Buffer.concat(chunks).toString() });
      });
    });
    request.on('error', reject);
    request.end(form);
  });
}

interface Body {
  warnings?: string[];
  readonly data?: { resultType?: string; result?: unknown[]; stats?: { timings: object; samples?: object } };
}

/** Without what differs from run to run and what is ours to say: times of work, the order of vectors and warnings, 404's words. */
function comparable({ status, type, text }: RawAnswer, { path }: ApiRequest): unknown {
  if (path.startsWith('/-/') || status === 404 || status === 405) return status;
  if (path.startsWith('/federate')) return { status, lines: federated(text, status) };
  if (type !== 'application/json') return { status, type, text };
  const body = JSON.parse(text) as Body;
  const { data } = body;
  body.warnings?.sort();
  if (path.startsWith('/api/v1/status/tsdb') && data !== undefined)
    return { status, keys: Object.keys(data).toSorted() };
  if (data?.stats !== undefined) {
    const { timings, samples } = data.stats;
    data.stats = { timings: Object.keys(timings).toSorted(), samples: { ...samples, peakSamples: 0 } };
  }
  if (data?.resultType === 'vector' || data?.resultType === 'matrix') data.result = sorted(data.result ?? []);
  if (path.startsWith('/api/v1/series') && Array.isArray(data)) return { status, ...body, data: sorted(data) };
  return { status, body };
}

/** Lines in any order, numbers as numbers: 1.5e+10 is 15000000000. The words of an error stand bare there. */
function federated(text: string, status: number): unknown {
  if (status !== 200) return text.startsWith('{') ? (JSON.parse(text) as { error: string }).error : text.trim();
  const lines = text.split('\n').map((line) => line.replace(/ ([-+.\deE]+) (\d+)$/, (_, value, time) => ` ${Number(value)} ${time}`)); // prettier-ignore
  return lines.filter((line) => line !== '').toSorted();
}

function sorted(items: readonly unknown[]): unknown[] {
  return items.toSorted((a, b) => (canonical(a) < canonical(b) ? -1 : 1));
}

/** JSON with the keys of every object in order. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) =>
    item !== null && typeof item === 'object' && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  );
}
