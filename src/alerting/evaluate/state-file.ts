import { readFile } from 'node:fs/promises';
import { writeFileAtomic } from '../../lib/atomic-file.ts';
import { Labels } from '../../model/labels.ts';
import type { AlertState } from '../../model/alert.ts';
import type { Instance } from './alert-state.ts';

const VERSION = 1;

/** Instances of all rules as they stood when the process ended, by `file;group;alert`. */
export interface SavedState {
  /** Milliseconds; how long the process was away is told from it. */
  readonly savedAt: number;
  readonly instances: ReadonlyMap<string, readonly Instance[]>;
}

interface SavedInstance {
  readonly rule: string;
  readonly labels: Record<string, string>;
  readonly annotations: Record<string, string>;
  readonly state: AlertState;
  readonly value: number | null;
  readonly activeAt: number;
  readonly firedAt: number;
  readonly resolvedAt: number;
  readonly keepFiringSince: number;
}

/** undefined where there is no file. @throws {Error} where it is damaged or of another version. */
export async function readState(path: string): Promise<SavedState | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const content = JSON.parse(text) as { version: number; savedAt: number; instances: SavedInstance[] };
  if (content.version !== VERSION) throw new Error(`${path}: version ${content.version}, expected ${VERSION}`);
  const instances = new Map<string, Instance[]>();
  for (const { rule, labels, value, ...rest } of content.instances) {
    const list = instances.get(rule) ?? [];
    list.push({ ...rest, labels: Labels.of(labels), value: value ?? NaN });
    instances.set(rule, list);
  }
  return { savedAt: content.savedAt, instances };
}

export async function writeState(path: string, state: SavedState): Promise<void> {
  const instances = [...state.instances].flatMap(([rule, list]) => list.map((instance) => ({ rule, ...instance })));
  await writeFileAtomic(path, JSON.stringify({ version: VERSION, savedAt: state.savedAt, instances }));
}
