import type { IngestAnswer } from '../../model/ingest.ts';
import { DecodeError } from '../../lib/http/decode-error.ts';
import { encodeMetricsResponse, metricsResponseJson } from './answer.ts';
import type { OtlpConfig } from './config.ts';
import { readMetricsJson } from './read-json.ts';
import { readMetricsRequest } from './read-request.ts';
import type { ResourceMetrics } from './request.ts';
import { OtlpTranslator } from './translate.ts';
import type { IngestTarget } from '../target.ts';
import { MAX_BODY, Written, mediaType, unpack, writeInOrder } from '../body.ts';

/** How a body is read, and answered in kind. */
interface Encoding {
  readonly type: string;
  /** Bytes, unpacked. */
  readonly maxBody: number;
  readonly read: (body: Buffer) => Promise<readonly ResourceMetrics[]>;
  readonly answer: (rejectedPoints: number, message: string) => Buffer | string;
}

const PROTOBUF: Encoding = {
  type: 'application/x-protobuf',
  maxBody: MAX_BODY,
  read: readMetricsRequest,
  answer: encodeMetricsResponse,
};

const JSON_ENCODING: Encoding = {
  type: 'application/json',
  // Parsed in one go, some 10 ms a megabyte in which nothing else happens.
  maxBody: 4 * 1024 * 1024,
  read: readMetricsJson,
  answer: metricsResponseJson,
};

const ENCODINGS = [PROTOBUF, JSON_ENCODING];

/** Of a body without a type: a request in protobuf begins with the tag of its field 1, and never with a brace. */
function isJson(body: Buffer): boolean {
  return /^\s*\{/.test(body.toString('latin1', 0, 100));
}

/** `/api/v1/otlp/v1/metrics`: what OpenTelemetry exporters send as `http/protobuf` or `http/json`. */
export async function writeOtlp(
  store: Pick<IngestTarget, 'write' | 'writeMetadata'>,
  config: OtlpConfig,
  body: Buffer,
  headers: Readonly<Record<string, string | undefined>>,
  room = MAX_BODY,
): Promise<IngestAnswer> {
  const type = mediaType(headers['content-type']);
  if (type !== '' && !ENCODINGS.some((one) => one.type === type)) {
    const known = ENCODINGS.map((one) => one.type).join(' or ');
    return { status: 415, body: `content type ${JSON.stringify(type)} is not supported; expected ${known}\n` };
  }
  const declared = ENCODINGS.find((one) => one.type === type);
  const message = await unpack(body, headers['content-encoding']?.toLowerCase(), room, declared?.maxBody);
  if (!Buffer.isBuffer(message)) return message;
  const encoding = declared ?? (isJson(message) ? JSON_ENCODING : PROTOBUF);
  if (message.length > encoding.maxBody)
    return { status: 413, body: `the body has more than ${encoding.maxBody} bytes\n` };
  try {
    return await write(store, config, message, encoding);
  } catch (error) {
    if (error instanceof DecodeError) return { status: error.status, body: `${error.message}\n` };
    throw error;
  }
}

/** Source: OTLP specification, "Partial Success": what is refused is told in a 200, so that it is not sent again. */
async function write(
  store: Pick<IngestTarget, 'write' | 'writeMetadata'>,
  config: OtlpConfig,
  message: Buffer,
  { type, read, answer }: Encoding,
): Promise<IngestAnswer> {
  const translator = new OtlpTranslator(config);
  const written = new Written();
  const batches = translator.batches(await read(message));
  for (const outcome of await writeInOrder(store.write, batches)) written.add(outcome);
  store.writeMetadata(translator.metadata);
  const words = [...translator.words, ...(written.lost === 0 ? [] : [written.words])];
  return {
    status: 200,
    headers: { 'content-type': type },
    body: answer(translator.refusedPoints + written.lost, words.join('; ')),
  };
}
