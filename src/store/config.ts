import { InputError } from '../lib/schema/yaml.ts';
import { byteSize, duration, z } from '../lib/schema/schema.ts';

/** The section `store` of the configuration file: the embedded store. */
export const storeSchema = z.strictObject({
  path: z.string().min(1).default('.crowsnest/store').describe('Folder of the data; made where it is missing.'),
  retention: duration('15d').describe('How long samples, logs and alert history are kept.'),
  max_size: byteSize('5GB').describe('Most bytes on disk; the oldest blocks go first.'),
  memory: byteSize('512MB').describe(
    'What the store may take of main memory: recent samples, the label index and the caches of DuckDB. The index is bounded by `max_series` alone.',
  ),
  window: duration('2h').describe('How far back samples are held in memory, as far as `memory` allows.'),
  block: duration('2h').describe('Time that one file of the newest data covers before it becomes a Parquet block.'),
  commit_interval: duration('100ms').describe(
    'Samples that come within this time share one commit; a write is answered after it.',
  ),
  out_of_order: duration('30m').describe('How far behind the newest sample of its series a sample may still come.'),
  future: duration('10m').describe('How far ahead of the clock a sample may be.'),
  max_series: z
    .number()
    .int()
    .positive()
    .optional()
    .describe(
      'Most series; further ones are refused. Without it one for each KB of `memory`, as the index grows with them.',
    ),
  max_labels: z.number().int().positive().default(128).describe('Most labels of one series.'),
  max_label_name: z.number().int().positive().default(1024).describe('Longest label name, characters.'),
  max_label_value: z.number().int().positive().default(16_384).describe('Longest label value, characters.'),
  threads: z.number().int().min(1).max(16).default(2).describe('Threads that DuckDB may use for reading.'),
});

export type StoreConfig = z.output<typeof storeSchema>;

/** Bytes of `memory` for each series: its labels in the index, its newest samples, and what is known of its times. */
const SERIES_BYTES = 1024;

export function seriesLimit({ max_series, memory }: StoreConfig): number {
  return max_series ?? Math.floor(memory / SERIES_BYTES);
}

/** What a running store cannot change. */
const FIXED = ['path', 'memory', 'threads'] as const;

/** @throws {InputError} where a store that runs with `current` cannot take over `next`. */
export function checkReload(current: StoreConfig, next: StoreConfig): void {
  const complaints = FIXED.filter((key) => current[key] !== next[key]).map((key) => {
    return {
      file: 'configuration',
      line: 0,
      column: 0,
      path: `store.${key}`,
      message: 'changed, which needs a restart',
    };
  });
  if (complaints.length > 0) throw new InputError(complaints);
}
