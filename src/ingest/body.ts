import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { ByteBudget } from '../lib/byte-budget.ts';
import { unfoldedLength } from '../lib/snappy-block.ts';
import type { IngestAnswer } from '../model/ingest.ts';
import { TimeSlice } from '../lib/time/time-slice.ts';
import type { SampleBatch, WriteOutcome, WriteSeries } from '../model/sample.ts';

const gunzipAsync = promisify(gunzip);

/** Bytes of a body, unpacked or not. */
export const MAX_BODY = 32 * 1024 * 1024;

/** Bytes of unfolded bodies that are worked on at once. */
const WORKED_ON = 128 * 1024 * 1024;

/** How long a body may wait for its turn, milliseconds. */
const MAX_WAIT = 15_000;

/** A gzip body unfolds to more than its trailer says; see {@link claimedSize}. */
class Understated extends Error {}

/** Bounds what is unfolded, decoded and waits for the store at one time, over all routes. */
export class IngestBudget {
  readonly #budget: ByteBudget;

  constructor(limit = WORKED_ON) {
    this.#budget = new ByteBudget(limit);
  }

  /**
   * Handles a body when there is room for what it unfolds to; answers 503 when there is none for long.
   * @param handle must unfold to no more than `maxBytes`.
   */
  async run(
    body: Buffer,
    encoding: string | undefined,
    handle: (maxBytes: number) => Promise<IngestAnswer>,
  ): Promise<IngestAnswer> {
    for (const bytes of [claimedSize(body, encoding), MAX_BODY]) {
      const release = await this.#budget.take(bytes, MAX_WAIT);
      if (release === undefined) break;
      try {
        return await handle(bytes);
      } catch (error) {
        if (!(error instanceof Understated)) throw error;
      } finally {
        release();
      }
    }
    return {
      status: 503,
      headers: { 'retry-after': '5' },
      body: 'too much is being received at once; try again later\n',
    };
  }
}

/**
 * How many bytes a body says that it unfolds to: a snappy block in front, gzip in its last four bytes. A gzip body of
 * several members says it of the last one only, and anything may lie.
 */
function claimedSize(body: Buffer, encoding = ''): number {
  if (encoding === 'gzip' && body.length >= 4)
    return Math.min(MAX_BODY, Math.max(body.length, body.readUInt32LE(body.length - 4)));
  if (encoding === 'gzip' || encoding === 'identity') return body.length;
  return Math.min(MAX_BODY, Math.max(body.length, unfoldedLength(body) ?? 0));
}

/**
 * The body as it was before `Content-Encoding`, or the answer to one that cannot be read.
 * @param room bytes that were reserved for it
 * @param maxBytes the most that the route takes
 */
export async function unpack(
  body: Buffer,
  encoding = '',
  room = MAX_BODY,
  maxBytes = MAX_BODY,
): Promise<Buffer | IngestAnswer> {
  if (encoding === '' || encoding === 'identity')
    return body.length <= maxBytes ? body : { status: 413, body: `the body has more than ${maxBytes} bytes\n` };
  if (encoding !== 'gzip')
    return { status: 415, body: `content encoding ${JSON.stringify(encoding)} is not supported; expected gzip\n` };
  try {
    return await gunzipAsync(body, { maxOutputLength: Math.max(1, Math.min(room, maxBytes)) });
  } catch (error) {
    const tooLong = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    if (tooLong && room < maxBytes) throw new Understated();
    if (tooLong) return { status: 413, body: `the body unfolds to more than ${maxBytes} bytes\n` };
    return { status: 400, body: `the body is not gzip: ${(error as Error).message}\n` };
  }
}

/** Content types that say nothing of a body's format: none, and what clients send that were not told any. */
const UNTYPED = ['', 'application/octet-stream', 'application/x-www-form-urlencoded'];

/** The media type without its parameters, in lower case; '' where it says nothing of the format. */
export function mediaType(contentType = ''): string {
  const type = contentType.split(';')[0].trim().toLowerCase();
  return UNTYPED.includes(type) ? '' : type;
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

/** Batches of one request that the store is given at a time: enough to share a commit, and a small part of its queue. */
const BATCHES_AT_ONCE = 4;

/** Writes batches in order, a few at a time; returns the outcome of each. A batch is made when its turn comes. */
export async function writeInOrder(write: WriteSeries, batches: Iterable<SampleBatch>): Promise<WriteOutcome[]> {
  const slice = new TimeSlice();
  const outcomes: WriteOutcome[] = [];
  let under: Promise<WriteOutcome>[] = [];
  for (const batch of batches) {
    const outcome = write(batch);
    // A failure is met below, and must not count as unhandled until then.
    outcome.catch(() => undefined);
    under.push(outcome);
    if (under.length === BATCHES_AT_ONCE) {
      outcomes.push(...(await Promise.all(under)));
      under = [];
    } else if (slice.due) await slice.pause();
  }
  return [...outcomes, ...(await Promise.all(under))];
}
