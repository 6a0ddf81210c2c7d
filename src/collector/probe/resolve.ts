import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { AddressConfig } from './config.ts';
import { ProbeFailure, type ProbeReport } from './report.ts';

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/**
 * The address to probe: of the preferred protocol, or of the other where falling back is allowed.
 * @throws {ProbeFailure} where the name has none.
 */
export async function resolveHost(host: string, config: AddressConfig, report: ProbeReport): Promise<string> {
  const began = performance.now();
  report.set('probe_ip_protocol', 'Specifies whether probe ip protocol is IP4 or IP6', 0);
  report.set('probe_ip_addr_hash', "Specifies the hash of IP address. It's useful to detect if the IP address changes.", 0); // prettier-ignore
  try {
    const address = await pick(host, config);
    report.set('probe_ip_protocol', 'Specifies whether probe ip protocol is IP4 or IP6', isIP(address));
    report.set('probe_ip_addr_hash', "Specifies the hash of IP address. It's useful to detect if the IP address changes.", hashOf(address)); // prettier-ignore
    return address;
  } finally {
    const seconds = (performance.now() - began) / 1000;
    report.add('probe_dns_lookup_time_seconds', 'Returns the time taken for probe dns lookup in seconds', seconds);
  }
}

async function pick(host: string, config: AddressConfig): Promise<string> {
  const preferred = config.preferred_ip_protocol === 'ip6' ? 6 : 4;
  const found = isIP(host) === 0 ? await lookupAll(host) : [{ address: host, family: isIP(host) }];
  const best = found.find(({ family }) => family === preferred);
  const other = config.ip_protocol_fallback ? found.find(({ family }) => family !== preferred) : undefined;
  const chosen = best ?? other;
  if (chosen === undefined) throw new ProbeFailure(`${host} has no address of IPv${preferred}`);
  return chosen.address;
}

async function lookupAll(host: string) {
  try {
    return await lookup(host, { all: true });
  } catch (error) {
    throw new ProbeFailure(`${host} cannot be resolved: ${(error as NodeJS.ErrnoException).code ?? String(error)}`);
  }
}

/** FNV-1a of 32 bits over the address as bytes of four or sixteen, as blackbox_exporter has it. */
function hashOf(address: string): number {
  let hash = FNV_OFFSET;
  for (const byte of bytesOf(address)) hash = Math.imul(hash ^ byte, FNV_PRIME) >>> 0;
  return hash;
}

function bytesOf(address: string): number[] {
  if (isIP(address) === 4) return address.split('.').map(Number);
  // A URL writes the address out in its canonical form, an IPv4 tail included.
  const canonical = new URL(`http://[${address.split('%')[0]}]`).hostname.slice(1, -1);
  const [head, tail] = canonical.split('::').map((part) => part.split(':').filter((group) => group !== ''));
  const groups =
    tail === undefined ? head : [...head, ...Array.from({ length: 8 - head.length - tail.length }, () => '0'), ...tail];
  return groups.flatMap((group) => {
    const number = Number.parseInt(group, 16);
    return [number >> 8, number & 0xff];
  });
}
