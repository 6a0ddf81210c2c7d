import type protobuf from 'protobufjs/minimal.js';
import { DecodeError } from '../../lib/http/decode-error.ts';
import { eachFieldOfMessage } from '../../lib/protobuf/read-fields.ts';

type Reader = protobuf.Reader;

/** Deeper values are refused: reading goes down by calls. */
export const MAX_DEPTH = 32;

/** The attributes of a message that has them as field `number` and nothing else of interest. */
export function readAttributes(reader: Reader, number: number): [string, string][] {
  const attributes: [string, string][] = [];
  eachFieldOfMessage(reader, (field) => {
    if (field !== number) return false;
    attributes.push(readAttribute(reader));
    return true;
  });
  return attributes;
}

/** A KeyValue, the value as the text that a label holds: lists and maps as JSON, bytes as base64. */
export function readAttribute(reader: Reader): [key: string, value: string] {
  const [key, value] = readKeyValue(reader, 0);
  return [key, textOf(value)];
}

export type Value = string | number | boolean | null | Long | readonly Value[] | ValueMap;

interface ValueMap {
  readonly [key: string]: Value;
}

/** A whole number past 2^53 keeps its digits. */
export interface Long {
  readonly digits: string;
  toJSON(): number;
}

function readKeyValue(reader: Reader, depth: number): [key: string, value: Value] {
  let key = '';
  let value: Value = null;
  eachFieldOfMessage(reader, (field) => {
    if (field === 1) key = reader.string();
    else if (field === 2) value = readValue(reader, depth);
    else return false;
    return true;
  });
  return [key, value];
}

function readValue(reader: Reader, depth: number): Value {
  if (depth > MAX_DEPTH) throw new DecodeError(400, `an attribute is nested more than ${MAX_DEPTH} deep`);
  let value: Value = null;
  eachFieldOfMessage(reader, (field) => {
    if (field === 1) value = reader.string();
    else if (field === 2) value = reader.bool();
    else if (field === 3) value = readLong(reader);
    else if (field === 4) value = reader.double();
    else if (field === 5) value = readArray(reader, depth + 1);
    else if (field === 6) value = readMap(reader, depth + 1);
    else if (field === 7) value = Buffer.from(reader.bytes()).toString('base64');
    else return false;
    return true;
  });
  return value;
}

function readArray(reader: Reader, depth: number): Value {
  const values: Value[] = [];
  eachFieldOfMessage(reader, (field) => {
    if (field !== 1) return false;
    values.push(readValue(reader, depth));
    return true;
  });
  return values;
}

function readMap(reader: Reader, depth: number): Value {
  const entries: [string, Value][] = [];
  eachFieldOfMessage(reader, (field) => {
    if (field !== 1) return false;
    entries.push(readKeyValue(reader, depth));
    return true;
  });
  return mapOf(entries);
}

/** Go writes the keys of a map in order. */
export function mapOf(entries: readonly (readonly [string, Value])[]): Value {
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function readLong(reader: Reader): Long {
  const value = reader.int64();
  return longOf(
    typeof value === 'number' ? String(value) : String((BigInt(value.high) << 32n) | BigInt(value.low >>> 0)),
  );
}

export function longOf(digits: string): Long {
  return { digits, toJSON: () => Number(digits) };
}

/** The text that a label holds. */
export function textOf(value: Value): string {
  if (value === null) return '';
  if (typeof value === 'string') return value;
  if (typeof value === 'object') return isLong(value) ? value.digits : JSON.stringify(value);
  return String(value);
}

function isLong(value: object): value is Long {
  return 'toJSON' in value && typeof value.toJSON === 'function';
}
