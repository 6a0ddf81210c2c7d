import { InvalidArgumentError, Option } from 'commander';
import { parseDuration } from '../lib/time/duration.ts';

/** Collects an option that may be given several times. */
export function repeatable(value: string, known: readonly string[] | undefined): string[] {
  return [...(known ?? []), value];
}

/** The examples below a command's help. */
export function examples(...lines: string[]): string {
  return `\nExamples:\n${lines.map((line) => `  $ crowsnest ${line}`).join('\n')}\n`;
}

export const OUTPUT_FORMATS = ['table', 'json', 'yaml'] as const;

/** `-o`: how a command prints what it found. */
export function outputOption(): Option {
  return new Option('-o, --output <format>', 'how to print').choices(OUTPUT_FORMATS).default('table');
}

/** A duration such as `15m`, in milliseconds. */
export function durationArgument(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined) throw new InvalidArgumentError('expected a duration such as 15m.');
  return ms;
}

/** A step: a duration, or seconds. */
export function stepArgument(text: string): string {
  const ms = parseDuration(text) ?? Number(text) * 1000;
  if (!(ms > 0)) throw new InvalidArgumentError('expected a duration such as 15s, or seconds.');
  return text;
}

/** A time: RFC 3339 or Unix seconds. */
export function timeArgument(text: string): string {
  if (!isTime(text)) throw new InvalidArgumentError('expected a time such as 2026-11-30T12:00:00Z, or Unix seconds.');
  return text;
}

/** A time, or a duration before the end. */
export function startArgument(text: string): string {
  if (parseDuration(text) === undefined && !isTime(text))
    throw new InvalidArgumentError(
      'expected a time such as 2026-11-30T12:00:00Z, Unix seconds, or a duration such as 1h.',
    );
  return text;
}

export function urlArgument(text: string): string {
  if (!/^https?:\/\/[^/]/.test(text) || !URL.canParse(text))
    throw new InvalidArgumentError('expected a URL such as http://127.0.0.1:9780.');
  return text;
}

/** A whole number from 1 to `most`. */
export function countArgument(most: number): (text: string) => number {
  return (text) => {
    const count = Number(text);
    if (!/^\d+$/.test(text) || count < 1 || count > most)
      throw new InvalidArgumentError(`expected a number from 1 to ${most}.`);
    return count;
  };
}

function isTime(text: string): boolean {
  return /^-?\d+(\.\d+)?$/.test(text) || (/^\d{4}-\d\d-\d\d/.test(text) && !Number.isNaN(Date.parse(text)));
}
