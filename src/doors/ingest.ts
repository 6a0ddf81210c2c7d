import type { IngestAnswer, IngestRoute } from '../api/types.ts';
import type { WriteOutcome } from '../model/sample.ts';
import { DecodeError, type DecodedWrite, decodeWriteRequest } from '../remote-write/decode.ts';
import type { Store } from '../store/index.ts';

const MAX_BODY = 32 * 1024 * 1024;

/** What others may write into the embedded store over HTTP. */
export function createIngest(store: Store): readonly IngestRoute[] {
  return [
    {
      path: '/api/v1/write',
      summary: 'Remote write, versions 1.0 and 2.0',
      maxBody: MAX_BODY,
      handle: (body, headers) => writeSamples(store, body, headers),
    },
  ];
}

async function writeSamples(
  store: Store,
  body: Buffer,
  headers: Readonly<Record<string, string | undefined>>,
): Promise<IngestAnswer> {
  let decoded: DecodedWrite;
  try {
    decoded = await decodeWriteRequest(body, headers['content-type'] ?? '', headers['content-encoding'] ?? '');
  } catch (error) {
    if (error instanceof DecodeError) return { status: error.status, body: `${error.message}\n` };
    throw error;
  }
  store.writeMetadata(decoded.metadata);
  const refused: Record<string, number> = {};
  let accepted = 0;
  for (const batch of decoded.batches) {
    const outcome = await store.write(batch);
    accepted += outcome.accepted;
    for (const [reason, count] of Object.entries(outcome.refused)) refused[reason] = (refused[reason] ?? 0) + count;
  }
  return answerOf(decoded, accepted, refused);
}

/** Source: remote write 2.0 specification, "Required Written Response Headers"; version 1 knows no partial success. */
function answerOf({ counts }: DecodedWrite, accepted: number, refused: WriteOutcome['refused']): IngestAnswer {
  const lost = Object.values(refused).reduce((sum, count) => sum + count, 0);
  const headers = {
    'x-prometheus-remote-write-samples-written': String(Math.max(0, Math.min(counts.samples, accepted))),
    'x-prometheus-remote-write-histograms-written': String(Math.max(0, accepted - counts.samples)),
    'x-prometheus-remote-write-exemplars-written': String(counts.exemplars),
  };
  if (lost === 0) return { status: 204, headers };
  const words = Object.entries(refused).map(([reason, count]) => `${count} ${reason.replaceAll('_', ' ')}`);
  return { status: 400, headers, body: `refused ${lost} of ${lost + accepted} samples: ${words.join(', ')}\n` };
}
