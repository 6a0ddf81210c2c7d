import { sqlText } from '../duck.ts';
import { StoreError } from '../errors.ts';
import type { CompareOp, KqlNode, KqlTerm } from './kql.ts';
import { LEVELS, levelCode } from './log-level.ts';
import type { KnownSource } from './log-sources.ts';
import { timeCondition } from './log-time.ts';
import { mayHaveField, messageField } from './message-fields.ts';

/** What only a source has. */
const SOURCE_FIELDS: ReadonlySet<string> = new Set(['log.file.path', 'source']);
const BUILT_IN: ReadonlySet<string> = new Set([
  '',
  'message',
  'level',
  'log.level',
  'stream',
  'log.iostream',
  '@timestamp',
  'log.file.path',
  'source',
]);
const STREAMS = ['', 'stdout', 'stderr'];

/**
 * The SQL condition of a search on one file. Conditions on what belongs to the source are decided here, once a source,
 * and reach SQL as a list of numbers. @throws {StoreError} `bad_query` for what cannot be compared.
 */
export function conditionOf(node: KqlNode, sources: readonly KnownSource[]): string {
  switch (node.kind) {
    case 'all':
      return 'true';
    case 'and':
    case 'or':
      return node.parts.map((part) => `(${conditionOf(part, sources)})`).join(` ${node.kind} `);
    case 'not':
      return `not (${conditionOf(node.part, sources)})`;
    case 'compare':
      return compareCondition(node.field, node.op, node.value);
    case 'term':
      return termCondition(node.field, node.term, sources);
  }
}

/** Names of fields that a query asks for in the message, as no source has them and they mean nothing else. */
export function messageFieldsOf(node: KqlNode, sources: readonly KnownSource[]): string[] {
  switch (node.kind) {
    case 'all':
      return [];
    case 'and':
    case 'or':
      return [...new Set(node.parts.flatMap((part) => messageFieldsOf(part, sources)))];
    case 'not':
      return messageFieldsOf(node.part, sources);
    case 'term':
    case 'compare': {
      const { field } = node;
      if (BUILT_IN.has(field) || field.includes('*') || sources.some((one) => hasField(one, field, () => true)))
        return [];
      return [field];
    }
  }
}

function termCondition(field: string, term: KqlTerm, sources: readonly KnownSource[]): string {
  switch (field) {
    case '':
    case 'message':
      return messageCondition(term);
    case '*':
      return `(${messageCondition(term)} or ${fieldCondition(field, term, sources)})`;
    case 'level':
    case 'log.level':
      return `level in (${codesOf(term).join(',')})`;
    case 'stream':
    case 'log.iostream':
      return `stream in (${matchingCodes('stream', STREAMS, term).join(',')})`;
    case '@timestamp':
      return timeCondition(':', term.pieces.join('*'));
    default:
      return fieldCondition(field, term, sources);
  }
}

/** A field of the source, or of the message itself where the source has none of that name. */
function fieldCondition(field: string, term: KqlTerm, sources: readonly KnownSource[]): string {
  const test = testOf(term);
  const numbers = sources.filter((source) => hasField(source, field, test)).map(({ number }) => number);
  const ofSource = numbers.length === 0 ? 'false' : `source in (${numbers.join(',')})`;
  if (field.includes('*') || SOURCE_FIELDS.has(field)) return ofSource;
  return `(${ofSource} or (${mayHaveField(field)} and coalesce(${valueCondition(messageField(field), term)}, false)))`;
}

function valueCondition(value: string, { pieces }: KqlTerm): string {
  if (pieces.every((piece) => piece === '')) return `${value} is not null`;
  if (pieces.length === 1) return `${value} = ${sqlText(pieces[0])}`;
  return `${value} like ${sqlText(pieces.map(escapeLike).join('%'))} escape '\\'`;
}

/** Without regard to case. `ilike` would say the same and take three times as long. */
function messageCondition({ pieces }: KqlTerm): string {
  if (pieces.length === 1) return `contains(lower(message), lower(${sqlText(pieces[0])}))`;
  return `lower(message) like lower(${sqlText(`%${pieces.map(escapeLike).join('%')}%`)}) escape '\\'`;
}

/** @throws {StoreError} `bad_query` for a value that no record can have. */
function matchingCodes(what: string, names: readonly string[], term: KqlTerm): number[] {
  const test = testOf({ pieces: term.pieces.map((piece) => piece.toLowerCase()) });
  const codes = names.flatMap((name, code) => (name !== '' && test(name) ? [code] : []));
  if (codes.length === 0) refuseValue(what, names, term.pieces.join('*'));
  return codes;
}

function refuseValue(what: string, names: readonly string[], value: string): never {
  const expected = names.filter((name) => name !== '').join(', ');
  throw new StoreError('bad_query', `${JSON.stringify(value)} is no ${what}; expected ${expected}`);
}

function codesOf(term: KqlTerm): number[] {
  const alias = term.pieces.length === 1 ? levelCode(term.pieces[0]) : undefined;
  return alias === undefined ? matchingCodes('level', LEVELS, term) : [alias];
}

function compareCondition(field: string, op: CompareOp, value: string): string {
  if (field === '@timestamp') return timeCondition(op, value);
  if (field !== 'level' && field !== 'log.level') return numberCondition(field, op, value);
  const code = levelCode(value);
  if (code === undefined) refuseValue('level', LEVELS, value);
  return `level > 0 and level ${op} ${code}`;
}

/** A number in the message; a value that is none is not compared. */
function numberCondition(field: string, op: CompareOp, value: string): string {
  const number = Number(value);
  if (value.trim() === '' || !Number.isFinite(number)) {
    throw new StoreError('bad_query', `${field} ${op} ${JSON.stringify(value)}: expected a number`);
  }
  return `(${mayHaveField(field)} and coalesce(try_cast(${messageField(field)} as double) ${op} ${number}, false))`;
}

/** Whether a source has the field with such a value; a `*` in the name stands for any field. */
function hasField(source: KnownSource, field: string, test: (value: string) => boolean): boolean {
  if (field === 'log.file.path') return test(source.path) || test(source.fields[field] ?? '');
  if (field === 'source') return test(source.id);
  const own = Object.hasOwn(source.fields, field) ? source.fields[field] : undefined;
  if (!field.includes('*')) return own !== undefined && test(own);
  const name = testOf({ pieces: field.split('*') });
  return Object.entries(source.fields).some(([key, value]) => name(key) && test(value));
}

function testOf({ pieces }: KqlTerm): (text: string) => boolean {
  if (pieces.length === 1) return (text) => text === pieces[0];
  return (text) => {
    const last = pieces[pieces.length - 1];
    if (!text.startsWith(pieces[0])) return false;
    let at = pieces[0].length;
    for (const piece of pieces.slice(1, -1)) {
      const found = text.indexOf(piece, at);
      if (found === -1) return false;
      at = found + piece.length;
    }
    return text.length - last.length >= at && text.endsWith(last);
  };
}

function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&');
}
