import { readFileSync } from 'node:fs';
import http from 'node:http';
import http2 from 'node:http2';
import type net from 'node:net';
import type tls from 'node:tls';
import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';
import { authHeaders } from '../../lib/http/client-config.ts';
import { version } from '../../lib/package-root.ts';
import { compileSearch } from '../regex.ts';
import type { HttpProbe } from './config.ts';
import { openSocket, reportTls, startTls } from './connect.ts';
import { ProbeFailure, type ProbeReport } from './report.ts';
import { resolveHost } from './resolve.ts';

const MAX_REDIRECTS = 10;
/** Of a body, where the module sets no limit of its own. */
const MAX_BODY = 10 * 1024 * 1024;

const PHASES = ['resolve', 'connect', 'tls', 'processing', 'transfer'] as const;
type Phase = (typeof PHASES)[number];
const PHASE_HELP = 'Duration of http request by phase, summed over all redirects';

interface Response {
  readonly status: number;
  readonly version: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
  readonly secure: boolean;
}

/** Probes an HTTP server (source: blackbox_exporter, prober http). @throws {ProbeFailure} */
export async function probeHttp(target: string, config: HttpProbe, report: ProbeReport, signal: AbortSignal) {
  begin(report);
  let url = urlOf(target);
  let response = await exchange(url, config, report, signal, config.method);
  let redirects = 0;
  while (config.follow_redirects && isRedirect(response) && redirects < MAX_REDIRECTS) {
    redirects++;
    url = new URL(String(response.headers.location), url);
    const method = response.status === 307 || response.status === 308 ? config.method : 'GET';
    response = await exchange(url, config, report, signal, method);
  }
  // One that is not followed counts as well.
  if (!config.follow_redirects && isRedirect(response)) redirects++;
  report.set('probe_http_redirects', 'The number of redirects', redirects);
  judge(response, config, report);
}

/** What a page has also where nothing could be reached. */
function begin(report: ProbeReport): void {
  report.set('probe_dns_lookup_time_seconds', 'Returns the time taken for probe dns lookup in seconds', 0);
  report.set('probe_http_duration_seconds', PHASE_HELP, 0, { phase: 'resolve' });
  report.set('probe_http_content_length', 'Length of http content response', 0);
  report.set('probe_http_uncompressed_body_length', 'Length of uncompressed response body', 0);
  report.set('probe_http_redirects', 'The number of redirects', 0);
  report.set('probe_http_ssl', 'Indicates if SSL was used for the final redirect', 0);
  report.set('probe_http_status_code', 'Response HTTP status code', 0);
  report.set('probe_http_version', 'Returns the version of HTTP of the probe response', 0);
  report.set('probe_failed_due_to_regex', 'Indicates if probe failed due to regex', 0);
}

function urlOf(target: string): URL {
  try {
    return new URL(/^https?:\/\//i.test(target) ? target : `http://${target}`);
  } catch {
    throw new ProbeFailure(`${target} is no URL`);
  }
}

function isRedirect({ status, headers }: Response): boolean {
  return [301, 302, 303, 307, 308].includes(status) && headers.location !== undefined;
}

async function exchange(url: URL, config: HttpProbe, report: ProbeReport, signal: AbortSignal, method: string) {
  const clock = new PhaseClock(report);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const address = await resolveHost(host, config, report);
  clock.end('resolve');
  for (const phase of PHASES) report.add('probe_http_duration_seconds', PHASE_HELP, 0, { phase });
  const secure = url.protocol === 'https:';
  const port = url.port === '' ? (secure ? 443 : 80) : Number(url.port);
  let socket: net.Socket = await openSocket(address, port, config.source_ip_address, signal);
  clock.end('connect');
  try {
    if (secure) {
      const protocols = config.enable_http2 ? ['h2', 'http/1.1'] : ['http/1.1'];
      socket = await startTls(socket, host, config.tls_config, protocols, signal);
      clock.end('tls');
      reportTls(socket as tls.TLSSocket, report);
    }
    const headers = headersOf(url, config);
    const body = method === 'GET' || method === 'HEAD' ? undefined : bodyOf(config);
    const isHttp2 = secure && (socket as tls.TLSSocket).alpnProtocol === 'h2';
    const send = isHttp2 ? sendHttp2 : sendHttp1;
    return await send({ url, method, headers, body, socket, signal, clock, limit: config.body_size_limit || MAX_BODY });
  } catch (error) {
    if (error instanceof ProbeFailure) throw error;
    throw new ProbeFailure(signal.aborted ? 'timed out' : (error as Error).message);
  } finally {
    socket.destroy();
  }
}

/** Adds the time since the phase before to a phase. */
class PhaseClock {
  readonly #report: ProbeReport;
  #since = performance.now();

  constructor(report: ProbeReport) {
    this.#report = report;
  }

  end(phase: Phase): void {
    const now = performance.now();
    this.#report.add('probe_http_duration_seconds', PHASE_HELP, (now - this.#since) / 1000, { phase });
    this.#since = now;
  }
}

interface Request {
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  readonly socket: net.Socket;
  readonly signal: AbortSignal;
  readonly clock: PhaseClock;
  readonly limit: number;
}

async function sendHttp1({ url, method, headers, body, socket, signal, clock, limit }: Request): Promise<Response> {
  const request = http.request({
    createConnection: () => socket,
    host: url.hostname,
    path: `${url.pathname}${url.search}`,
    method,
    headers: { ...headers, ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }) },
    signal,
  });
  request.end(body);
  const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
    request.once('response', resolve).once('error', reject);
  });
  clock.end('processing');
  const read = await readBody(response, limit);
  clock.end('transfer');
  return {
    status: response.statusCode ?? 0,
    version: response.httpVersion,
    headers: response.headers,
    body: read,
    secure: url.protocol === 'https:',
  };
}

