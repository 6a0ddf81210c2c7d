import type { LogBatch } from '../../model/log.ts';
import { whileReading } from '../lease.ts';
import { localSources } from './log-search.ts';
import type { LogSearchParts } from './log-search.ts';

/** `unknown`: what is stored of the source begins later than the record, in place and in time. */
export type Comparison = 'same' | 'other' | 'unknown';

/**
 * Compares record `i` of a batch, and the one before it, with what is stored under a source id at their offsets. One that is
 * equal is enough: the last record before a crash may have been joined from fewer lines than it is now.
 *
 * Time counts where the line says one, as two containers may print the same messages.
 * Price: one scan of the source's records in each file, once for each source that is read again.
 */
export async function compareWithStored(
  parts: LogSearchParts,
  id: string,
  batch: LogBatch,
  i: number,
): Promise<Comparison> {
  const candidates = i === 0 ? [i] : [i - 1, i];
  const files = parts.files();
  let same = false;
  let firstOffset = Infinity;
  let firstTime = Infinity;
  const compare = async () => {
    for (const file of files) {
      const numbers = localSources(parts.sources, file).flatMap((source) => (source.id === id ? [source.number] : []));
      if (numbers.length === 0) continue;
      await parts.readFile(file, async () => {
        const table = file.table('logs');
        if (table === undefined) return;
        const ofSource = `from ${table} where source in (${numbers.join(',')})`;
        const [first] = await parts.database.rows(
          `select min("offset")::double as place, min(ts)::double as time ${ofSource}`,
        );
        firstOffset = Math.min(firstOffset, (first.place as number | null) ?? Infinity);
        firstTime = Math.min(firstTime, (first.time as number | null) ?? Infinity);
        const offsets = candidates.map((candidate) => batch.offsets[candidate]).join(',');
        const stored = await parts.database.rows(
          `select "offset"::double as place, ts::double as time, nanos, message ${ofSource} and "offset" in (${offsets})`,
        );
        same ||= candidates.some((candidate) =>
          stored.some(
            ({ place, time, nanos, message }) =>
              place === batch.offsets[candidate] &&
              (batch.untimed?.[candidate] === 1 ||
                (time === batch.timestamps[candidate] && nanos === batch.nanos[candidate])) &&
              message === batch.bytes.toString('utf8', batch.starts[candidate], batch.ends[candidate]),
          ),
        );
      });
    }
  };
  await whileReading(
    files.map(({ lease }) => lease),
    compare,
  );
  if (same) return 'same';
  const beforeAll = batch.offsets[i] < firstOffset && batch.timestamps[i] < firstTime;
  return beforeAll && batch.untimed?.[i] !== 1 ? 'unknown' : 'other';
}
