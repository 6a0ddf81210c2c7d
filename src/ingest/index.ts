import type { IngestAnswer, IngestRoute } from '../model/ingest.ts';
import { DecodeError } from '../lib/decode-error.ts';
import { type DecodedWrite, createKnownSeries, decodeWriteRequest } from './remote-write/decode.ts';
import { type OtlpConfig, otlpSchema } from './otlp/config.ts';
import type { IngestTarget } from './target.ts';
import { MAX_BODY, type Written, writeAll } from './body.ts';
import { writeOtlp } from './otlp/write-otlp.ts';
import { importText } from './text/import-text.ts';

/** What others may write into the embedded store over HTTP. */
export function createIngest(target: IngestTarget, otlp: OtlpConfig = otlpSchema.parse({})): readonly IngestRoute[] {
  const known = createKnownSeries();
  return [
    {
      path: '/api/v1/write',
      summary: 'Remote write, versions 1.0 and 2.0',
      maxBody: MAX_BODY,
      handle: (body, headers) => writeSamples(target, known, body, headers),
    },
    {
      path: '/api/v1/otlp/v1/metrics',
      summary: 'Metrics of OpenTelemetry exporters: OTLP, http/protobuf or http/json',
      maxBody: MAX_BODY,
      handle: (body, headers) => writeOtlp(target, otlp, body, headers),
    },
    {
      path: '/api/v1/import/prometheus',
      summary: 'Samples of any age within retention, in the Prometheus text form',
      maxBody: MAX_BODY,
      handle: (body, headers) => importText(target, body, headers),
    },
  ];
}

async function writeSamples(
  target: IngestTarget,
  known: ReturnType<typeof createKnownSeries>,
  body: Buffer,
  headers: Readonly<Record<string, string | undefined>>,
): Promise<IngestAnswer> {
  let decoded: DecodedWrite;
  try {
    decoded = await decodeWriteRequest(body, headers['content-type'] ?? '', headers['content-encoding'] ?? '', known);
  } catch (error) {
    if (error instanceof DecodeError) return { status: error.status, body: `${error.message}\n` };
    throw error;
  }
  target.writeMetadata(decoded.metadata);
  return answerOf(decoded, await writeAll(target.write, decoded.batches));
}

/** Source: remote write 2.0 specification, "Required Written Response Headers"; version 1 knows no partial success. */
function answerOf({ counts }: DecodedWrite, written: Written): IngestAnswer {
  const { accepted } = written;
  const headers = {
    'x-prometheus-remote-write-samples-written': String(Math.max(0, Math.min(counts.samples, accepted))),
    'x-prometheus-remote-write-histograms-written': String(Math.max(0, accepted - counts.samples)),
    'x-prometheus-remote-write-exemplars-written': String(counts.exemplars),
  };
  if (written.lost === 0) return { status: 204, headers };
  return { status: 400, headers, body: `${written.words}\n` };
}
