import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { TimeSlice } from '../../lib/time/time-slice.ts';

/** Bytes of an answer that go to the socket at a time. */
const PIECE = 64 * 1024;

/** Gathers what an answer consists of into pieces worth a write. */
export class ChunkedWriter {
  /** Where the next byte goes, once `reserve` has made room. Whoever writes there moves `at` on. */
  piece = newPiece();
  at = 0;
  /** For writes of several bytes at once. */
  view = new DataView(this.piece.buffer);
  #full: Buffer[] = [];

  /** Makes room for so many bytes, far fewer than a piece has. */
  reserve(bytes: number): void {
    if (this.at + bytes > PIECE) this.#finish();
  }

  text(text: string): void {
    // No character takes more than three bytes of UTF-8.
    const most = text.length * 3;
    if (most > PIECE) {
      this.#finish();
      this.#full.push(Buffer.from(text));
      return;
    }
    this.reserve(most);
    this.at += this.piece.write(text, this.at);
  }

  /** The pieces that are finished, once. */
  *full(): Generator<Buffer> {
    if (this.#full.length === 0) return;
    const full = this.#full;
    this.#full = [];
    yield* full;
  }

  /** All that is left. */
  *rest(): Generator<Buffer> {
    this.#finish();
    yield* this.full();
  }

  #finish(): void {
    if (this.at === 0) return;
    this.#full.push(this.piece.subarray(0, this.at));
    this.piece = newPiece();
    this.view = new DataView(this.piece.buffer);
    this.at = 0;
  }
}

/** Not from the shared pool, whose slices would be kept as a whole by a slow client. */
function newPiece(): Buffer {
  return Buffer.allocUnsafeSlow(PIECE);
}

/** Gathers short texts. */
export function* inPieces(parts: Iterable<string>): Generator<Buffer> {
  const out = new ChunkedWriter();
  for (const part of parts) {
    out.text(part);
    yield* out.full();
  }
  yield* out.rest();
}

/** Sends what is made while it is sent, as fast as the client takes it; a short answer goes out whole, with its length. */
export function sendPieces(reply: FastifyReply, type: string, pieces: Generator<Buffer>): FastifyReply {
  reply.type(type);
  const first = pieces.next();
  if (first.done) return reply.send('');
  const second = pieces.next();
  if (second.done) return reply.send(first.value);
  return reply.send(
    Readable.from(inTurns([first.value, second.value], pieces), { objectMode: false, highWaterMark: PIECE }),
  );
}

async function* inTurns(head: readonly Buffer[], rest: Iterable<Buffer>): AsyncGenerator<Buffer> {
  yield* head;
  // A socket that takes everything at once would never give others theirs.
  const slice = new TimeSlice();
  for (const piece of rest) {
    yield piece;
    if (slice.due) await slice.pause();
  }
}
