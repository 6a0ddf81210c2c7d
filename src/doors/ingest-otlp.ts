import type { IngestAnswer } from '../api/types.ts';
import { DecodeError } from '../remote-write/decode-error.ts';
import { encodeMetricsResponse } from '../remote-write/otlp/answer.ts';
import type { OtlpConfig } from '../remote-write/otlp/config.ts';
import { readMetricsRequest } from '../remote-write/otlp/read-request.ts';
import { OtlpTranslator } from '../remote-write/otlp/translate.ts';
import type { Store } from '../store/index.ts';
import { Written, unpack } from './ingest-body.ts';

const PROTOBUF = 'application/x-protobuf';

/** `/api/v1/otlp/v1/metrics`: what OpenTelemetry exporters send as `http/protobuf`. */
export async function writeOtlp(
  store: Pick<Store, 'write' | 'writeMetadata'>,
  config: OtlpConfig,
  body: Buffer,
  headers: Readonly<Record<string, string | undefined>>,
): Promise<IngestAnswer> {
  const [type] = (headers['content-type'] ?? '').toLowerCase().split(';');
  if (type.trim() !== PROTOBUF)
    return {
      status: 415,
      body: `content type ${JSON.stringify(type)} is not supported; expected ${PROTOBUF} (exporters call it http/protobuf)\n`,
    };
  const message = await unpack(body, headers['content-encoding']);
  if (!Buffer.isBuffer(message)) return message;
  try {
    return await write(store, config, message);
  } catch (error) {
    if (error instanceof DecodeError) return { status: error.status, body: `${error.message}\n` };
    throw error;
  }
}

/** Source: OTLP specification, "Partial Success": what is refused is told in a 200, so that it is not sent again. */
async function write(
  store: Pick<Store, 'write' | 'writeMetadata'>,
  config: OtlpConfig,
  message: Buffer,
): Promise<IngestAnswer> {
  const resources = readMetricsRequest(message);
  const translator = new OtlpTranslator(config);
  const written = new Written();
  for (const batch of translator.batches(resources)) written.add(await store.write(batch));
  store.writeMetadata(translator.metadata);
  const words = [...translator.words, ...(written.lost === 0 ? [] : [written.words])];
  return {
    status: 200,
    headers: { 'content-type': PROTOBUF },
    body: encodeMetricsResponse(translator.refusedPoints + written.lost, words.join('; ')),
  };
}
