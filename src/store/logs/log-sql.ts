import { sqlText } from '../duck.ts';
import { StoreError } from '../errors.ts';
import type { CompareOp, KqlNode, KqlTerm } from './kql.ts';
import { LEVELS, levelCode } from './log-level.ts';
import type { KnownSource } from './log-sources.ts';

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

function termCondition(field: string, term: KqlTerm, sources: readonly KnownSource[]): string {
  switch (field) {
    case '':
    case 'message':
      return messageCondition(term);
    case 'level':
    case 'log.level':
      return `level in (${codesOf(term).join(',')})`;
    case 'stream':
    case 'log.iostream':
      return `stream in (${matchingCodes(STREAMS, term).join(',')})`;
    default: {
      const test = testOf(term);
      const numbers = sources.filter((source) => hasField(source, field, test)).map(({ number }) => number);
      return numbers.length === 0 ? 'false' : `source in (${numbers.join(',')})`;
    }
  }
}

/** Without regard to case. `ilike` would say the same and take three times as long. */
function messageCondition({ pieces }: KqlTerm): string {
  if (pieces.length === 1) return `contains(lower(message), lower(${sqlText(pieces[0])}))`;
  return `lower(message) like lower(${sqlText(`%${pieces.map(escapeLike).join('%')}%`)}) escape '\\'`;
}

/** `-1` stands for nothing, since `in ()` is not SQL. */
function matchingCodes(names: readonly string[], term: KqlTerm): number[] {
  const test = testOf({ pieces: term.pieces.map((piece) => piece.toLowerCase()) });
  const codes = names.flatMap((name, code) => (name !== '' && test(name) ? [code] : []));
  return codes.length === 0 ? [-1] : codes;
}

function codesOf(term: KqlTerm): number[] {
  const alias = term.pieces.length === 1 ? levelCode(term.pieces[0]) : undefined;
  return alias === undefined ? matchingCodes(LEVELS, term) : [alias];
}

function compareCondition(field: string, op: CompareOp, value: string): string {
  if (field !== 'level' && field !== 'log.level') {
    throw new StoreError('bad_query', `${field} cannot be compared with ${op}; log.level can`);
  }
  const code = levelCode(value);
  if (code === undefined) {
    throw new StoreError('bad_query', `${JSON.stringify(value)} is no level; expected ${LEVELS.slice(1).join(', ')}`);
  }
  return `level > 0 and level ${op} ${code}`;
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
