import { compileMatch } from '../../lib/text/match.ts';
import type { Labels } from '../../model/labels.ts';
import { quote } from '../../model/labels.ts';
import type { MatchOp, Matcher } from '../../model/matcher.ts';

export type LabelTest = (labels: Labels) => boolean;

/**
 * The matchers of one text, as Alertmanager reads it: the syntax that takes any UTF-8 name first, and where that fails or
 * reads something else, the classic one that files may still rely on.
 * @throws {Error} naming what was expected.
 */
export function parseMatchers(text: string): Matcher[] {
  const classic = attempt(() => parseClassic(text));
  const utf8 = attempt(() => parseUtf8(text));
  if (classic instanceof Error && utf8 instanceof Error) throw utf8;
  if (classic instanceof Error) return utf8 as Matcher[];
  return classic;
}

function attempt<T>(run: () => T): T | Error {
  try {
    return run();
  } catch (error) {
    return error as Error;
  }
}

/** @throws {Error} with RE2's words for a bad regular expression. */
export function compileMatchers(matchers: readonly Matcher[]): LabelTest {
  const tests = matchers.map(({ name, op, value }) => ({ name, test: compileMatch(op, value) }));
  return (labels) => tests.every(({ name, test }) => test(labels.get(name)));
}

/** `{a="b",c=~"d"}` */
export function printMatchers(matchers: readonly Matcher[]): string {
  const printed = matchers.map(
    ({ name, op, value }) => `${/^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(name) ? name : quote(name)}${op}${quote(value)}`,
  );
  return `{${printed.join(',')}}`;
}

const CLASSIC = /^\s*([a-zA-Z_:][a-zA-Z0-9_:]*)\s*(=~|=|!=|!~)\s*([\s\S]*?)\s*$/;

function parseClassic(text: string): Matcher[] {
  const inner = text.replace(/^\s*\{/, '').replace(/\}\s*$/, '');
  return splitOutsideQuotes(inner).map((part) => {
    const match = CLASSIC.exec(part);
    if (match === null) throw new Error(`bad matcher format: ${part}`);
    return { name: match[1], op: match[2] as MatchOp, value: classicValue(match[3], part) };
  });
}

function splitOutsideQuotes(text: string): string[] {
  const parts: string[] = [];
  let [from, quoted] = [0, false];
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === '"') quoted = !quoted;
    else if (text[i] === ',' && !quoted) {
      parts.push(text.slice(from, i));
      from = i + 1;
    }
  }
  parts.push(text.slice(from));
  return parts.filter((part, i) => part.trim() !== '' || (i === 0 && parts.length === 1));
}

function classicValue(raw: string, part: string): string {
  const quoted = raw.startsWith('"');
  const body = quoted ? raw.slice(1) : raw;
  let value = '';
  for (let i = 0; i < body.length; i++) {
    const c = body[i];
    if (c === '\\') {
      const next = body[++i];
      value += next === 'n' ? '\n' : next === '"' || next === '\\' ? next : `\\${next ?? ''}`;
    } else if (c === '"') {
      if (quoted && i === body.length - 1) return value;
      throw new Error(`matcher value contains unescaped double quote: ${part.trim()}`);
    } else {
      value += c;
    }
  }
  if (quoted) throw new Error(`matcher value contains unescaped double quote: ${part.trim()}`);
  return value;
}

type Token = { readonly kind: 'word' | 'op' | ',' | '{' | '}'; readonly text: string; readonly at: number };

const TOKEN = /\s*(?:("(?:[^"\\]|\\[\s\S])*")|(=~|!~|!=|=)|([{},])|([^\s{}!=~,\\"'`]+))/y;

function parseUtf8(text: string): Matcher[] {
  const tokens = tokenize(text);
  const braced = tokens[0]?.kind === '{';
  if (braced) tokens.shift();
  if (braced && tokens.pop()?.kind !== '}') throw new Error(`${text}: expected a closing }`);
  const matchers: Matcher[] = [];
  while (tokens.length > 0) {
    const [name, op, value] = tokens.splice(0, 3);
    if (name?.kind !== 'word') throw new Error(`${text}: expected a label name, found ${name?.text ?? 'the end'}`);
    if (op?.kind !== 'op') throw new Error(`${text}: expected one of = != =~ !~ behind ${name.text}`);
    if (value?.kind !== 'word') throw new Error(`${text}: expected a value behind ${name.text}${op.text}`);
    matchers.push({ name: name.text, op: op.text as MatchOp, value: value.text });
    if (tokens.length > 0 && tokens.shift()?.kind !== ',')
      throw new Error(`${text}: expected a comma between matchers`);
  }
  if (matchers.length === 0 && !braced) throw new Error(`${text}: no matchers`);
  return matchers;
}

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  const end = text.trimEnd().length;
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < end) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (match === null) throw new Error(`${text}: unexpected ${text.slice(at).trim()[0]} at ${at + 1}`);
    const [, quoted, op, mark, word] = match;
    if (quoted !== undefined) tokens.push({ kind: 'word', text: unescape(quoted), at });
    else if (op !== undefined) tokens.push({ kind: 'op', text: op, at });
    else if (mark !== undefined) tokens.push({ kind: mark as ',' | '{' | '}', text: mark, at });
    else tokens.push({ kind: 'word', text: word, at });
  }
  return tokens;
}

function unescape(quoted: string): string {
  try {
    return JSON.parse(quoted) as string;
  } catch {
    throw new Error(`${quoted}: not a valid quoted string`);
  }
}
