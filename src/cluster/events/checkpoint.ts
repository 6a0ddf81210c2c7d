import { readFile } from 'node:fs/promises';
import { writeFileAtomic } from '../../lib/durable/atomic-file.ts';
import type { Logger } from '../../lib/logger.ts';
import { z } from '../../lib/schema/schema.ts';

const fileSchema = z.object({ version: z.literal(1), events: z.record(z.string(), z.number()) });

/** Up to which occurrence each event was taken; none where the file is absent or cannot be used, which is logged. */
export async function readCheckpoint(file: string, logger: Logger): Promise<[uid: string, count: number][]> {
  let content: string;
  try {
    content = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
      logger.error({ file, error: String(error) }, 'the checkpoint of events was not read: they are sent again');
    return [];
  }
  try {
    return Object.entries(fileSchema.parse(JSON.parse(content)).events);
  } catch {
    logger.error({ file }, 'the checkpoint of events is damaged: they are sent again');
    return [];
  }
}

export async function writeCheckpoint(file: string, events: Iterable<readonly [string, number]>): Promise<void> {
  await writeFileAtomic(file, JSON.stringify({ version: 1, events: Object.fromEntries(events) }));
}
