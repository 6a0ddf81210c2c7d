import { DecodeError } from '../../lib/http/decode-error.ts';

/** A message in protobuf's JSON form. */
export type JsonMessage = Readonly<Record<string, unknown>>;

/** A field by its name in JSON, or that in the proto file, which parsers have to take too; undefined where it is absent or null. */
export function fieldOf(message: JsonMessage, name: string): unknown {
  return message[name] ?? message[snakeCase(name)] ?? undefined;
}

const SNAKE = new Map<string, string>();

/** Only ever asked for the names in the code. */
function snakeCase(name: string): string {
  let snake = SNAKE.get(name);
  if (snake === undefined) {
    snake = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    SNAKE.set(name, snake);
  }
  return snake;
}

export function textField(message: JsonMessage, name: string): string {
  const value = fieldOf(message, name);
  if (value === undefined) return '';
  if (typeof value === 'string') return value;
  throw wrong(name, 'a string', value);
}

export function boolField(message: JsonMessage, name: string): boolean {
  const value = fieldOf(message, name);
  if (value === undefined) return false;
  if (typeof value === 'boolean') return value;
  throw wrong(name, 'true or false', value);
}

/** Doubles and whole numbers, which may stand as text. */
export function numberField(message: JsonMessage, name: string): number | undefined {
  const value = fieldOf(message, name);
  return value === undefined ? undefined : numberOf(value, name);
}

export function numbersField(message: JsonMessage, name: string): number[] {
  return listField(message, name).map((value) => numberOf(value, name));
}

const NUMBER = /^-?(\d+(\.\d*)?([eE][+-]?\d+)?|Infinity)$|^NaN$/;

function numberOf(value: unknown, name: string): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'string' && NUMBER.test(value)) return Number(value);
  throw wrong(name, 'a number', value);
}

/** The digits of a 64-bit number. */
export function digitsOf(value: unknown, name: string): string {
  if (typeof value === 'string' && /^-?\d{1,20}$/.test(value)) return value;
  if (typeof value === 'number' && Number.isInteger(value)) return String(BigInt(value));
  throw wrong(name, 'a whole number', value);
}

/**
 * Whole milliseconds of a time in nanoseconds. One that stands as a number has lost up to 128 of these, and must not fall
 * into the millisecond before.
 */
export function timeField(message: JsonMessage, name: string): number {
  const value = fieldOf(message, name);
  if (value === undefined) return 0;
  const lost = typeof value === 'number' && !Number.isSafeInteger(value) ? 128n : 0n;
  return Number((BigInt(digitsOf(value, name)) + lost) / 1_000_000n);
}

export function listField(message: JsonMessage, name: string): readonly unknown[] {
  const value = fieldOf(message, name);
  if (value === undefined) return [];
  if (Array.isArray(value)) return value;
  throw wrong(name, 'a list', value);
}

export function messageField(message: JsonMessage, name: string): JsonMessage | undefined {
  const value = fieldOf(message, name);
  return value === undefined ? undefined : asMessage(value, name);
}

export function messagesField(message: JsonMessage, name: string): JsonMessage[] {
  return listField(message, name).map((value) => asMessage(value, name));
}

export function asMessage(value: unknown, name: string): JsonMessage {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonMessage;
  throw wrong(name, 'an object', value);
}

export function wrong(name: string, expected: string, value: unknown): DecodeError {
  return new DecodeError(400, `${name}: expected ${expected}, not ${shown(value)}`);
}

/** Lists and objects may be nested deeper than they can be written. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  return JSON.stringify(value).slice(0, 50);
}
