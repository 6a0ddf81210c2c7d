import { compileAnchored, setOfLiterals } from '../../lib/text/match.ts';
import type { MatchOp, Matcher } from '../../model/matcher.ts';
import type { VectorSelector } from './ast.ts';
import { goUnquote } from '../text/go-quote.ts';
import type { ParserState } from './parser-state.ts';
import type { Token } from './token.ts';

/** A metric's name, braces with matchers, or both. `name` has been taken already. */
export function parseSelector(p: ParserState, name: Token | undefined): VectorSelector {
  const start = name?.start ?? p.peek().start;
  const matchers = p.peek().type === '{' ? parseMatchers(p) : [];
  if (name !== undefined) matchers.push({ name: '__name__', op: '=', value: name.text });
  return {
    kind: 'selector',
    name: name?.text ?? '',
    matchers,
    offset: 0,
    at: undefined,
    extension: undefined,
    pos: { start, end: p.end },
  };
}

function parseMatchers(p: ParserState): Matcher[] {
  p.next();
  const matchers: Matcher[] = [];
  for (;;) {
    if (p.take('}') !== undefined) return matchers;
    matchers.push(parseMatcher(p));
    if (p.take(',') === undefined && p.peek().type !== '}') p.unexpected('label matching', '"," or "}"');
  }
}

/** `name="value"`, `"quoted name"=~"value"`, or a quoted text alone, which is the metric's name. */
function parseMatcher(p: ParserState): Matcher {
  const label = p.peek();
  if (label.type !== 'identifier' && label.type !== 'string') p.unexpected('label matching', 'identifier or "}"');
  p.next();
  const name = label.type === 'string' ? goUnquote(label.text) : label.text;
  const op = p.peek().type;
  if (op !== '=' && op !== '!=' && op !== '=~' && op !== '!~') {
    if (label.type === 'string') return { name: '__name__', op: '=', value: name };
    p.unexpected('label matching', 'label matching operator');
  }
  p.next();
  if (p.peek().type !== 'string') p.unexpected('label matching', 'string');
  const literal = p.next();
  const value = goUnquote(literal.text);
  const fault = faultOfPattern(op, value);
  if (fault !== undefined) p.fail(fault, { start: label.start, end: literal.end });
  return { name, op, value };
}

/**
 * Why a pattern is no regular expression of RE2. The bare pattern is tried: within the anchors that matching puts
 * around it, `a)|(b` would pass.
 */
function faultOfPattern(op: MatchOp, pattern: string): string | undefined {
  if (op === '=' || op === '!=' || setOfLiterals(pattern) !== undefined) return undefined;
  try {
    compileAnchored(pattern);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
