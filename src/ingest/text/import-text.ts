import type { IngestAnswer } from '../../model/ingest.ts';
import { formatOf } from '../../collector/exposition/format.ts';
import { type BrokenLine, TextReader } from '../../collector/exposition/read-text.ts';
import type { IngestTarget } from '../target.ts';
import { TimeSlice } from '../../lib/time/time-slice.ts';
import { Written, mediaType, unpack } from '../body.ts';

/** Types of bodies that cannot be the text form. */
const OTHER_FORMATS =
  /^(application\/(json|.*\+json|x-protobuf|.*protobuf.*|xml|gzip|zip|pdf)|text\/(html|xml|csv)|multipart\/.*|image\/.*)$/;

/**
 * `/api/v1/import/prometheus`: the text form of samples with their times, of any age within retention.
 * @param given `now`: the time of samples that have none of their own; `room`: bytes that the body may unfold to
 */
export async function importText(
  store: Pick<IngestTarget, 'backfill' | 'writeMetadata'>,
  body: Buffer,
  headers: Readonly<Record<string, string | undefined>>,
  given: { readonly now?: number; readonly room?: number } = {},
): Promise<IngestAnswer> {
  const type = mediaType(headers['content-type']);
  if (OTHER_FORMATS.test(type))
    return { status: 415, body: `content type ${JSON.stringify(type)} is not supported; expected text/plain\n` };
  const text = await unpack(body, headers['content-encoding']?.toLowerCase(), given.room);
  if (!Buffer.isBuffer(text)) return text;
  // Clients that know nothing of the formats send whatever type their library does.
  const format = formatOf(headers['content-type'], 'PrometheusText0.0.4');
  const reader = new TextReader(text, typeof format === 'string' ? format : 'text', given.now ?? Date.now());
  const written = new Written();
  const slice = new TimeSlice();
  for (const batch of reader.batches()) {
    if (batch !== undefined) written.add(await store.backfill(batch));
    if (slice.due) await slice.pause();
  }
  store.writeMetadata(reader.metadata());
  if (reader.samples === 0 && reader.broken === 0)
    return {
      status: 400,
      body: `no sample in a body of ${text.length} bytes; expected lines like: up{job="a"} 1 1700000000000\n`,
    };
  if (reader.broken === 0 && written.lost === 0) return { status: 204 };
  return { status: 400, body: complaint(reader, written) };
}

const FAULTS: Readonly<Record<BrokenLine['fault'], string>> = {
  syntax: 'not a sample',
  no_name: 'no metric name',
  not_utf8: 'not valid UTF-8',
  duplicate_label: 'a label stands twice',
  too_long: 'longer than any line that is read',
  too_many_labels: 'more labels than any series may have',
  value: 'expected a number as value',
  timestamp: 'expected a time in milliseconds, or nothing, behind the value',
  exemplar: 'a broken exemplar',
};

function complaint(reader: TextReader, written: Written): string {
  const lines = reader.brokenLines.map(({ line, fault, text }) => `line ${line}: ${FAULTS[fault]}: ${text}`);
  const hidden = reader.broken - lines.length;
  return [
    `accepted ${written.accepted} samples`,
    ...(written.lost === 0 ? [] : [written.words]),
    ...(reader.broken === 0 ? [] : [`refused ${reader.broken} lines`, ...lines]),
    ...(hidden === 0 ? [] : [`and ${hidden} more`]),
    '',
  ].join('\n');
}
