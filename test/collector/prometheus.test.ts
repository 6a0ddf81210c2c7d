import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { collectSchema } from '../../src/collector/config.ts';
import { createCollector } from '../../src/collector/index.ts';
import { HttpClient } from '../../src/lib/http/client.ts';
import { createLogger } from '../../src/lib/logger.ts';
import { sharedPath, skipOrFail } from '../../src/lib/testing/shared.ts';
import { Labels } from '../../src/model/labels.ts';
import { type RunningServer, describeWith, waitFor } from '../servers/process.ts';
import { startPrometheus } from '../servers/prometheus.ts';

const TEXT = 'text/plain; version=0.0.4; charset=utf-8';
const OPENMETRICS = 'application/openmetrics-text; version=1.0.0; charset=utf-8';

interface Page {
  readonly type: string;
  readonly body: Buffer;
}

/** Pages of real programs. */
const CAPTURES = [
  'control-plane/apiserver-metrics.txt',
  'control-plane/etcd-metrics.txt',
  'control-plane/kcm-metrics.txt',
  'control-plane/scheduler-metrics.txt',
  'kubelet/kubelet-metrics.txt',
  'kubelet/kubelet-metrics_cadvisor.txt',
  'kubelet/kubelet-metrics_probes.txt',
  'kube-state-metrics/expected-all.txt',
  'others/alertmanager-metrics.txt',
  'others/node_exporter.txt',
  'others/prometheus-metrics.txt',
  'others/prometheus-openmetrics.txt',
];

/**
 * Not among these, for they are read otherwise on purpose: an exemplar in a text format, for which Prometheus fails the page and
 * we leave out the exemplar alone; blanks before a name, which Prometheus makes part of the name, and a line
 * end inside a quoted value, which it keeps while for us every line stands for itself.
 *
 * Lines that stand alone on a page: either both read it alike, or Prometheus fails the scrape and we leave it out.
 */
const LINES = [
  'a 1',
  'a\t 1 \t',
  'a{} 1',
  'a {} 1',
  'a{}1',
  'a{x="1"}2',
  'a { x = "1" , } 2',
  'a{x="1",,y="2"} 2',
  'a{,x="1"} 2',
  'a{x="1" y="2"} 2',
  'a{x="1"',
  'a{x=1} 1',
  "a{x='1'} 1",
  'a{x="a\\"b\\\\c\\nd\\e"} 1',
  'a{x=""} 1',
  'a{x="{}#, 1"} 1',
  'a{x="é🐦"} 1',
  'a{é="x"} 1',
  'é 1',
  'a{x="1",x="2"} 1',
  'a{__name__="b"} 1',
  '{__name__="b"} 1',
  '{"b.c"} 1',
  '{"b.c",x="1"} 1',
  '{x="1","b.c"} 1',
  '{"b.c","d.e"="1"} 1',
  '{"b.c" , "d e" = "1" } 1',
  '{"b\\"c"} 1',
  '{} 1',
  '{x="1"} 1',
  'a{"b.c"} 1',
  'a',
  'a ',
  'a b',
  'a 1 2 3',
  'a 1 x',
  'a 1 1.5',
  'a 1.',
  'a .5',
  'a +1',
  'a -0',
  'a 1e5',
  'a 1E-5',
  'a 1e999',
  'a 0x1p4',
  'a 1_000',
  'a Inf',
  'a +inf',
  'a -INFINITY',
  'a nan',
  'a +NaN',
  '1a 1',
  'a-b 1',
  'a:b 1',
  ':a 1',
  'a{b:c="1"} 1',
  'a{1b="1"} 1',
  '# HELP a',
  '# TYPE a foo\na 1',
  '# a comment\na 1',
  '#comment\na 1',
  'a 1\n\n\nb 2',
  'a 1\r\nb 2',
];

