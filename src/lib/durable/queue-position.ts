import { readFile } from 'node:fs/promises';
import { writeFileAtomic } from './atomic-file.ts';
import { z } from '../schema/schema.ts';
import type { FileSystem } from './file-system.ts';
import type { Count } from './records.ts';

/** A place between two records of a queue, and how many were written before it. */
export interface Place {
  readonly segment: number;
  readonly offset: number;
  readonly before: Count;
}

/** What a queue writes down about itself. */
export interface QueuePosition {
  /** All before it was given to `done`. */
  readonly done: Place;
  /** Of all that was appended by then: fewer on the disk means that some were lost. */
  readonly end: Count;
}

const whole = z.number().int().min(0);
const countSchema = z.object({ records: whole, items: whole });
const schema = z.object({
  version: z.literal(2),
  done: z.object({ segment: whole, offset: whole, before: countSchema }),
  end: countSchema,
});

export function writePosition(path: string, position: QueuePosition, fs: FileSystem): Promise<void> {
  return writeFileAtomic(path, JSON.stringify({ version: 2, ...position }), fs);
}

/** 'absent' at the first start, 'damaged' where the file says nothing that can be used. */
export async function readPosition(path: string): Promise<QueuePosition | 'absent' | 'damaged'> {
  try {
    return schema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'absent' : 'damaged';
  }
}
