import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadProbeModules, probe } from '../../src/collector/probe/index.ts';
import { HttpClient } from '../../src/lib/http/client.ts';
import { readPage } from '../../src/collector/node/testing/read-page.ts';
import { startBlackboxExporter } from '../servers/blackbox-exporter.ts';
import { type RunningServer, describeWith, temporaryFolder } from '../servers/process.ts';
import { type ProbedServers, startProbedServers } from './probe-servers.ts';

const IP4 = 'preferred_ip_protocol: ip4';

const MODULES = (ca: string) => `
modules:
  http: {prober: http, http: {${IP4}}}
  matches: {prober: http, http: {${IP4}, fail_if_body_matches_regexp: ['hell[o]']}}
  lacks: {prober: http, http: {${IP4}, fail_if_body_not_matches_regexp: [goodbye]}}
  header: {prober: http, http: {${IP4}, fail_if_header_not_matches: [{header: X-Served-By, regexp: '^pro'}]}}
  no_header: {prober: http, http: {${IP4}, fail_if_header_matches: [{header: X-None, regexp: a}]}}
  status: {prober: http, http: {${IP4}, valid_status_codes: [500]}}
  stays: {prober: http, http: {${IP4}, follow_redirects: false, valid_status_codes: [302]}}
  post: {prober: http, http: {${IP4}, method: POST, body: x, headers: {X-A: b}}}
  needs_tls: {prober: http, http: {${IP4}, fail_if_not_ssl: true}}
  tls: {prober: http, http: {${IP4}, tls_config: {ca_file: ${ca}}}}
  any_tls: {prober: http, http: {${IP4}, tls_config: {insecure_skip_verify: true}}}
  tcp: {prober: tcp, tcp: {${IP4}}}
  tcp_tls: {prober: tcp, tcp: {${IP4}, tls: true, tls_config: {ca_file: ${ca}}}}
  greets: {prober: tcp, tcp: {${IP4}, query_response: [{expect: '^220 (\\S+)', send: 'EHLO \${1}'}]}}
  greets_not: {prober: tcp, tcp: {${IP4}, query_response: [{expect: '^250'}]}}
  dns: {prober: dns, dns: {${IP4}, query_name: example.com, query_type: A}}
  dns_rule: {prober: dns, dns: {${IP4}, query_name: example.com, query_type: A, validate_answer_rrs: {fail_if_none_matches_regexp: ['192\\.0\\.2\\.9']}}}
  dns_code: {prober: dns, dns: {${IP4}, query_name: example.com, query_type: A, valid_rcodes: [NXDOMAIN]}}
  grpc: {prober: grpc, grpc: {${IP4}}}
  grpc_down: {prober: grpc, grpc: {${IP4}, service: down}}
  quick: {prober: tcp, timeout: 300ms, tcp: {${IP4}, query_response: [{expect: never}]}}
`; // prettier-ignore

const CASES: readonly (readonly [module: string, target: (servers: ProbedServers) => string])[] = [
  ['http', ({ http }) => `http://127.0.0.1:${http}/`],
  ['http', ({ http }) => `127.0.0.1:${http}/redirect`],
  ['http', ({ http }) => `http://127.0.0.1:${http}/error`],
  ['http', () => 'http://127.0.0.1:1/'],
  ['http', () => 'http://nowhere.invalid/'],
  ['matches', ({ http }) => `http://127.0.0.1:${http}/`],
  ['lacks', ({ http }) => `http://127.0.0.1:${http}/`],
  ['header', ({ http }) => `http://127.0.0.1:${http}/`],
  ['no_header', ({ http }) => `http://127.0.0.1:${http}/`],
  ['status', ({ http }) => `http://127.0.0.1:${http}/error`],
  ['stays', ({ http }) => `http://127.0.0.1:${http}/redirect`],
  ['post', ({ http }) => `http://127.0.0.1:${http}/`],
  ['needs_tls', ({ http }) => `http://127.0.0.1:${http}/`],
  ['tls', ({ https }) => `https://localhost:${https}/`],
  ['tls', ({ http2 }) => `https://localhost:${http2}/`],
  ['any_tls', ({ https }) => `https://127.0.0.1:${https}/`],
  ['http', ({ https }) => `https://localhost:${https}/`],
  ['tcp', ({ tcp }) => `127.0.0.1:${tcp}`],
  ['tcp', () => '127.0.0.1:1'],
  ['tcp', () => '127.0.0.1'],
  ['tcp_tls', ({ https }) => `localhost:${https}`],
  ['tcp_tls', ({ https }) => `127.0.0.1:${https}`],
  ['greets', ({ tcp }) => `127.0.0.1:${tcp}`],
  ['greets_not', ({ tcp }) => `127.0.0.1:${tcp}`],
  ['dns', ({ dns }) => `127.0.0.1:${dns}`],
  ['dns_rule', ({ dns }) => `127.0.0.1:${dns}`],
  ['dns_code', ({ dns }) => `127.0.0.1:${dns}`],
  ['grpc', ({ grpc }) => `127.0.0.1:${grpc}`],
  ['grpc_down', ({ grpc }) => `127.0.0.1:${grpc}`],
  ['grpc', () => '127.0.0.1:1'],
  ['quick', ({ silent }) => `127.0.0.1:${silent}`],
];

/** Newer than the one beside us, and measured times. */
const NEWER = /^probe_tls_cipher_info/;
const TIMES = /_seconds(?:\{|$)/;

describeWith(['prometheus-blackbox-exporter'], 'black-box probes beside blackbox_exporter', () => {
  const folder = temporaryFolder();
  const client = new HttpClient();
  let servers: ProbedServers;
  let exporter: RunningServer;
  let modules: ReturnType<typeof loadProbeModules>;

  beforeAll(async () => {
    servers = await startProbedServers(folder);
    const file = join(folder, 'blackbox.yml');
    writeFileSync(file, MODULES(servers.ca));
    modules = loadProbeModules(file);
    exporter = await startBlackboxExporter(MODULES(servers.ca));
  });
  afterAll(async () => {
    client.close();
    servers.stop();
    await exporter.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  describe.each(CASES)('module %s', (module, targetOf) => {
    test(`${targetOf.toString().replace(/^.*?=> /, '')}: the same series with the same values and help`, async () => {
      const target = targetOf(servers);
      const query = new URLSearchParams({ module, target });
      const answer = await client.request({ url: `${exporter.url}/probe?${query}`, timeout: 30_000 });
      const theirs = readPage(answer.body.toString());
      const { page, failure } = await probe(target, modules[module], 30_000);
      const ours = readPage(page);
      const samplesOf = ({ samples }: typeof ours) =>
        Object.fromEntries(
          [...samples]
            .filter(([series]) => !NEWER.test(series))
            .map(([series, value]) => [series.replace(/serialnumber="[^"]*",/, ''), isTime(series) ? 'a time' : value]),
        );
      expect(samplesOf(ours), failure).toEqual(samplesOf(theirs));
      for (const [key, text] of theirs.families) if (key.startsWith('HELP')) expect(ours.families.get(key)).toBe(text);
    });
  });
});

function isTime(series: string): boolean {
  return TIMES.test(series) && !/^probe_(ssl|http_last_modified)/.test(series);
}
