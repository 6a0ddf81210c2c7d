import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { IngestAnswer } from '../model/ingest.ts';
import type { SampleBatch, WriteOutcome, WriteSeries } from '../model/sample.ts';

const gunzipAsync = promisify(gunzip);

/** Bytes of a body, unpacked or not. */
export const MAX_BODY = 32 * 1024 * 1024;

/** The body as it was before `Content-Encoding`, or the answer to one that cannot be read. */
export async function unpack(body: Buffer, encoding = '', maxBytes = MAX_BODY): Promise<Buffer | IngestAnswer> {
  if (encoding === '' || encoding === 'identity')
    return body.length <= maxBytes ? body : { status: 413, body: `the body has more than ${maxBytes} bytes\n` };
  if (encoding !== 'gzip')
    return { status: 415, body: `content encoding ${JSON.stringify(encoding)} is not supported; expected gzip\n` };
  try {
    return await gunzipAsync(body, { maxOutputLength: maxBytes });
  } catch (error) {
    const tooLong = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    if (tooLong) return { status: 413, body: `the body unfolds to more than ${maxBytes} bytes\n` };
    return { status: 400, body: `the body is not gzip: ${(error as Error).message}\n` };
  }
}

/** What became of several batches. */
export class Written {
  accepted = 0;
  readonly refused: Record<string, number> = {};

  add(outcome: WriteOutcome): void {
    this.accepted += outcome.accepted;
    for (const [reason, count] of Object.entries(outcome.refused))
      this.refused[reason] = (this.refused[reason] ?? 0) + count;
  }

  get lost(): number {
    return Object.values(this.refused).reduce((sum, count) => sum + count, 0);
  }

  /** `refused 3 of 10 samples: 2 out of order, 1 duplicate`. */
  get words(): string {
    const reasons = Object.entries(this.refused).map(([reason, count]) => `${count} ${reason.replaceAll('_', ' ')}`);
    return `refused ${this.lost} of ${this.lost + this.accepted} samples: ${reasons.join(', ')}`;
  }
}

/** Hands all over at once, in order: what arrives together shares a commit. */
export async function writeAll(write: WriteSeries, batches: readonly SampleBatch[]): Promise<Written> {
  const written = new Written();
  for (const outcome of await Promise.all(batches.map(write))) written.add(outcome);
  return written;
}
