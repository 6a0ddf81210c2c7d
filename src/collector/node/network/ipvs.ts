import { FamilySet } from '../family-set.ts';
import { linesOf, readProc, wordsIn } from '../proc-file.ts';
import type { CreateSubject } from '../subject.ts';

const TOTALS = [
  ['connections_total', 'The total number of connections made.'],
  ['incoming_packets_total', 'The total number of incoming packets.'],
  ['outgoing_packets_total', 'The total number of outgoing packets.'],
  ['incoming_bytes_total', 'The total amount of incoming data.'],
  ['outgoing_bytes_total', 'The total amount of outgoing data.'],
] as const;

const BACKEND = [
  ['connections_active', 'The current active connections by local and remote address.'],
  ['connections_inactive', 'The current inactive connections by local and remote address.'],
  ['weight', 'The current backend weight by local and remote address.'],
] as const;

type Labels = Readonly<Record<string, string>>;

/** The kernel's load balancer: totals of /proc/net/ip_vs_stats, and the backends of /proc/net/ip_vs. */
export const ipvs: CreateSubject = ({ procfs }) => {
  return (page) => {
    const families = new FamilySet();
    const totals = wordsIn(linesOf(readProc(`${procfs}/net/ip_vs_stats`))[2] ?? '');
    TOTALS.forEach(([name, help], i) =>
      families.counter(`node_ipvs_${name}`, help, {}, Number.parseInt(totals[i] ?? '0', 16)),
    );
    for (const [labels, figures] of addedUp(readProc(`${procfs}/net/ip_vs`)).values())
      BACKEND.forEach(([name, help], i) => families.gauge(`node_ipvs_backend_${name}`, help, labels, figures[i]));
    families.writeTo(page);
  };
};

/** Backends by their labels; the same backend may be there several times. Figures as {@link BACKEND} has them. */
function addedUp(text: string): Map<string, [labels: Labels, figures: number[]]> {
  const backends = new Map<string, [Labels, number[]]>();
  let local: Labels = {};
  for (const line of linesOf(text).slice(3)) {
    const [first, address, , weight, active, inactive] = wordsIn(line);
    if (first !== '->') {
      local = localOf(first, address);
      continue;
    }
    const [host, port] = addressOf(address);
    const labels = { ...local, remote_address: host, remote_port: port };
    const key = JSON.stringify(labels);
    const figures = backends.get(key)?.[1] ?? [0, 0, 0];
    const more = [Number(active), Number(inactive), Number(weight)];
    backends.set(key, [labels, figures.map((figure, i) => figure + more[i])]);
  }
  return backends;
}

/** A service has an address, or a mark of the firewall. */
function localOf(proto: string, address: string): Labels {
  if (proto === 'FWM') return { local_address: '', local_mark: address, local_port: '0', proto };
  const [host, port] = addressOf(address);
  return { local_address: host, local_mark: '', local_port: port, proto };
}

/** `C0A80016:0CEA` or `[2001:…]:0CEA`. */
function addressOf(text: string): [host: string, port: string] {
  const colon = text.lastIndexOf(':');
  const host = text.slice(0, colon);
  const port = String(Number.parseInt(text.slice(colon + 1), 16));
  if (host.startsWith('[')) return [host.slice(1, -1).toLowerCase(), port];
  return [(host.match(/../g) ?? []).map((byte) => Number.parseInt(byte, 16)).join('.'), port];
}
