import { readFile } from 'node:fs/promises';
import { writeFileAtomic } from '../../lib/durable/atomic-file.ts';
import { z } from '../../lib/schema/schema.ts';
import { Labels } from '../../model/labels.ts';
import type { Instance } from './alert-state.ts';

/** Version 1 had the keys `file;group;alert`. */
const VERSION = 2;

/** Instances of all rules as they stood when the process ended, by the keys of `stateKeys`. */
export interface SavedState {
  /** Milliseconds; how long the process was away is told from it. */
  readonly savedAt: number;
  readonly instances: ReadonlyMap<string, readonly Instance[]>;
}

const texts = z.record(z.string(), z.string());

const stateSchema = z.object({
  savedAt: z.number(),
  instances: z.array(
    z.object({
      rule: z.string(),
      labels: texts,
      annotations: texts,
      state: z.enum(['inactive', 'pending', 'firing']),
      value: z.number().nullable(),
      activeAt: z.number(),
      firedAt: z.number(),
      resolvedAt: z.number(),
      keepFiringSince: z.number(),
    }),
  ),
});

/** undefined where there is no file. @throws {Error} where it is damaged or of another version. */
export async function readState(path: string): Promise<SavedState | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const { version } = z.object({ version: z.number() }).parse(JSON.parse(text));
  if (version !== 1 && version !== VERSION) throw new Error(`${path}: version ${version}; expected ${VERSION}`);
  const content = stateSchema.parse(JSON.parse(text));
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