async function sendHttp2({ url, method, headers, body, socket, signal, clock, limit }: Request): Promise<Response> {
  const session = http2.connect(url, { createConnection: () => socket });
  session.on('error', () => {});
  try {
    const path = `${url.pathname}${url.search}`;
    const { host, ...rest } = headers;
    const stream = session.request(
      { ':method': method, ':path': path, ':authority': host ?? url.host, ...rest },
      { signal },
    );
    stream.end(body);
    const answer = await new Promise<http2.IncomingHttpHeaders>((resolve, reject) => {
      stream.once('response', resolve).once('error', reject);
      session.once('error', reject);
    });
    clock.end('processing');
    const read = await readBody(stream, limit);
    clock.end('transfer');
    return { status: Number(answer[':status']), version: '2.0', headers: answer, body: read, secure: true };
  } finally {
    session.destroy();
  }
}

async function readBody(stream: AsyncIterable<Buffer>, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream) {
    length += chunk.length;
    if (length > limit) throw new ProbeFailure(`the body is longer than ${limit} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function headersOf(url: URL, config: HttpProbe): Record<string, string> {
  const given = Object.fromEntries(Object.entries(config.headers).map(([name, value]) => [name.toLowerCase(), value]));
  return {
    host: url.host,
    'user-agent': `crowsnest/${version}`,
    ...(config.compression === '' ? {} : { 'accept-encoding': config.compression }),
    ...authHeaders({ ...config, follow_redirects: config.follow_redirects }),
    ...given,
  };
}

function bodyOf({ body, body_file: file }: HttpProbe): string | undefined {
  const text = file === undefined ? body : readFileSync(file, 'utf8');
  return text === '' ? undefined : text;
}

/** Reports the response, and fails where it is not what the module wants. @throws {ProbeFailure} */
function judge(response: Response, config: HttpProbe, report: ProbeReport): void {
  const { status, headers, secure } = response;
  const body = uncompressed(response, config);
  const length = headers['content-length'];
  report.set('probe_http_content_length', 'Length of http content response', length === undefined ? -1 : Number(length)); // prettier-ignore
  report.set('probe_http_uncompressed_body_length', 'Length of uncompressed response body', body.length);
  report.set('probe_http_ssl', 'Indicates if SSL was used for the final redirect', secure ? 1 : 0);
  report.set('probe_http_status_code', 'Response HTTP status code', status);
  report.set('probe_http_version', 'Returns the version of HTTP of the probe response', Number(response.version));
  const modified = Date.parse(String(headers['last-modified']));
  if (!Number.isNaN(modified))
    report.set('probe_http_last_modified_timestamp_seconds', 'Returns the Last-Modified HTTP response header in unixtime', modified / 1000); // prettier-ignore
  const { valid_status_codes: codes, valid_http_versions: versions } = config;
  const isGood = codes.length > 0 ? codes.includes(status) : status >= 200 && status < 300;
  if (!isGood) throw new ProbeFailure(`status ${status}`);
  const spoken = `HTTP/${response.version}`;
  if (versions.length > 0 && !versions.includes(spoken)) throw new ProbeFailure(`${spoken} is not wanted`);
  if (config.fail_if_ssl && secure) throw new ProbeFailure('TLS was used');
  if (config.fail_if_not_ssl && !secure) throw new ProbeFailure('TLS was not used');
  const failure = mismatch(body.toString(), headers, config);
  report.set('probe_failed_due_to_regex', 'Indicates if probe failed due to regex', failure === undefined ? 0 : 1);
  if (failure !== undefined) throw new ProbeFailure(failure);
}

function uncompressed({ headers, body }: Response, { compression, body_size_limit: limit }: HttpProbe): Buffer {
  const encoding = headers['content-encoding'];
  if (compression === '' || compression === 'identity' || encoding !== compression) return body;
  const options = { maxOutputLength: limit || MAX_BODY };
  try {
    if (encoding === 'gzip') return gunzipSync(body, options);
    return encoding === 'br' ? brotliDecompressSync(body, options) : inflateSync(body, options);
  } catch (error) {
    throw new ProbeFailure(`the body cannot be uncompressed: ${(error as Error).message}`);
  }
}

/** The first rule on body and headers that is broken. */
function mismatch(body: string, headers: Response['headers'], config: HttpProbe): string | undefined {
  const bad = config.fail_if_body_matches_regexp.find((pattern) => compileSearch(pattern)(body));
  if (bad !== undefined) return `the body matches ${bad}`;
  const missing = config.fail_if_body_not_matches_regexp.find((pattern) => !compileSearch(pattern)(body));
  if (missing !== undefined) return `the body does not match ${missing}`;
  const valuesOf = (name: string): string[] => [headers[name.toLowerCase()] ?? []].flat();
  for (const { header, regexp, allow_missing: allow } of config.fail_if_header_matches) {
    const values = valuesOf(header);
    if (values.length === 0 && !allow) return `there is no header ${header}`;
    if (values.some(compileSearch(regexp))) return `header ${header} matches ${regexp}`;
  }
  for (const { header, regexp, allow_missing: allow } of config.fail_if_header_not_matches) {
    const values = valuesOf(header);
    if (values.length === 0 && !allow) return `there is no header ${header}`;
    if (values.length > 0 && !values.some(compileSearch(regexp))) return `header ${header} does not match ${regexp}`;
  }
  return undefined;
}
