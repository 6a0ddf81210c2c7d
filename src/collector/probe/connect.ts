import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import tls from 'node:tls';
import type { HttpClientConfig } from '../../lib/http/client-config.ts';
import { ProbeFailure, type ProbeReport } from './report.ts';

export type TlsConfig = HttpClientConfig['tls_config'];

/** Opens a TCP connection. @throws {ProbeFailure} */
export async function openSocket(
  address: string,
  port: number,
  source: string | undefined,
  signal: AbortSignal,
): Promise<net.Socket> {
  const socket = net.connect({ host: address, port, localAddress: source });
  return settle(socket, 'connect', signal, `${address}:${port}`);
}

/** Puts TLS over a connection. `name` is the host that the certificate must be for. @throws {ProbeFailure} */
export async function startTls(
  socket: net.Socket,
  name: string,
  config: TlsConfig,
  protocols: string[],
  signal: AbortSignal,
): Promise<tls.TLSSocket> {
  const server = config?.server_name ?? name;
  const secure = tls.connect({
    socket,
    servername: net.isIP(server) === 0 ? server : '',
    checkServerIdentity: (_, certificate) => tls.checkServerIdentity(server, certificate),
    rejectUnauthorized: !(config?.insecure_skip_verify ?? false),
    ca: contentOf(config?.ca_file),
    cert: contentOf(config?.cert_file),
    key: contentOf(config?.key_file),
    ALPNProtocols: protocols,
  });
  return settle(secure, 'secureConnect', signal, name);
}

/** A socket that is not ready within the signal's time, or fails, is destroyed. */
async function settle<T extends net.Socket>(socket: T, event: string, signal: AbortSignal, to: string): Promise<T> {
  try {
    await once(socket, event, { signal });
    return socket;
  } catch (error) {
    socket.destroy();
    throw new ProbeFailure(`${to}: ${signal.aborted ? 'timed out' : (error as Error).message}`);
  }
}

/** Reports the version of TLS and the chain of certificates that a connection came with. */
export function reportTls(socket: tls.TLSSocket, report: ProbeReport): void {
  const version = (socket.getProtocol() ?? 'unknown').replace('TLSv', 'TLS ').replace(/^TLS 1$/, 'TLS 1.0');
  report.set('probe_tls_version_info', 'Returns the TLS version used or NaN when unknown', 1, { version });
  report.set('probe_tls_cipher_info', 'Returns the TLS cipher negotiated during handshake', 1, { cipher: socket.getCipher().standardName }); // prettier-ignore
  const chain = chainOf(socket);
  const ends = chain.map(({ valid_to }) => Date.parse(valid_to) / 1000);
  report.set('probe_ssl_earliest_cert_expiry', 'Returns last SSL chain expiry in unixtime', Math.min(...ends));
  // Only a chain that was verified has an end: without one it is Go's zero time.
  report.set('probe_ssl_last_chain_expiry_timestamp_seconds', 'Returns last SSL chain expiry in timestamp', socket.authorized ? Math.min(...ends) : GO_ZERO_TIME); // prettier-ignore
  const [leaf] = chain;
  report.set('probe_ssl_last_chain_info', 'Contains SSL leaf certificate information', 1, {
    fingerprint_sha256: leaf.fingerprint256.replaceAll(':', '').toLowerCase(),
    issuer: nameOf(leaf.issuer),
    serialnumber: leaf.serialNumber.toLowerCase().replace(/^0+(?=.)/, ''),
    subject: nameOf(leaf.subject),
    subjectalternative: (leaf.subjectaltname ?? '')
      .split(', ')
      .filter((name) => name.startsWith('DNS:'))
      .map((name) => name.slice('DNS:'.length))
      .join(','),
  });
}

/** Year 1, which is what Go's empty time is in Unix seconds. */
const GO_ZERO_TIME = -62_135_596_800;

/** The certificates from the leaf up; a root is its own issuer. */
function chainOf(socket: tls.TLSSocket): tls.DetailedPeerCertificate[] {
  const chain: tls.DetailedPeerCertificate[] = [];
  let at: tls.DetailedPeerCertificate | undefined = socket.getPeerCertificate(true);
  while (at !== undefined && !chain.includes(at)) {
    chain.push(at);
    at = at.issuerCertificate;
  }
  return chain;
}

/** A distinguished name as Go writes it: from the most particular part to the country. */
function nameOf(name: tls.Certificate): string {
  return Object.entries(name)
    .flatMap(([key, value]) => (Array.isArray(value) ? value : [value]).map((one) => `${key}=${String(one)}`))
    .reverse()
    .join(',');
}

function contentOf(path: string | undefined): Buffer | undefined {
  return path === undefined ? undefined : readFileSync(path);
}
