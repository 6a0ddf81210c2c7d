import type protobuf from 'protobufjs/minimal.js';
import { DecodeError } from '../http/decode-error.ts';

type Reader = protobuf.Reader;

const LENGTH_DELIMITED = 2;

/** Calls back for each field with its number; what the callback does not read is skipped. */
export function eachField(reader: Reader, end: number, read: (field: number, wire: number) => boolean): void {
  while (reader.pos < end) {
    const tag = reader.uint32();
    if (!read(tag >>> 3, tag & 7)) reader.skipType(tag & 7);
  }
}

export function eachFieldOfMessage(reader: Reader, read: (field: number, wire: number) => boolean): void {
  const end = reader.uint32() + reader.pos;
  if (end > reader.len) throw new DecodeError(400, 'the body ends in the middle of a message');
  eachField(reader, end, read);
}

/** Where a message lies, to be read later. */
export interface Place {
  readonly start: number;
  readonly end: number;
}

/** Passes over a message. */
export function placeOfMessage(reader: Reader): Place {
  const length = reader.uint32();
  const start = reader.pos;
  if (start + length > reader.len) throw new DecodeError(400, 'the body ends in the middle of a message');
  reader.pos = start + length;
  return { start, end: reader.pos };
}

/** Goes to a message that was passed over, and reads its fields. */
export function eachFieldAt(
  reader: Reader,
  { start, end }: Place,
  read: (field: number, wire: number) => boolean,
): void {
  reader.pos = start;
  eachField(reader, end, read);
}

/** A repeated number, packed or one by one. */
export function readList(reader: Reader, wire: number, into: number[], read: () => number): void {
  if (wire !== LENGTH_DELIMITED) {
    into.push(read());
    return;
  }
  const end = reader.uint32() + reader.pos;
  if (end > reader.len) throw new DecodeError(400, 'the body ends in the middle of a list');
  while (reader.pos < end) into.push(read());
}

export function readPacked(reader: Reader, wire: number, into: number[]): void {
  readList(reader, wire, into, () => reader.uint32());
}
