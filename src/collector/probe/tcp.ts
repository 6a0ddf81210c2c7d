import type net from 'node:net';
import type tls from 'node:tls';
import { compileGroups, expand, type Groups } from '../../relabel/regex-groups.ts';
import type { TcpProbe } from './config.ts';
import { openSocket, reportTls, startTls } from './connect.ts';
import { LineReader } from './line-reader.ts';
import { ProbeFailure, type ProbeReport } from './report.ts';
import { resolveHost } from './resolve.ts';

/** Probes a TCP server: connects, and where the module asks, holds a conversation (source: blackbox_exporter, prober tcp). @throws {ProbeFailure} */
export async function probeTcp(target: string, config: TcpProbe, report: ProbeReport, signal: AbortSignal) {
  report.set('probe_failed_due_to_regex', 'Indicates if probe failed due to regex', 0);
  const { host, port } = hostAndPort(target);
  const address = await resolveHost(host, config, report);
  let socket: net.Socket = await openSocket(address, port, config.source_ip_address, signal);
  try {
    const secure = async () => {
      socket = await startTls(socket, host, config.tls_config, [], signal);
      reportTls(socket as tls.TLSSocket, report);
    };
    if (config.tls) await secure();
    await converse(() => socket, secure, config, report, signal);
  } finally {
    socket.destroy();
  }
}

/** @throws {ProbeFailure} for a target without a port */
export function hostAndPort(target: string, fallback?: number): { host: string; port: number } {
  const match = /^(?:\[([^\]]+)\]|([^:]*))(?::(\d+))?$/.exec(target);
  const port = match?.[3] === undefined ? fallback : Number(match[3]);
  if (match === null || port === undefined || port > 65_535)
    throw new ProbeFailure(`${target} is no address with a port`);
  return { host: match[1] ?? match[2], port };
}

async function converse(
  socket: () => net.Socket,
  secure: () => Promise<void>,
  { query_response: steps }: TcpProbe,
  report: ProbeReport,
  signal: AbortSignal,
): Promise<void> {
  let lines: LineReader | undefined;
  for (const { expect, expect_bytes: bytes, send, starttls, labels } of steps) {
    let groups: Groups | undefined;
    if (expect !== undefined) {
      lines ??= new LineReader(socket());
      groups = await firstMatch(lines, expect, signal, report);
      if (labels.length > 0) {
        const found = groups;
        const values = Object.fromEntries(labels.map(({ name, value }) => [name, expand(value, found)]));
        report.set('probe_expect_info', 'Explicit content matched', 1, values);
      }
    } else if (bytes !== undefined) {
      lines ??= new LineReader(socket());
      await lines.readThrough(Buffer.from(bytes), signal);
    }
    if (send !== undefined) socket().write(`${groups === undefined ? send : expand(send, groups)}\n`);
    if (starttls) {
      lines?.detach();
      lines = undefined;
      await secure();
    }
  }
}

/** Reads lines until one matches. @throws {ProbeFailure} */
async function firstMatch(lines: LineReader, pattern: string, signal: AbortSignal, report: ProbeReport) {
  const match = compileGroups(`.*?(?:${pattern}).*`);
  for (;;) {
    const line = await lines.next(signal);
    if (line === undefined) {
      report.set('probe_failed_due_to_regex', 'Indicates if probe failed due to regex', 1);
      throw new ProbeFailure(`no line matched ${pattern}`);
    }
    const groups = match(line);
    if (groups !== undefined) return groups;
  }
}
