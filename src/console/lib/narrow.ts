import { matcher, selector } from './names.ts';
import { tokens } from './promql-text.ts';

/** The query with one more matcher, where it is a lone selector; else the matcher alone. */
export function narrowed(query: string, name: string, value: string): string {
  const text = query.trim();
  const one = matcher(name, value);
  const list = tokens(text.slice(0, 5000)).filter(({ kind }) => kind !== 'space');
  if (list.length === 1 && list[0].kind === 'word') return selector(list[0].text, [one]);
  const opens = list.flatMap((token, i) => (token.text === '{' ? [i] : []));
  const isSelector = opens.length === 1 && opens[0] <= 1 && list.at(-1)?.text === '}';
  if (!isSelector) return selector('', [one]);
  const metric = opens[0] === 1 ? list[0].text : '';
  const inner = text
    .slice(text.indexOf('{') + 1, -1)
    .trim()
    .replace(/,$/, '');
  if (inner.includes(one)) return query;
  return `${metric}{${inner === '' ? '' : `${inner}, `}${one}}`;
}
