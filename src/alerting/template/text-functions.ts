import type { RE2JS } from 're2js';
import { compileRegex } from '../../lib/text/bounded-regex.ts';
import { queryEscape } from './builtins.ts';
import { ANY, type FunctionMap, GoFunc, GoMap, type GoValue, SafeHtml } from './values.ts';

/** Those of Prometheus' template functions that are about text. */
export const TEXT_FUNCTIONS: FunctionMap = {
  args: new GoFunc(
    [ANY],
    (...values: GoValue[]) =>
      new GoMap('map[string]interface {}', new Map(values.map((value, i) => [`arg${i}`, value]))),
    true,
  ),
  reReplaceAll: new GoFunc(['string', 'string', 'string'], reReplaceAll),
  match: new GoFunc(['string', 'string'], (pattern: string, text: string) =>
    compileRegex(pattern).matcher(text).find(),
  ),
  title: new GoFunc(['string'], title),
  toUpper: new GoFunc(['string'], (text: string) => text.toUpperCase()),
  toLower: new GoFunc(['string'], (text: string) => text.toLowerCase()),
  graphLink: new GoFunc(['string'], (expr: string) => `/graph?g0.expr=${queryEscape(expr)}&g0.tab=0`),
  tableLink: new GoFunc(['string'], (expr: string) => `/graph?g0.expr=${queryEscape(expr)}&g0.tab=1`),
  stripPort: new GoFunc(['string'], (address: string) => splitHostPort(address)?.host ?? address),
  stripDomain: new GoFunc(['string'], stripDomain),
  safeHtml: new GoFunc(['string'], (text: string) => new SafeHtml(text)),
  urlQueryEscape: new GoFunc(['string'], queryEscape),
};

function mustCompile(pattern: string): RE2JS {
  try {
    return compileRegex(pattern);
  } catch (error) {
    throw new Error(
      `regexp: Compile(${pattern.includes('`') ? JSON.stringify(pattern) : `\`${pattern}\``}): ${(error as Error).message}`,
      { cause: error },
    );
  }
}

/** Go's replacement syntax is `$1`, `${name}`, `$name` and `$$`; an unknown group is empty. */
export function reReplaceAll(pattern: string, replacement: string, text: string): string {
  const regex = mustCompile(pattern);
  const matcher = regex.matcher(text);
  const names = regex.namedGroups();
  let result = '';
  let from = 0;
  while (matcher.find()) {
    // Go takes no empty match right behind another match.
    if (matcher.end() === from && from > 0) continue;
    result += text.slice(from, matcher.start());
    result += replacement.replace(/\$(?:\$|\{(\w+)\}|(\w+))/g, (whole, braced?: string, bare?: string) => {
      if (whole === '$$') return '$';
      const name = braced ?? bare ?? '';
      const group = /^\d+$/.test(name) ? Number(name) : names[name];
      return group === undefined || group > matcher.groupCount() ? '' : (matcher.group(group) ?? '');
    });
    from = matcher.end();
  }
  return result + text.slice(from);
}

/** What Go's strings.Title takes for one word. */
export const WORD = /[\p{L}\p{N}\p{M}_]+(?:['’.:·][\p{L}\p{N}\p{M}_]+)*/gu;

/** The first letter of each word in upper case, the rest as it is. */
function title(text: string): string {
  return text.replace(WORD, (word) => word.replace(/\p{L}/u, (letter) => letter.toUpperCase()));
}

function splitHostPort(address: string): { host: string; port: string } | undefined {
  const match = /^(?:\[([^[\]]*)\]|([^:[\]]*)):([^:[\]]*)$/.exec(address);
  return match === null ? undefined : { host: match[1] ?? match[2], port: match[3] };
}

function stripDomain(address: string): string {
  const split = splitHostPort(address);
  const host = split?.host ?? address;
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(host) || host.includes(':')) return address;
  const short = host.split('.')[0];
  return split === undefined || split.port === '' ? short : `${short}:${split.port}`;
}
