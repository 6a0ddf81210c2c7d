import {
  type Document,
  LineCounter,
  type YAMLMap,
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  parseAllDocuments,
} from 'yaml';

/** The `file` of complaints about flags. */
export const COMMAND_LINE = 'command line';

/** One complaint about something the user wrote: where, what stands there, what was expected. */
export interface Complaint {
  readonly file: string;
  /** Both from 1; 0 where the place is not known. */
  readonly line: number;
  readonly column: number;
  /** Dotted path to the value, '' for the whole file. */
  readonly path: string;
  readonly message: string;
}

/** `file:line:column  path: message`, the form of every complaint about input. */
export function formatComplaint(complaint: Complaint): string {
  const place = complaint.line > 0 ? `${complaint.file}:${complaint.line}:${complaint.column}` : complaint.file;
  return `${place}  ${complaint.path === '' ? '' : `${complaint.path}: `}${complaint.message}`;
}

/** Thrown for input that cannot be used; carries every complaint, not only the first. */
export class InputError extends Error {
  readonly complaints: readonly Complaint[];

  constructor(complaints: readonly Complaint[]) {
    super(complaints.map(formatComplaint).join('\n'));
    this.name = 'InputError';
    this.complaints = complaints;
  }
}

export type Path = readonly (string | number)[];

/** A YAML document that still knows where each value stands. */
export interface YamlSource {
  readonly file: string;
  readonly value: unknown;
  /** A complaint about the value at `path`, or about the key itself where `key` is set. */
  complain(path: Path, message: string, key?: boolean): Complaint;
  /**
   * The same document, in which the scalars that `isText` says are texts stand as they were written: `0x20`, `1.10` and `yes`
   * are numbers to YAML, and other texts once they were numbers.
   */
  withTexts(isText: (path: Path) => boolean): YamlSource;
  /** The scalar at `path` as it stands in the file, and whether without quotes; undefined where no scalar is there. */
  scalarAt(path: Path): { readonly text: string; readonly plain: boolean } | undefined;
}

/**
 * Parses the first document of a YAML 1.2 text.
 * @throws {InputError} with every syntax error, duplicate keys among them.
 */
export function parseYaml(text: string, file: string): YamlSource {
  return parseYamlDocuments(text, file)[0] ?? emptySource(file);
}

/** All documents of a YAML stream. @throws {InputError} as {@link parseYaml}. */
export function parseYamlDocuments(text: string, file: string): YamlSource[] {
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter: lines, version: '1.2', merge: true });
  if ('empty' in documents) return [];
  const complaints = documents.flatMap((document) =>
    document.errors.map((error): Complaint => {
      const { line, col } = lines.linePos(error.pos[0]);
      return { file, line, column: col, path: '', message: error.message.split(' at line ')[0] };
    }),
  );
  if (complaints.length > 0) throw new InputError(complaints);
  return documents.map((document) => sourceOf(document, file, lines, toPlain(document, file)));
}

function sourceOf(document: Document, file: string, lines: LineCounter, value: unknown): YamlSource {
  return {
    file,
    value,
    complain(path, message, key = false) {
      const offset = offsetOf(document, path, key);
      const place = offset === undefined ? { line: 0, col: 0 } : lines.linePos(offset);
      return { file, line: place.line, column: place.col, path: formatPath(path), message };
    },
    withTexts: (isText) => sourceOf(document, file, lines, asWritten(document, value, [], isText)),
    scalarAt(path) {
      const node = nodeAt(document, path);
      return isScalar(node) && node.source !== undefined
        ? { text: node.source, plain: node.type === 'PLAIN' }
        : undefined;
    },
  };
}

/** The part of a document at `path`, as a source of its own; complaints name the whole path. */
export function within(source: YamlSource, path: Path): YamlSource {
  const value = path.reduce<unknown>(
    (at, step) => (at as Record<string | number, unknown> | null | undefined)?.[step],
    source.value,
  );
  return {
    file: source.file,
    value,
    complain: (below, message, key) => source.complain([...path, ...below], message, key),
    withTexts: (isText) => within(source.withTexts(isText), path),
    scalarAt: (below) => source.scalarAt([...path, ...below]),
  };
}

/** A copy of `value` in which chosen numbers and booleans are their source again. */
function asWritten(document: Document, value: unknown, path: Path, isText: (path: Path) => boolean): unknown {
  if (Array.isArray(value)) return value.map((item, i) => asWritten(document, item, [...path, i], isText));
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, asWritten(document, item, [...path, key], isText)]),
    );
  }
  if ((typeof value !== 'number' && typeof value !== 'boolean') || !isText(path)) return value;
  const node = document.getIn(path, true);
  return isScalar(node) ? (node.source ?? value) : value;
}

/** The node at `path`, through aliases and `<<` merges. */
function nodeAt(document: Document, path: Path): unknown {
  let node: unknown = document.contents;
  for (const step of path) {
    const parent = isAlias(node) ? node.resolve(document) : node;
    if (isMap(parent)) node = parent.get(step, true) ?? mergedAt(document, parent, step);
    else if (isSeq(parent)) node = parent.get(step, true);
    else return undefined;
  }
  return isAlias(node) ? node.resolve(document) : node;
}

function mergedAt(document: Document, map: YAMLMap, key: string | number): unknown {
  const merged = map.items.find((pair) => isScalar(pair.key) && pair.key.source === '<<')?.value;
  for (const source of isSeq(merged) ? merged.items : [merged]) {
    const node: unknown = isAlias(source) ? source.resolve(document) : source;
    const found: unknown = isMap(node) ? node.get(key, true) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

function emptySource(file: string): YamlSource {
  const source: YamlSource = {
    file,
    value: null,
    complain: (path, message) => ({ file, line: 1, column: 1, path: formatPath(path), message }),
    withTexts: () => source,
    scalarAt: () => undefined,
  };
  return source;
}

/** Aliases are bounded, so that a small file cannot unfold into a huge one. */
function toPlain(document: Document, file: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    throw new InputError([{ file, line: 0, column: 0, path: '', message: (error as Error).message }]);
  }
}

function offsetOf(document: Document, path: Path, key: boolean): number | undefined {
  let node: unknown = document.contents;
  let offset = isNode(node) ? node.range?.[0] : undefined;
  for (const [depth, step] of path.entries()) {
    if (isMap(node)) {
      const pair = node.items.find(
        (item) => isPair(item) && isScalar(item.key) && String(item.key.value) === String(step),
      );
      if (pair === undefined) return offset;
      const keyOffset = isNode(pair.key) ? pair.key.range?.[0] : undefined;
      node = pair.value;
      const last = depth === path.length - 1;
      offset = (last && key) || !isNode(node) ? keyOffset : (node.range?.[0] ?? keyOffset);
    } else if (isSeq(node)) {
      node = node.items[Number(step)];
      if (!isNode(node)) return offset;
      offset = node.range?.[0] ?? offset;
    } else {
      return offset;
    }
  }
  return offset;
}

function formatPath(path: Path): string {
  return path.map((step, i) => (typeof step === 'number' ? `[${step}]` : `${i === 0 ? '' : '.'}${step}`)).join('');
}