/** The same for OpenMetrics, `# EOF` added. Prometheus is strict about blanks and order there; we need not be. */
const OPENMETRICS_LINES = [
  '# TYPE a counter\na_total 1',
  '# TYPE a_seconds counter\n# UNIT a_seconds seconds\na_seconds_total 1\na_seconds_created 2.5',
  'a 1 1.5',
  'a 1 -1.5e3',
  'a 1 1520879607.789',
  'a 1 x',
  'a 1 # {} 2',
  '# TYPE a counter\na_total 1 # {id="x"} 2 3.5',
  '# TYPE a histogram\na_bucket{le="1"} 1 # {id="a b"} 0.5\na_bucket{le="+Inf"} 2\na_count 2\na_sum 3',
  '# TYPE a gaugehistogram\na_bucket{le="10"} 1\na_bucket{le="+Inf"} 2\na_gcount 2\na_gsum 3',
  '# TYPE a summary\na{quantile="1"} 1',
  '# TYPE a stateset\na{a="x"} 1\na{a="y"} 0',
  '# TYPE a info\na_info{version="1"} 1',
  '# TYPE "b.c" gauge\n{"b.c","d.e"="f"} 1',
  '# HELP a x\\ny\\"z\na NaN',
];

/** Pages on which a setting of the job decides. */
const SETTINGS: readonly [what: string, settings: object, body: string][] = [
  ['an empty label of the page takes that of the target away', { honor_labels: true }, 'm{zone="",pod="x"} 1\n'],
  ['an empty label without honor_labels', {}, 'm{zone="",pod="x"} 1\n'],
  ['Pushgateway without instance', { honor_labels: true }, 'm{instance="",pod="x"} 1\n'],
  ['more samples than allowed', { sample_limit: 5 }, Array.from({ length: 10 }, (_, i) => `m${i} 1\n`).join('')],
  ['more labels than allowed', { label_limit: 6 }, 'a 1\nm{a="1",b="2",c="3",d="4"} 1\nb 1\n'],
  ['a longer value than allowed', { label_value_length_limit: 30 }, `a 1\nm{a="${'x'.repeat(31)}"} 1\nb 1\n`],
  ['a page longer than allowed', { body_size_limit: '10B' }, 'abcdefghijkl 1\n'],
];

const FOLDER = sharedPath('captures');

