import { formatFloat } from './numbers.ts';
import { formatTime, formatGoDuration } from './time.ts';
import type { GoStruct } from './values.ts';
import { GoDuration, GoFunc, GoList, GoMap, GoTime, type GoValue, SafeHtml, sortedEntries } from './values.ts';

/** A value as `%v` prints it. `top` is false inside lists and maps, where nil reads `<nil>`. */
export function printValue(value: GoValue, top = false): string {
  switch (typeof value) {
    case 'undefined':
      return top ? '<no value>' : '<nil>';
    case 'number':
      return formatFloat(value, 'g');
    case 'string':
      return value;
    case 'bigint':
    case 'boolean':
      return String(value);
    default:
      return printObject(value);
  }
}

function printObject(value: GoList | GoMap | GoStruct | GoTime | GoDuration | GoFunc | SafeHtml): string {
  if (value instanceof SafeHtml) return value.text;
  if (value instanceof GoTime) return formatTime(value, '2006-01-02 15:04:05.999999999 -0700 MST');
  if (value instanceof GoDuration) return formatGoDuration(value.nanos);
  if (value instanceof GoFunc) return value.type;
  const own = value.methods.String;
  if (own !== undefined) return printValue(own.call());
  if (value instanceof GoList) return `[${value.items.map((item) => printValue(item)).join(' ')}]`;
  if (value instanceof GoMap)
    return `map[${sortedEntries(value)
      .map(([key, item]) => `${key}:${printValue(item)}`)
      .join(' ')}]`;
  const fields = Object.values(value.fields).map((field) => printValue(field));
  return `${value.type.startsWith('*') ? '&' : ''}{${fields.join(' ')}}`;
}

/** fmt.Sprint: a space between two operands where neither is a string. */
export function sprint(values: readonly GoValue[]): string {
  let text = '';
  values.forEach((value, i) => {
    if (i > 0 && typeof value !== 'string' && typeof values[i - 1] !== 'string') text += ' ';
    text += printValue(value);
  });
  return text;
}

export function sprintln(values: readonly GoValue[]): string {
  return `${values.map((value) => printValue(value)).join(' ')}\n`;
}
