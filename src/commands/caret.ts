/** Longest part of a line that is shown. */
const SHOWN = 100;

/**
 * The server's message about a query, below it the line that it names and a caret under the place; the message alone where it
 * names none. `1:8: …` is how PromQL's errors begin, with the column in bytes; `query, character 8: …` how those of log
 * queries do, in UTF-16 units.
 */
export function withCaret(message: string, query: string): string {
  const text = message.replace(/^invalid parameter "query": /, '');
  const place = placeOf(text, query);
  if (place === undefined) return message;
  const { line, column } = place;
  const from = line.length <= SHOWN ? 0 : Math.max(0, Math.min(column - SHOWN / 2, line.length - SHOWN));
  const [head, tail] = [from > 0 ? '…' : '', from + SHOWN < line.length ? '…' : ''];
  // Tabs stay tabs, so that the caret is right whatever their width.
  const indent = line.slice(from, column).replace(/[^\t]/g, ' ');
  return `${text}\n  ${head}${line.slice(from, from + SHOWN)}${tail}\n  ${head === '' ? '' : ' '}${indent}^`;
}

/** The line that holds the place, and the UTF-16 units before it. */
function placeOf(text: string, query: string): { readonly line: string; readonly column: number } | undefined {
  const promql = /^(\d+):(\d+): /.exec(text);
  if (promql !== null) {
    const line = query.split('\n')[Number(promql[1]) - 1];
    if (line === undefined) return undefined;
    return { line, column: Buffer.from(line).toString('utf8', 0, Number(promql[2]) - 1).length };
  }
  const kql = /^query, character (\d+): /.exec(text);
  if (kql === null) return undefined;
  const at = Math.min(Number(kql[1]) - 1, query.length);
  const start = query.lastIndexOf('\n', at - 1) + 1;
  return { line: query.slice(start).split('\n')[0], column: at - start };
}
