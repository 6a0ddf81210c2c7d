import { readFileSync } from 'node:fs';
import { decodeText } from '../../lib/text/decode-text.ts';
import { validate } from '../../lib/schema/schema.ts';
import { parseYaml } from '../../lib/schema/yaml.ts';
import { type ProbeModule, modulesSchema } from './config.ts';
import { probeDns } from './dns.ts';
import { probeGrpc } from './grpc.ts';
import { probeHttp } from './http.ts';
import { ProbeFailure, ProbeReport } from './report.ts';
import { probeTcp } from './tcp.ts';

export type ProbeModules = Readonly<Record<string, ProbeModule>>;

export interface ProbeResult {
  /** The page, in the text format. */
  readonly page: string;
  /** Why the probe failed. */
  readonly failure: string | undefined;
}

/** A probe takes this long at most, milliseconds, where neither its module nor its caller says less. */
const DEFAULT_TIMEOUT = 120_000;

/** blackbox_exporter's module file. @throws {InputError} */
export function loadProbeModules(file: string): ProbeModules {
  return validate(parseYaml(decodeText(readFileSync(file), file), file), modulesSchema).modules;
}

/**
 * Probes one target and returns the page that blackbox_exporter would serve for it. A probe that fails is a page too.
 * `timeout`: milliseconds that the caller allows; a module may allow less.
 */
export async function probe(target: string, module: ProbeModule, timeout = DEFAULT_TIMEOUT): Promise<ProbeResult> {
  const report = new ProbeReport();
  const began = performance.now();
  const signal = AbortSignal.timeout(Math.max(1, Math.min(timeout, module.timeout || timeout)));
  let failure: string | undefined;
  try {
    await proberOf(module)(target, report, signal);
  } catch (error) {
    // What is not a failure of the target, such as a certificate's file that is gone, fails the probe as well.
    failure = error instanceof ProbeFailure ? error.message : (error as Error).message;
  }
  report.set('probe_success', 'Displays whether or not the probe was a success', failure === undefined ? 1 : 0);
  const seconds = (performance.now() - began) / 1000;
  report.set('probe_duration_seconds', 'Returns how long the probe took to complete in seconds', seconds);
  return { page: report.text(), failure };
}

type Prober = (target: string, report: ProbeReport, signal: AbortSignal) => Promise<void>;

function proberOf(module: ProbeModule): Prober {
  switch (module.prober) {
    case 'http':
      return (target, report, signal) => probeHttp(target, module.http, report, signal);
    case 'tcp':
      return (target, report, signal) => probeTcp(target, module.tcp, report, signal);
    case 'grpc':
      return (target, report, signal) => probeGrpc(target, module.grpc, report, signal);
    default: {
      const { dns } = module;
      if (dns === undefined) throw new ProbeFailure('no query_name');
      return (target, report, signal) => probeDns(target, dns, report, signal);
    }
  }
}