describeWith(['prometheus'], 'beside a real Prometheus that scrapes the same pages', () => {
  const pages = new Map<string, Page>();
  for (const file of CAPTURES) {
    if (!existsSync(join(FOLDER, file))) {
      skipOrFail(`/${file}: the same series and values`, `${join(FOLDER, file)} is absent`);
      continue;
    }
    const type = file.includes('openmetrics') ? OPENMETRICS : TEXT;
    // The recording lacks its last line, without which both would fail the scrape.
    const end = type === OPENMETRICS ? '# EOF\n' : '';
    pages.set(`/${file}`, { type, body: Buffer.from(readFileSync(join(FOLDER, file), 'utf8') + end) });
  }
  LINES.forEach((line, i) => pages.set(`/line/${i}`, { type: TEXT, body: Buffer.from(`${line}\n`) }));
  OPENMETRICS_LINES.forEach((line, i) =>
    pages.set(`/open/${i}`, { type: OPENMETRICS, body: Buffer.from(`${line}\n# EOF\n`) }),
  );
  SETTINGS.forEach(([, , body], i) => pages.set(`/setting/${i}`, { type: TEXT, body: Buffer.from(body) }));
  pages.set('/no-newline', { type: TEXT, body: Buffer.from('a 1\nb 2') });

  const client = new HttpClient();
  const server = http.createServer((request, response) => {
    const page = pages.get(request.url ?? '');
    response.writeHead(page === undefined ? 404 : 200, { 'content-type': page?.type }).end(page?.body);
  });
  let prometheus: RunningServer | undefined;
  /** By path of the page, the value by series. */
  let theirs: Map<string, Map<string, number>>;
  let ours: Map<string, Map<string, number>>;

  beforeAll(async () => {
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const jobs = [...pages.keys()].map((path) => ({
      job_name: path,
      metrics_path: path,
      honor_timestamps: false,
      static_configs: [{ targets: [address], labels: { zone: 'here' } }],
      relabel_configs: [
        { source_labels: ['__address__'], regex: '(.*):.*', target_label: 'host', replacement: '$1-x' },
        { source_labels: ['__address__', 'zone'], target_label: 'shard', action: 'hashmod', modulus: 97 },
      ],
      metric_relabel_configs: [
        { source_labels: ['__name__'], regex: '(go|etcd_debugging)_.*', action: 'drop' },
        { source_labels: ['verb', 'code'], separator: '/', regex: '(.+)/(.+)', target_label: 'call' },
        { regex: 'le_.*', action: 'labeldrop' },
      ],
      ...(path.startsWith('/setting/') ? SETTINGS[Number(path.split('/')[2])][1] : {}),
    }));
    const config = { global: { scrape_interval: '10s', scrape_timeout: '10s' }, scrape_configs: jobs };
    // JSON is YAML.
    prometheus = await startPrometheus({ config: JSON.stringify(config) });
    ours = await scrapeAll(jobs);
    const scraped = await waitFor(async () => (await upCount()) === pages.size, 60_000);
    expect(scraped).toBe(true);
    theirs = new Map();
    for (const path of pages.keys()) theirs.set(path, await queryJob(path));
  }, 120_000);
  afterAll(async () => {
    client.close();
    await prometheus?.stop();
    server.closeAllConnections();
    server.close();
  });

  async function query(expr: string): Promise<{ metric: Record<string, string>; value: [number, string] }[]> {
    const url = `${prometheus?.url}/api/v1/query?query=${encodeURIComponent(expr)}`;
    const { body } = await client.request({ url, timeout: 30_000 });
    return (JSON.parse(body.toString()) as { data: { result: [] } }).data.result;
  }

  async function upCount(): Promise<number> {
    return Number((await query('count(up)'))[0]?.value[1] ?? 0);
  }

  async function queryJob(job: string): Promise<Map<string, number>> {
    const result = await query(`{job=${JSON.stringify(job)}}`);
    return new Map(result.map(({ metric, value }) => [Labels.of(metric).toString(), numberOf(value[1])]));
  }

  test.each([...pages.keys()].filter((path) => !/^\/(line|open|setting)\//.test(path)))(
    '%s: the same series and values',
    (path) => {
      expect(ours.get(path)?.size).toBeGreaterThan(5);
      expect(fixed(ours.get(path))).toEqual(fixed(theirs.get(path)));
    },
  );

  test.each(SETTINGS.map(([what], i) => [what, i] as const))('%s: as in Prometheus', (_, i) => {
    expect(fixed(ours.get(`/setting/${i}`))).toEqual(fixed(theirs.get(`/setting/${i}`)));
  });

  test.each(LINES.map((line, i) => [line, i] as const))('the line %j is read alike, or broken for both', (_, i) => {
    const given = ours.get(`/line/${i}`);
    const wanted = theirs.get(`/line/${i}`);
    if (valueOf(wanted, 'up') === 1) return expect(fixed(given)).toEqual(fixed(wanted));
    // Of several lines the others hold here.
    expect(valueOf(given, 'scrape_samples_scraped')).toBeLessThan(LINES[i].split('\n').length);
  });

  test.each(OPENMETRICS_LINES.map((line, i) => [line, i] as const))('OpenMetrics %j is read alike', (_, i) => {
    const wanted = theirs.get(`/open/${i}`);
    if (valueOf(wanted, 'up') === 1) expect(fixed(ours.get(`/open/${i}`))).toEqual(fixed(wanted));
    else expect(valueOf(ours.get(`/open/${i}`), 'up')).toBe(0);
  });

  /** One scrape of every page by our collector. */
  async function scrapeAll(jobs: object[]): Promise<Map<string, Map<string, number>>> {
    const seen = new Map<string, Map<string, number>>();
    const collector = createCollector({
      config: collectSchema.parse({ scrape_interval: '10s', node: { enabled: false }, scrape_configs: jobs }),
      identity: {},
      hostname: 'here',
      logger: createLogger({ quiet: true }),
      write(batch) {
        const job = batch.layout.series[0].labels.get('job');
        const samples = batch.layout.series.map(
          ({ labels }, i) => [labels.toString(), batch.values[i]] as [string, number],
        );
        if (!seen.has(job)) seen.set(job, new Map(samples));
        return Promise.resolve({ accepted: batch.values.length, refused: {} });
      },
    });
    await collector.start();
    await waitFor(() => seen.size === pages.size, 60_000);
    await collector.stop();
    return seen;
  }
});

function fixed(samples: ReadonlyMap<string, number> | undefined): Record<string, number> {
  return Object.fromEntries(
    [...(samples ?? [])].filter(([series]) => !/^scrape_(duration_seconds|series_added){/.test(series)),
  );
}

function valueOf(samples: ReadonlyMap<string, number> | undefined, name: string): number | undefined {
  return [...(samples ?? [])].find(([series]) => series.startsWith(`${name}{`))?.[1];
}

function numberOf(text: string): number {
  return Number(text.replace('Inf', 'Infinity'));
}
