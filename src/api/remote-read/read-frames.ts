import protobuf from 'protobufjs/minimal.js';
import { TimeSlice } from '../../lib/time/time-slice.ts';
import type { SeriesColumns } from '../../model/query.ts';
import { wordsOf } from '../../model/sample.ts';
import { writeLabels } from '../../remote-write/encode-message.ts';
import { CHUNK_SAMPLES, xorChunk } from './xor-chunk.ts';

export const FRAMES_TYPE = 'application/x-streamed-protobuf; proto=prometheus.ChunkedReadResponse';

/** Bytes after which a series goes on in another frame: Prometheus reads frames of up to 50 MB. */
const MOST_OF_FRAME = 16 * 1024 * 1024;

/** Bytes of frames that go to the socket at a time. */
const PIECE = 64 * 1024;

/** Chunk.Encoding of prompb/types.proto. */
const XOR = 1;

/**
 * A remote-read answer of type STREAMED_XOR_CHUNKS, made while it is sent. One result a question, whose series must be
 * sorted by labels and hold floats only. A frame holds one series, as Prometheus reads but the first of each.
 * Source: prompb/remote.proto (ChunkedReadResponse), storage/remote/chunked.go.
 */
export async function* readFrames(results: readonly (readonly SeriesColumns[])[]): AsyncGenerator<Buffer> {
  const slice = new TimeSlice();
  let piece: Buffer[] = [];
  let bytes = 0;
  for (const [query, series] of results.entries()) {
    for (const one of series) {
      for (let from = 0; from < one.timestamps.length;) {
        const writer = protobuf.Writer.create();
        writer.uint32(0x0a).fork();
        writeLabels(writer, one.labels);
        for (; from < one.timestamps.length && writer.len < MOST_OF_FRAME; from += CHUNK_SAMPLES) {
          writeChunk(writer, one, from);
          if (slice.due) await slice.pause();
        }
        writer.ldelim();
        if (query > 0) writer.uint32(0x10).int64(query);
        const message = Buffer.from(writer.finish());
        piece.push(frameHead(message), message);
        bytes += message.length;
        if (bytes < PIECE) continue;
        yield Buffer.concat(piece);
        piece = [];
        bytes = 0;
      }
    }
  }
  yield Buffer.concat(piece);
}

function writeChunk(writer: protobuf.Writer, { timestamps, values }: SeriesColumns, from: number): void {
  const to = Math.min(timestamps.length, from + CHUNK_SAMPLES);
  writer.uint32(0x12).fork();
  writer
    .uint32(0x08)
    .int64(timestamps[from])
    .uint32(0x10)
    .int64(timestamps[to - 1])
    .uint32(0x18)
    .uint32(XOR);
  writer.uint32(0x22).bytes(xorChunk(timestamps, wordsOf(values), from, to));
  writer.ldelim();
}

/** The length of a message, and its check sum. */
function frameHead(message: Buffer): Buffer {
  const length = protobuf.Writer.create().uint32(message.length).finish();
  const head = Buffer.alloc(length.length + 4);
  head.set(length);
  head.writeUInt32BE(crc32c(message), length.length);
  return head;
}

/** CRC of the reversed Castagnoli polynomial, by byte. */
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  return crc;
});

function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (let i = 0; i < bytes.length; i++) crc = TABLE[(crc ^ bytes[i]) & 0xff] ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}
