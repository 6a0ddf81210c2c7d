import type { PosRange } from './ast.ts';

/** A text that is no valid expression, in Prometheus' words. */
export class ParseError extends Error {
  override readonly name = 'ParseError';
  /** What is wrong, without the place: `unexpected end of input`. */
  readonly detail: string;
  readonly pos: PosRange;
  /** The whole text that was parsed. */
  readonly text: string;

  constructor(detail: string, pos: PosRange, text: string) {
    super(`${place(text, pos.start)}: parse error: ${detail}`);
    this.detail = detail;
    this.pos = pos;
    this.text = text;
  }

  /** 1-based, in UTF-16 units as editors count. */
  get line(): number {
    return this.text.slice(0, this.pos.start).split('\n').length;
  }

  /** 1-based, in UTF-16 units as editors count. */
  get column(): number {
    return this.pos.start - this.text.lastIndexOf('\n', this.pos.start - 1);
  }
}

/** The form of promtool's older answers: `parse error at char 5: unexpected end of input`. */
export function formatAtChar(error: ParseError): string {
  return `parse error at char ${error.pos.start + 1}: ${error.detail}`;
}

/** Longest part of a line that {@link formatWithCaret} shows, so that a line of a megabyte does not flood a terminal. */
const SHOWN = 100;

/** The message, the line of the text that holds the fault, and a caret below its place. */
export function formatWithCaret(error: ParseError): string {
  const line = error.text.split('\n')[error.line - 1];
  const column = error.column - 1;
  const from = line.length <= SHOWN ? 0 : Math.max(0, Math.min(column - SHOWN / 2, line.length - SHOWN));
  const shown = line.slice(from, from + SHOWN);
  const width = error.pos.end > error.pos.start ? Math.min(error.pos.end - error.pos.start, SHOWN) : 1;
  const room = Math.max(1, shown.length - (column - from));
  // Tabs stay tabs, so that the caret stands right whatever their width.
  const indent = shown.slice(0, column - from).replace(/[^\t]/g, ' ');
  const head = from > 0 ? '…' : '';
  const tail = from + SHOWN < line.length ? '…' : '';
  const marks = '^' + '~'.repeat(Math.max(0, Math.min(width, room) - 1));
  return `${error.message}\n  ${head}${shown}${tail}\n  ${head === '' ? '' : ' '}${indent}${marks}`;
}

/** `line:column`, both from 1, the column in bytes of UTF-8, as Prometheus counts. */
function place(text: string, start: number): string {
  if (text === '') return 'unknown position';
  const before = text.slice(0, start);
  const lineStart = before.lastIndexOf('\n') + 1;
  const line = before.split('\n').length;
  return `${line}:${Buffer.byteLength(before.slice(lineStart)) + 1}`;
}
