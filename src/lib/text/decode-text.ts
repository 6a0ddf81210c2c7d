import { isUtf8 } from 'node:buffer';
import { InputError } from '../schema/yaml.ts';

const NEWLINE = 10;

/**
 * The text of a file that a person wrote, which is in UTF-8: another encoding is refused instead of being read as text with U+FFFD.
 * @throws {InputError} with line, column and value of the first byte that does not fit.
 */
export function decodeText(bytes: Buffer, file: string): string {
  if (!isUtf8(bytes)) throw new InputError([firstFault(bytes, file)]);
  return bytes.toString('utf8');
}

function firstFault(bytes: Buffer, file: string) {
  let line = 1;
  let from = 0;
  let end = lineEnd(bytes, from);
  for (; isUtf8(bytes.subarray(from, end)); line++) {
    from = end + 1;
    end = lineEnd(bytes, from);
  }
  const text = bytes.subarray(from, end);
  const column = firstDifference(text, Buffer.from(text.toString('utf8')));
  const hex = text[column].toString(16).toUpperCase().padStart(2, '0');
  const before = text.subarray(0, column).toString('utf8').length;
  return { file, line, column: before + 1, path: '', message: `not UTF-8: byte 0x${hex}` };
}

function lineEnd(bytes: Buffer, from: number): number {
  const end = bytes.indexOf(NEWLINE, from);
  return end < 0 ? bytes.length : end;
}

function firstDifference(a: Buffer, b: Buffer): number {
  let i = 0;
  while (a[i] === b[i]) i++;
  return i;
}
