import http2 from 'node:http2';
import type net from 'node:net';
import type tls from 'node:tls';
import type { GrpcProbe } from './config.ts';
import { openSocket, reportTls, startTls } from './connect.ts';
import { ProbeFailure, type ProbeReport } from './report.ts';
import { resolveHost } from './resolve.ts';
import { hostAndPort } from './tcp.ts';

const PHASE_HELP = 'Duration of gRPC request by phase';
/** Of `grpc.health.v1.HealthCheckResponse`, by number. */
const STATUSES = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'];
const SERVING = 1;
const UNAVAILABLE = 14;
const MAX_MESSAGE = 64 * 1024;

/** Probes a gRPC server by its health service (source: blackbox_exporter, prober grpc; grpc.health.v1). @throws {ProbeFailure} */
export async function probeGrpc(target: string, config: GrpcProbe, report: ProbeReport, signal: AbortSignal) {
  const setStatus = (status: number | undefined) =>
    STATUSES.forEach(
      (name, i) =>
      report.set('probe_grpc_healthcheck_response', 'Response HealthCheck response', i === status ? 1 : 0, { serving_status: name }), // prettier-ignore
    );
  const code = (value: number) => report.set('probe_grpc_status_code', 'Response gRPC status code', value);
  report.set('probe_dns_lookup_time_seconds', 'Returns the time taken for probe dns lookup in seconds', 0);
  for (const phase of ['resolve', 'check']) report.set('probe_grpc_duration_seconds', PHASE_HELP, 0, { phase });
  report.set('probe_grpc_ssl', 'Indicates if SSL was used for the connection', 0);
  report.set('probe_ssl_earliest_cert_expiry', 'Returns last SSL chain expiry in unixtime', 0);
  setStatus(undefined);
  code(UNAVAILABLE);
  const { host, port } = hostAndPort(target);
  const since = performance.now();
  const address = await resolveHost(host, config, report);
  const resolved = performance.now();
  report.set('probe_grpc_duration_seconds', PHASE_HELP, (resolved - since) / 1000, { phase: 'resolve' });
  let socket: net.Socket = await openSocket(address, port, config.source_ip_address, signal);
  try {
    if (config.tls) {
      socket = await startTls(socket, host, config.tls_config, ['h2'], signal);
      report.set('probe_grpc_ssl', 'Indicates if SSL was used for the connection', 1);
      reportTls(socket as tls.TLSSocket, report);
    }
    const answer = await check(socket, `${config.tls ? 'https' : 'http'}://${target}`, config.service, signal);
    code(answer.code);
    if (answer.code === 0) setStatus(answer.status);
    if (answer.code !== 0) throw new ProbeFailure(`gRPC status ${answer.code}: ${answer.message}`);
    if (answer.status !== SERVING) throw new ProbeFailure(`the service is ${STATUSES[answer.status] ?? answer.status}`);
  } finally {
    const seconds = (performance.now() - resolved) / 1000;
    report.set('probe_grpc_duration_seconds', PHASE_HELP, seconds, { phase: 'check' });
    socket.destroy();
  }
}

interface Health {
  readonly code: number;
  readonly message: string;
  readonly status: number;
}

async function check(socket: net.Socket, authority: string, service: string, signal: AbortSignal): Promise<Health> {
  const session = http2.connect(authority, { createConnection: () => socket });
  session.on('error', () => {});
  try {
    return await new Promise<Health>((resolve, reject) => {
      session.once('error', reject);
      session.once('close', () => reject(new Error('the connection was closed')));
      const stream = session.request(
        {
          ':method': 'POST',
          ':path': '/grpc.health.v1.Health/Check',
          'content-type': 'application/grpc',
          te: 'trailers',
        },
        { signal },
      );
      let body = Buffer.alloc(0);
      let heads: http2.IncomingHttpHeaders = {};
      stream.on('response', (headers) => (heads = headers));
      stream.on('trailers', (trailers) => (heads = { ...heads, ...trailers }));
      stream.on('data', (chunk: Buffer) => {
        body = Buffer.concat([body, chunk]);
        if (body.length > MAX_MESSAGE) reject(new Error(`the response is longer than ${MAX_MESSAGE} bytes`));
      });
      stream.once('error', reject);
      stream.once('end', () => resolve(healthOf(heads, body)));
      stream.end(messageOf(service));
    });
  } catch (error) {
    throw new ProbeFailure(signal.aborted ? 'timed out' : (error as Error).message);
  } finally {
    session.destroy();
  }
}

/** `HealthCheckRequest { string service = 1 }` behind the frame of gRPC: not compressed, length. */
function messageOf(service: string): Buffer {
  const name = Buffer.from(service);
  const message = name.length === 0 ? name : Buffer.concat([Buffer.from([0x0a, ...varint(name.length)]), name]);
  const frame = Buffer.alloc(5);
  frame.writeUInt32BE(message.length, 1);
  return Buffer.concat([frame, message]);
}

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)];
}

/** `HealthCheckResponse { ServingStatus status = 1 }`: the field is left out where it is 0. */
function healthOf(heads: http2.IncomingHttpHeaders, body: Buffer): Health {
  const code = heads['grpc-status'];
  if (code === undefined)
    return { code: UNAVAILABLE, message: `no gRPC: HTTP status ${Number(heads[':status'])}`, status: 0 };
  const message = body.subarray(5);
  const status = message[0] === 0x08 ? (message[1] ?? 0) : 0;
  return { code: Number(code), message: String(heads['grpc-message'] ?? ''), status };
}
