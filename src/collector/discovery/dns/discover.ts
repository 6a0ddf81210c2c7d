import { Resolver } from 'node:dns/promises';
import { Ticker } from '../../../lib/time/ticker.ts';
import type { Discoverer, DiscoveryContext, TargetLabels } from '../kind.ts';
import type { DnsSdConfig } from './config.ts';

/** Milliseconds and tries of one question. */
const TIMEOUT_MS = 2000;
const TRIES = 2;
/** Answers that say there are no such records: the name's targets are gone. Any other failure keeps those it had. */
const NO_RECORDS: readonly string[] = ['ENOTFOUND', 'ENODATA'];

type Lookup = Pick<Resolver, 'resolveSrv' | 'resolve4' | 'resolve6' | 'resolveMx' | 'resolveNs' | 'cancel'>;

/** Targets from DNS records, one group a name. */
export function discoverDns(
  config: DnsSdConfig,
  { clock, emit, fault }: DiscoveryContext,
  lookup: Lookup = new Resolver({ timeout: TIMEOUT_MS, tries: TRIES }),
): Discoverer {
  let stopped = false;

  async function refresh(): Promise<void> {
    const faults: string[] = [];
    await Promise.all(
      config.names.map(async (name) => {
        try {
          const targets = await targetsOf(name, config, lookup);
          emit([{ source: name, targets, labels: { __meta_dns_name: name } }]);
        } catch (error) {
          faults.push(`${name}: ${(error as Error).message}`);
        }
      }),
    );
    if (!stopped) fault(faults);
  }

  const ticker = new Ticker({ interval: config.refresh_interval, clock }, refresh);
  return {
    async start() {
      await refresh();
      ticker.start();
    },
    async stop() {
      stopped = true;
      lookup.cancel();
      await ticker.stop();
    },
  };
}

async function targetsOf(name: string, config: DnsSdConfig, lookup: Lookup): Promise<TargetLabels[]> {
  try {
    return await lookUp(name, config, lookup);
  } catch (error) {
    if (NO_RECORDS.includes((error as NodeJS.ErrnoException).code ?? '')) return [];
    throw error;
  }
}

async function lookUp(name: string, { type, port }: DnsSdConfig, lookup: Lookup): Promise<TargetLabels[]> {
  switch (type) {
    case 'SRV':
      return (await lookup.resolveSrv(name)).map((record) => ({
        __address__: `${withoutDot(record.name)}:${record.port}`,
        __meta_dns_srv_record_target: record.name,
        __meta_dns_srv_record_port: String(record.port),
      }));
    case 'MX':
      return (await lookup.resolveMx(name)).map(({ exchange }) => ({
        __address__: `${withoutDot(exchange)}:${port}`,
        __meta_dns_mx_record_target: exchange,
      }));
    case 'NS':
      return (await lookup.resolveNs(name)).map((server) => ({
        __address__: `${withoutDot(server)}:${port}`,
        __meta_dns_ns_record_target: server,
      }));
    case 'A':
      return (await lookup.resolve4(name)).map((address) => ({ __address__: `${address}:${port}` }));
    case 'AAAA':
      return (await lookup.resolve6(name)).map((address) => ({ __address__: `[${address}]:${port}` }));
  }
}

function withoutDot(name: string): string {
  return name.endsWith('.') ? name.slice(0, -1) : name;
}
