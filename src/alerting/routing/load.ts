import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { decodeText } from '../../lib/text/decode-text.ts';
import { errnoMeaning } from '../../lib/durable/errno.ts';
import { type Complaint, InputError } from '../../lib/schema/yaml.ts';
import { type NotificationTemplates, loadTemplates, missingTemplates } from '../receivers/templates.ts';
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
 * @throws {InputError} with every fault of both: a template that does not parse, by file and line; a name that nothing defines.
 */
export async function loadRouting(path: string): Promise<LoadedRouting> {
  const bytes = await readFile(path).catch((error: Error) => {
    throw new InputError([complaint(path, '', errnoMeaning(error) ?? error.message)]);
  });
  const text = decodeText(bytes, path);
  const routing = parseRouting(text, path);
  const { templates, complaints, unmatched } = await loadTemplates(routing.templates, dirname(path));
  const missing = complaints.length > 0 ? [] : missingIn(routing, templates, path);
  if (complaints.length + missing.length > 0) throw new InputError([...complaints, ...missing]);
  return { routing, templates, shown: maskRouting(text, path), unmatched };
}

/** Calls of templates that no file defines: at night they would fail. */
function missingIn(routing: Routing, templates: NotificationTemplates, file: string): Complaint[] {
  return [...routing.receivers.values()].flatMap(({ name, integrations }) =>
    integrations.flatMap((integration) =>
      integration.templates.flatMap(({ key, text }) =>
        missingTemplates(text, templates).map((missing) =>
          complaint(
            file,
            `receivers ${JSON.stringify(name)} ${integration.kind} ${key}`,
            `template ${JSON.stringify(missing)} is not defined; define it in a file of templates`,
          ),
        ),
      ),
    ),
  );
}

function complaint(file: string, path: string, message: string): Complaint {
  return { file, line: 0, column: 0, path, message };
}
