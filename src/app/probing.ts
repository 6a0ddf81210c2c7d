import { resolve } from 'node:path';
import type { ProbeModules } from '../collector/probe/index.ts';
import type { Reloadable } from '../lib/lifecycle/reload.ts';
import type { AnswerProbe, ProbeAnswer } from '../model/probe.ts';
import type { LoadedConfig } from './config.ts';

/** Probes at once; each holds a connection and at most a body. */
const MAX_PROBES = 50;

export interface Probing extends Reloadable<LoadedConfig> {
  readonly answer: AnswerProbe;
}

/** Black-box probes by the modules of `collect.probe_modules`. @throws {InputError} where the file cannot be used. */
export async function createProbing(loaded: LoadedConfig): Promise<Probing> {
  let modules = await loadModules(loaded);
  let running = 0;

  async function answer({ target, module, debug, timeout }: Parameters<AnswerProbe>[0]): Promise<ProbeAnswer> {
    if (Object.keys(modules).length === 0)
      return { status: 400, text: 'There are no probe modules: name their file under collect.probe_modules\n' };
    const found = Object.hasOwn(modules, module) ? modules[module] : undefined;
    if (found === undefined) return { status: 400, text: `Unknown module ${JSON.stringify(module)}\n` };
    if (target === '') return { status: 400, text: 'Target parameter is missing\n' };
    if (running >= MAX_PROBES) return { status: 503, text: `${MAX_PROBES} probes are under way already\n` };
    running++;
    try {
      const { probe } = await probes();
      const { page, failure } = await probe(target, found, timeout);
      const reason = debug && failure !== undefined ? `# failed: ${JSON.stringify(failure)}\n` : '';
      return { status: 200, text: reason + page };
    } finally {
      running--;
    }
  }

  return {
    answer,
    async prepare(next) {
      const prepared = await loadModules(next);
      return {
        commit() {
          modules = prepared;
        },
      };
    },
  };
}

/** The module file with its whole path; undefined where there are no probes. */
export function probeFile({ config, folder }: LoadedConfig): string | undefined {
  const file = config.collect.probe_modules;
  return file === undefined ? undefined : resolve(folder, file);
}

/** The modules of the file. @throws {InputError} */
export async function loadModules(loaded: LoadedConfig): Promise<ProbeModules> {
  const file = probeFile(loaded);
  return file === undefined ? {} : (await probes()).loadProbeModules(file);
}

/** Loaded when first wanted: most agents do not probe, and HTTP/2 costs memory. */
function probes() {
  return import('../collector/probe/index.ts');
}
