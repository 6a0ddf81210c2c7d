import { Labels } from '../../model/labels.ts';
import type { Exemplar } from '../../model/sample.ts';
import { covers } from '../blocks/data-file.ts';
import { seriesFilter } from './disk-reader.ts';
import { whileReading } from '../lease.ts';
import type { SelectParts } from './select.ts';
import type { SeriesExemplars } from '../types.ts';

export interface ExemplarRequest {
  readonly numbers: readonly number[];
  readonly bound: number;
  readonly start: number;
  readonly end: number;
  readonly limit: number;
}

/** The exemplars of the series, oldest first; always from disk, as they are few and rarely asked for. */
export async function readExemplars(
  parts: SelectParts,
  request: ExemplarRequest,
  signal?: AbortSignal,
): Promise<SeriesExemplars[]> {
  const { start, end, numbers, bound } = request;
  const labels = numbers.map((number) => parts.registry.labelsOf(number));
  const placeOf = new Int32Array(bound).fill(-1);
  numbers.forEach((number, place) => (placeOf[number] = place));
  const found = new Map<number, (Exemplar & { timestamp: number })[]>();
  const files = parts.files().filter((file) => covers(file, start, end));
  await whileReading(
    files.map(({ lease }) => lease),
    async () => {
      for (const file of files) {
        const filter = seriesFilter(file, placeOf, request);
        if (filter === undefined) continue;
        const read = async () => {
          const table = file.table('exemplars');
          if (table === undefined) return;
          const column = file.seriesNumbers === undefined ? 'labels' : 'to_json(exemplar)::varchar';
          const sql = `select series, ts, value, ${column} from ${table} where ts between ${start} and ${end} ${filter}`;
          await parts.database.scan(
            sql,
            (chunk) => {
              const series = chunk.u32(0);
              const ts = chunk.i64(1);
              const values = chunk.f64(2);
              const own = chunk.text(3);
              for (let i = 0; i < chunk.rows; i++) {
                const place = placeOf[file.seriesNumbers === undefined ? series[i] : file.seriesNumbers[series[i]]];
                if (place < 0) continue;
                const exemplar = {
                  labels: Labels.of(JSON.parse(own[i]) as Record<string, string>),
                  value: values[i],
                  timestamp: ts[i],
                };
                found.set(place, [...(found.get(place) ?? []), exemplar]);
              }
            },
            signal,
          );
        };
        await parts.readFile(file, read, signal);
      }
    },
  );
  const answer = [...found].map(([place, exemplars]) => ({
    labels: labels[place],
    exemplars: exemplars.sort((a, b) => a.timestamp - b.timestamp),
  }));
  return request.limit > 0 ? answer.slice(0, request.limit) : answer;
}
