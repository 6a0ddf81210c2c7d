import type { NumberLiteral } from './ast.ts';
import { parseDurationSeconds, parseNumber } from './parse-number.ts';
import type { ParserState } from './parser-state.ts';

/** Takes the number or duration that comes next; a duration's value is in seconds. */
export function parseLiteral(p: ParserState): NumberLiteral {
  const token = p.peek();
  if (token.type !== 'number' && token.type !== 'duration') p.unexpected();
  p.next();
  const duration = token.type === 'duration';
  const value = duration ? parseDurationSeconds(token.text) : parseNumber(token.text);
  if (typeof value === 'object') p.fail(duration ? value.error : `error parsing number: ${value.error}`, token);
  return { kind: 'number', value, duration, pos: { start: token.start, end: token.end } };
}
