import { sqlText } from '../duck.ts';

/**
 * SQL for the value of a field in the message itself, as text: of a JSON line (`a.b` is the member `b` of `a`, or a member of that
 * name) or of `key=value` words (logfmt). NULL where the message has no such field. What a line is shown as is what is searched.
 */
export function messageField(field: string): string {
  return `case when message like '{%' then ${jsonValue(field)} else ${wordValue(field)} end`;
}

/** Whether the message may have the field at all: quickly told, so that few messages are taken apart. */
export function mayHaveField(field: string): string {
  const last = field.slice(field.lastIndexOf('.') + 1);
  return `contains(message, ${sqlText(last)})`;
}

function jsonValue(field: string): string {
  const paths = [[field], field.split('.')].map(pathOf).filter((path) => path !== undefined);
  if (paths.length === 0) return 'null';
  const values = [...new Set(paths)].map((path) => `json_extract_string(message, ${sqlText(path)})`);
  return `case when json_valid(message) then coalesce(${values.join(', ')}) end`;
}

/** DuckDB's path of a member; undefined for a name that it has no path for: an empty one, or one with quotes or backslashes. */
function pathOf(steps: readonly string[]): string | undefined {
  if (steps.some((step) => step === '' || /["\\]/.test(step))) return undefined;
  return `$${steps.map((step) => `."${step}"`).join('')}`;
}

/** A word's value, without its quotes; an empty one counts as none. */
function wordValue(field: string): string {
  // RE2 knows no escape of what is beyond ASCII.
  const name = field.replace(/[^\w\u0080-\uffff]/g, '\\$&');
  const quoted = `regexp_extract(message, ${sqlText(`(?:^|\\s)${name}="((?:[^"\\\\]|\\\\.)*)"`)}, 1)`;
  const bare = `regexp_extract(message, ${sqlText(`(?:^|\\s)${name}=([^\\s"]+)`)}, 1)`;
  return `coalesce(nullif(${quoted}, ''), nullif(${bare}, ''))`;
}
