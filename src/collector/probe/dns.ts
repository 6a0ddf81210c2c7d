import { randomInt } from 'node:crypto';
import dgram from 'node:dgram';
import { once } from 'node:events';
import { isIP } from 'node:net';
import type net from 'node:net';
import { compileSearch } from '../regex.ts';
import type { DnsProbe, RecordRules } from './config.ts';
import { openSocket, startTls } from './connect.ts';
import { type DnsAnswer, type DnsRecord, decodeAnswer, encodeQuery } from './dns-message.ts';
import { ProbeFailure, type ProbeReport } from './report.ts';
import { resolveHost } from './resolve.ts';
import { hostAndPort } from './tcp.ts';

const PORT = 53;
const TLS_PORT = 853;
const PHASE_HELP = 'Duration of DNS request by phase';

/** Probes a DNS server with one query (source: blackbox_exporter, prober dns). @throws {ProbeFailure} */
export async function probeDns(target: string, config: DnsProbe, report: ProbeReport, signal: AbortSignal) {
  const count = (kind: string, value: number) =>
    report.set(`probe_dns_${kind}_rrs`, `Returns number of entries in the ${kind} resource record list`, value);
  report.set('probe_dns_lookup_time_seconds', 'Returns the time taken for probe dns lookup in seconds', 0);
  report.set('probe_dns_query_succeeded', 'Displays whether or not the query was executed successfully', 0);
  for (const kind of ['answer', 'authority', 'additional']) count(kind, 0);
  for (const phase of ['resolve', 'connect', 'request'])
    report.set('probe_dns_duration_seconds', PHASE_HELP, 0, { phase });

  const { host, port } = hostAndPort(
    isIP(target) === 6 ? `[${target}]` : target,
    config.dns_over_tls ? TLS_PORT : PORT,
  );
  let since = performance.now();
  const end = (phase: string) => {
    report.set('probe_dns_duration_seconds', PHASE_HELP, (performance.now() - since) / 1000, { phase });
    since = performance.now();
  };
  const address = await resolveHost(host, config, report);
  end('resolve');
  const id = randomInt(0x10000);
  const query = encodeQuery(id, config.query_name, config.query_type, config.query_class, config.recursion_desired);
  const ask = config.transport_protocol === 'tcp' || config.dns_over_tls ? askByTcp : askByUdp;
  const bytes = await ask({ query, id, host, address, port, config, signal, connected: () => end('connect') });
  end('request');
  const answer = decodeAnswer(bytes);
  report.set('probe_dns_query_succeeded', 'Displays whether or not the query was executed successfully', 1);
  for (const kind of ['answer', 'authority', 'additional'] as const) count(kind, answer[kind].length);
  const soa = answer.answer.find(({ type }) => type === 'SOA');
  if (soa?.serial !== undefined && config.query_type.toUpperCase() === 'SOA')
    report.set('probe_dns_serial', 'Returns the serial number of the zone', soa.serial);
  judge(answer, config);
}

interface Question {
  readonly query: Buffer;
  readonly id: number;
  readonly host: string;
  readonly address: string;
  readonly port: number;
  readonly config: DnsProbe;
  readonly signal: AbortSignal;
  readonly connected: () => void;
}

async function askByUdp({ query, id, address, port, config, signal, connected }: Question): Promise<Buffer> {
  const socket = dgram.createSocket(isIP(address) === 6 ? 'udp6' : 'udp4');
  try {
    if (config.source_ip_address !== undefined) socket.bind({ address: config.source_ip_address });
    socket.connect(port, address);
    await once(socket, 'connect', { signal });
    connected();
    socket.send(query);
    for (;;) {
      const [bytes] = (await once(socket, 'message', { signal })) as [Buffer];
      // An answer to another question is not this one's.
      if (bytes.length >= 2 && bytes.readUInt16BE(0) === id) return bytes;
    }
  } catch (error) {
    throw new ProbeFailure(signal.aborted ? 'timed out' : (error as Error).message);
  } finally {
    socket.close();
  }
}

/** Over TCP the length stands before the message, in two bytes. */
async function askByTcp(question: Question): Promise<Buffer> {
  const { query, host, address, port, config, signal, connected } = question;
  let socket: net.Socket = await openSocket(address, port, config.source_ip_address, signal);
  try {
    if (config.dns_over_tls) socket = await startTls(socket, host, config.tls_config, [], signal);
    connected();
    const length = Buffer.alloc(2);
    length.writeUInt16BE(query.length);
    socket.write(Buffer.concat([length, query]));
    let bytes = Buffer.alloc(0);
    while (bytes.length < 2 || bytes.length < 2 + bytes.readUInt16BE(0)) {
      const [chunk] = (await once(socket, 'data', { signal })) as [Buffer];
      bytes = Buffer.concat([bytes, chunk]);
    }
    return bytes.subarray(2, 2 + bytes.readUInt16BE(0));
  } catch (error) {
    throw new ProbeFailure(signal.aborted ? 'timed out' : (error as Error).message);
  } finally {
    socket.destroy();
  }
}

/** @throws {ProbeFailure} where the answer is not what the module wants. */
function judge({ rcode, answer, authority, additional }: DnsAnswer, config: DnsProbe): void {
  const wanted = config.valid_rcodes.length > 0 ? config.valid_rcodes : ['NOERROR'];
  if (!wanted.includes(rcode)) throw new ProbeFailure(`the response code is ${rcode}`);
  checkRecords(answer, config.validate_answer_rrs, 'answer');
  checkRecords(authority, config.validate_authority_rrs, 'authority');
  checkRecords(additional, config.validate_additional_rrs, 'additional');
}

function checkRecords(records: readonly DnsRecord[], rules: RecordRules, kind: string): void {
  const texts = records.map(({ text }) => text);
  const fail = (words: string) => {
    throw new ProbeFailure(`${kind} records: ${words}`);
  };
  for (const pattern of rules.fail_if_matches_regexp)
    if (texts.some(compileSearch(pattern))) fail(`one matches ${pattern}`);
  for (const pattern of rules.fail_if_all_match_regexp)
    if (texts.length > 0 && texts.every(compileSearch(pattern))) fail(`all match ${pattern}`);
  for (const pattern of rules.fail_if_not_matches_regexp)
    if (!texts.every(compileSearch(pattern))) fail(`one does not match ${pattern}`);
  for (const pattern of rules.fail_if_none_matches_regexp)
    if (!texts.some(compileSearch(pattern))) fail(`none matches ${pattern}`);
}
