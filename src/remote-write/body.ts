import protobuf from 'protobufjs/minimal.js';
import { eachField } from '../lib/protobuf/read-fields.ts';
import { putVarint, varintLength } from '../lib/protobuf/varint.ts';
import { compress, uncompress } from '../lib/snappy-block.ts';

/** Bodies as they go over the wire: a WriteRequest in a snappy block. */

/** Bytes of the body when it is unpacked. */
export function unpackedLength(body: Buffer): number {
  return headOf(body).length;
}

/**
 * One body that says what all say, in their order. Nothing is unpacked: copies in a snappy block point backwards by a distance, and
 * messages that follow each other are one message.
 */
export function mergeBodies(bodies: readonly Buffer[]): Buffer {
  if (bodies.length === 1) return bodies[0];
  const heads = bodies.map(headOf);
  const length = heads.reduce((sum, head) => sum + head.length, 0);
  const head = Buffer.alloc(varintLength(length));
  putVarint(head, 0, length);
  return Buffer.concat([head, ...bodies.map((body, i) => body.subarray(heads[i].end))]);
}

/** A part of a body, and how many series it has. */
export interface BodyPart {
  readonly payload: Buffer;
  readonly samples: number;
}

/** Two bodies with a half of the series each, in their order; undefined where there are fewer than two. */
export async function splitBody(body: Buffer): Promise<readonly [BodyPart, BodyPart] | undefined> {
  const raw = await uncompress(body);
  const ends: number[] = [];
  const reader = protobuf.Reader.create(raw);
  eachField(reader, raw.length, (field, wire) => {
    reader.skipType(wire);
    if (field === TIME_SERIES) ends.push(reader.pos);
    return true;
  });
  const half = Math.floor(ends.length / 2);
  if (half === 0) return undefined;
  const cut = ends[half - 1];
  return [
    { payload: await compress(raw.subarray(0, cut)), samples: half },
    { payload: await compress(raw.subarray(cut)), samples: ends.length - half },
  ];
}

const TIME_SERIES = 1;

/** The length that a snappy block begins with, and where it ends. */
function headOf(body: Buffer): { length: number; end: number } {
  let length = 0;
  let end = 0;
  for (let factor = 1; end < body.length; factor *= 128) {
    length += (body[end] & 127) * factor;
    if (body[end++] < 128) break;
  }
  return { length, end };
}
