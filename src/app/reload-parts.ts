import type { Logger } from '../lib/logger.ts';
import type { Reloadable } from '../lib/lifecycle/reload.ts';
import type { ReloadPart } from '../lib/lifecycle/reloader.ts';
import { InputError, type Path } from '../lib/schema/yaml.ts';
import type { LoadedConfig } from './config.ts';

type Part = ReloadPart<LoadedConfig>;

/** Returns a part that applies a changed section to the running `part`; without a `part`, a change at `path` refuses the reload. */
export function takesOver<Settings>(
  path: readonly string[],
  part: Reloadable<Settings> | undefined,
  settings: (loaded: LoadedConfig) => Settings,
): Part {
  if (part === undefined) return needsRestart(...path);
  return { name: path.join('.'), prepare: (next) => part.prepare(settings(next)) };
}

/** Returns a part that refuses the reload where the value at `path` changed. */
export function needsRestart(...path: readonly string[]): Part {
  return {
    name: path.join('.'),
    async prepare(next, current) {
      const changed = firstDifference(at(current.config, path), at(next.config, path), path);
      if (changed !== undefined) throw new InputError([next.complain(changed, 'changed, which needs a restart')]);
      return { commit() {} };
    },
  };
}

/** Section `server`, but for what the query engine and the links of pages were made with. */
export function serverParts(server: Reloadable<LoadedConfig['config']['server']>): Part[] {
  return [
    ...['upstream', 'query_timeout', 'use_start_timestamps', 'external_url'].map((key) => needsRestart('server', key)),
    takesOver(['server'], server, ({ config }) => config.server),
  ];
}

/** Section `store`, but for what its files were opened with. */
export function storeParts(store: Reloadable<LoadedConfig['config']['store']> | undefined): Part[] {
  return [
    ...['path', 'memory', 'threads'].map((key) => needsRestart('store', key)),
    takesOver(['store'], store, ({ config }) => config.store),
  ];
}

/** The log's level changes at once. */
export function logLevel(logger: Logger): Part {
  return {
    name: 'log_level',
    prepare: async ({ config }) => ({
      commit() {
        logger.level = config.log_level;
      },
    }),
  };
}

function at(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((inner, step) => (inner as Readonly<Record<string, unknown>> | undefined)?.[step], value);
}

/** The path to the first value that differs; undefined where all is the same. */
export function firstDifference(before: unknown, after: unknown, path: Path = []): Path | undefined {
  if (Object.is(before, after)) return undefined;
  if (!isContainer(before) || !isContainer(after) || Array.isArray(before) !== Array.isArray(after)) return path;
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const step = Array.isArray(after) ? Number(key) : key;
    const found = firstDifference(before[key], after[key], [...path, step]);
    if (found !== undefined) return found;
  }
  return undefined;
}

function isContainer(value: unknown): value is Readonly<Record<string, unknown>> {
  return value !== null && typeof value === 'object';
}
