import type { SeriesDescription } from './series-notation.ts';
import type { EvalCommand } from './eval-command.ts';
import { parseEval } from './eval-command.ts';
import { Lines, ScriptError } from './script-lines.ts';
import { parseSeriesDescription } from './series-notation.ts';
import { isStartTimestampLine, parseStartTimestampLine } from './start-timestamps.ts';

/** One command of a test script; `line` counts from 1. */
export type Command = { readonly kind: 'clear'; readonly line: number } | LoadCommand | EvalCommand;

export interface LoadCommand {
  readonly kind: 'load';
  readonly line: number;
  /** Milliseconds between the values of a series; the first stands at 0. */
  readonly step: number;
  /** Classic histograms are loaded as native ones with custom bounds too. */
  readonly withNhcb: boolean;
  readonly series: readonly LoadedSeries[];
}

export interface LoadedSeries extends SeriesDescription {
  /** For each value how long before it its counter began, in milliseconds and negative; undefined where unknown. */
  readonly startOffsets?: readonly (number | undefined)[];
}

/** A command that cannot be read, with all lines of its block. */
export interface UnreadableCommand {
  readonly kind: 'unreadable';
  readonly line: number;
  readonly text: string;
  readonly error: ScriptError;
}

/**
 * Reads a script of Prometheus' test language: `load`, `clear`, `eval` (source: prometheus/promql/promqltest/README.md).
 * @throws {ScriptError}
 */
export function parseScript(text: string): Command[] {
  return readScript(text).map((command) => {
    if (command.kind === 'unreadable') throw command.error;
    return command;
  });
}

/** As {@link parseScript}, but what cannot be read harms only itself. */
export function readScript(text: string): (Command | UnreadableCommand)[] {
  const lines = new Lines(text);
  const commands: (Command | UnreadableCommand)[] = [];
  for (;;) {
    const line = lines.nextFilled();
    if (line === undefined) return commands;
    const { number } = lines;
    try {
      commands.push(parseCommand(line, lines));
    } catch (error) {
      if (!(error instanceof ScriptError)) throw error;
      commands.push({ kind: 'unreadable', line: number, text: line, error });
      while (lines.nextOfBlock() !== undefined);
    }
  }
}

function parseCommand(line: string, lines: Lines): Command {
  const word = line.split(/[\t ]+/)[0].toLowerCase();
  if (word === 'clear') return { kind: 'clear', line: lines.number };
  if (word.startsWith('load')) return parseLoad(line, lines);
  if (word.startsWith('eval')) return parseEval(line, lines);
  throw new ScriptError(lines.number, `invalid command ${JSON.stringify(line)}`);
}

function parseLoad(line: string, lines: Lines): LoadCommand {
  const match = /^load(?:_(with_nhcb))?\s+(.+?)$/.exec(line);
  if (match === null) return lines.fail('invalid load command. (load[_with_nhcb] <step:duration>)');
  const start = lines.number;
  const step = lines.duration(match[2], 'step');
  const series: LoadedSeries[] = [];
  for (let next = lines.nextOfBlock(); next !== undefined; next = lines.nextOfBlock()) {
    series.push(isStartTimestampLine(next) ? parseWithStart(next, lines) : lines.parsed(parseSeriesDescription, next));
  }
  return { kind: 'load', line: start, step, withNhcb: match[1] !== undefined, series };
}

function parseWithStart(line: string, lines: Lines): LoadedSeries {
  const { labels, offsets } = lines.parsed(parseStartTimestampLine, line);
  const next = lines.nextOfBlock() ?? lines.fail('@st line has no following sample line');
  const series = lines.parsed(parseSeriesDescription, next);
  if (!series.labels.equals(labels)) {
    lines.fail('@st metric does not match the following sample line metric');
  }
  if (series.values.length !== offsets.length) {
    lines.fail(`@st line has ${offsets.length} values but sample line has ${series.values.length}`);
  }
  return { ...series, startOffsets: offsets };
}
