import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { InputError } from '../../lib/yaml.ts';
import { type NotificationTemplates, loadTemplates } from '../receivers/templates.ts';
import { maskRouting } from './mask.ts';
import { parseRouting } from './parse-routing.ts';
import type { Routing } from './routing.ts';

export interface LoadedRouting {
  readonly routing: Routing;
  readonly templates: NotificationTemplates;
  /** The file as it may be shown: secrets masked. */
  readonly shown: unknown;
  /** Patterns of `templates` that match no file. */
  readonly unmatched: readonly string[];
}

/**
 * Reads a routing file and the templates that it names.
 * @throws {InputError}
 */
export async function loadRouting(path: string): Promise<LoadedRouting> {
  const text = await readFile(path, 'utf8').catch((error: Error) => refuse(path, '', error));
  const routing = parseRouting(text, path);
  const templates = await loadTemplates(routing.templates, dirname(path)).catch((error: Error) =>
    refuse(path, 'templates', error),
  );
  return { routing, templates, shown: maskRouting(text, path), unmatched: [] };
}

function refuse(file: string, path: string, { message }: Error): never {
  throw new InputError([{ file, line: 0, column: 0, path, message }]);
}
