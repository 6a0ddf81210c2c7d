import { closeSync, constants, openSync, readSync, readdirSync } from 'node:fs';

/** The longest file of /proc, its table of interrupts on a machine with many CPUs, has a few MB. */
const MAX_LENGTH = 16 * 1024 * 1024;

/** What is no file, such as a pipe that nobody writes to, must not hold the process. */
const FLAGS = constants.O_RDONLY | constants.O_NONBLOCK;

let buffer = Buffer.allocUnsafeSlow(64 * 1024);

/**
 * The text of a file of /proc or /sys. Such files have no size and answer at once from memory, so they are read without a
 * promise, into one Buffer for all.
 * @throws the error of the system, ENOENT and the like, and for a file of more than 16 MiB
 */
export function readProc(path: string): string {
  const file = openSync(path, FLAGS);
  try {
    let length = 0;
    for (;;) {
      const read = readSync(file, buffer, length, buffer.length - length, null);
      if (read === 0) return buffer.toString('latin1', 0, length);
      length += read;
      if (length > MAX_LENGTH) throw new Error(`${path}: longer than ${MAX_LENGTH} bytes`);
      if (length === buffer.length) {
        const larger = Buffer.allocUnsafeSlow(buffer.length * 2);
        buffer.copy(larger);
        buffer = larger;
      }
    }
  } finally {
    closeSync(file);
  }
}

/** As {@link readProc}, undefined where the file is not there or cannot be read. */
export function tryReadProc(path: string): string | undefined {
  try {
    return readProc(path);
  } catch {
    return undefined;
  }
}

/** The lines of a text without the empty ones. */
export function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}

/** The words of a line, parted by any blanks. */
export function wordsIn(line: string): string[] {
  return line.trim().split(/\s+/);
}

/** The names in a folder, sorted. @throws the error of the system, ENOENT and the like */
export function readNames(folder: string): string[] {
  return readdirSync(folder).sort();
}

/** As {@link readNames}, none where the folder is not there. */
export function namesIn(folder: string): string[] {
  try {
    return readNames(folder);
  } catch {
    return [];
  }
}

/** A file's text without the blanks around it; undefined where it cannot be read. */
export function tryReadText(path: string): string | undefined {
  return tryReadProc(path)?.trim();
}

/** A file's number, decimal or `0x…`; undefined where it cannot be read or holds none. */
export function tryReadNumber(path: string): number | undefined {
  const text = tryReadText(path);
  if (text === undefined || !/^[+-]?(?:0x[0-9a-fA-F]+|\d+(?:\.\d+)?)$/.test(text)) return undefined;
  return Number(text);
}
