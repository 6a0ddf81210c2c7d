import type { IngestAnswer, IngestRoute } from '../model/ingest.ts';
import type { SampleBatch, WriteOutcome } from '../model/sample.ts';
import { DecodeError } from '../lib/http/decode-error.ts';
import { type DecodedWrite, createKnownSeries, decodeWriteRequest } from './remote-write/decode.ts';
import { type OtlpConfig, otlpSchema } from './otlp/config.ts';
import type { IngestTarget } from './target.ts';
import { IngestBudget, MAX_BODY, Written, writeInOrder } from './body.ts';
import { writeOtlp } from './otlp/write-otlp.ts';
import { importText } from './text/import-text.ts';

/**
 * What others may write into the embedded store over HTTP.
 *
 * @param otlp returns the section `otlp` as it is now; asked once a request
 */
export function createIngest(
  target: IngestTarget,
  otlp: () => OtlpConfig = () => otlpSchema.parse({}),
): readonly IngestRoute[] {
  const known = createKnownSeries();
  const budget = new IngestBudget();
  const route = (path: string, summary: string, handle: Handle): IngestRoute => ({
    path,
    summary,
    maxBody: MAX_BODY,
    handle: (body, headers) =>
      budget.run(body, headers['content-encoding']?.toLowerCase(), (room) => handle(body, headers, room)),
  });
  return [
    route('/api/v1/write', 'Remote write, versions 1.0 and 2.0', (body, headers) =>
      writeSamples(target, known, body, headers),
    ),
    route(
      '/api/v1/otlp/v1/metrics',
      'Metrics of OpenTelemetry exporters: OTLP, http/protobuf or http/json',
      (body, headers, room) => writeOtlp(target, otlp(), body, headers, room),
    ),
    route(
      '/api/v1/import/prometheus',
      'Samples of any age within retention, in the Prometheus text form',
      (body, headers, room) => importText(target, body, headers, { room }),
    ),
  ];
}

type Headers = Readonly<Record<string, string | undefined>>;

/** @param room bytes that the body may unfold to. */
type Handle = (body: Buffer, headers: Headers, room: number) => Promise<IngestAnswer>;

async function writeSamples(
  target: IngestTarget,
  known: ReturnType<typeof createKnownSeries>,
  body: Buffer,
  headers: Headers,
): Promise<IngestAnswer> {
  let decoded: DecodedWrite;
  try {
    decoded = await decodeWriteRequest(body, headers['content-type'] ?? '', headers['content-encoding'] ?? '', known);
  } catch (error) {
    if (error instanceof DecodeError) return { status: error.status, body: `${error.message}\n` };
    throw error;
  }
  target.writeMetadata(decoded.metadata);
  return answerOf(decoded, await writeInOrder(target.write, decoded.batches));
}

/** Source: remote write 2.0 specification, "Required Written Response Headers". Version 1 gets the same answer. */
function answerOf(decoded: DecodedWrite, outcomes: readonly WriteOutcome[]): IngestAnswer {
  const { batches, refusals, exemplars, staleHistograms } = decoded;
  const written = new Written();
  let histograms = 0;
  for (const [i, outcome] of outcomes.entries()) {
    written.add(outcome);
    histograms += Math.min(outcome.accepted, histogramsIn(batches[i]));
  }
  histograms = Math.min(written.accepted, histograms + staleHistograms);
  const headers = {
    'x-prometheus-remote-write-samples-written': String(written.accepted - histograms),
    'x-prometheus-remote-write-histograms-written': String(histograms),
    'x-prometheus-remote-write-exemplars-written': String(exemplars),
  };
  written.add({ accepted: 0, refused: refusals.refused });
  if (written.lost === 0) return { status: 204, headers };
  return { status: 400, headers, body: [...refusals.words, written.words, ''].join('\n') };
}

function histogramsIn({ histograms = [] }: SampleBatch): number {
  return histograms.reduce((count, one) => (one === undefined ? count : count + 1), 0);
}
