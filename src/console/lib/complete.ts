import { type Metadata, api } from './api.ts';
import { AGGREGATIONS, FUNCTIONS } from './promql-text.ts';

export interface Suggestion {
  readonly text: string;
  readonly about: string;
}

const MOST = 12;

/** What the word before the caret may become, the best first; nothing for a word that is whole already. */
export async function suggest(
  before: string,
  words: (before: string) => Promise<readonly Suggestion[]>,
): Promise<readonly Suggestion[]> {
  const word = wordBefore(before);
  if (word.length < 1) return [];
  const lower = word.toLowerCase();
  const found = (await words(before)).filter(({ text }) => text.toLowerCase().includes(lower) && text !== word);
  return found
    .sort((a, b) => rank(a.text, lower) - rank(b.text, lower) || a.text.length - b.text.length)
    .slice(0, MOST);
}

/** The text with the word before the caret replaced, and where the caret then stands. */
export function completed(
  text: string,
  caret: number,
  offer: Suggestion,
): { readonly text: string; readonly caret: number } {
  const start = caret - wordBefore(text.slice(0, caret)).length;
  return { text: text.slice(0, start) + offer.text + text.slice(caret), caret: start + offer.text.length };
}

function wordBefore(before: string): string {
  return /[\w:.]*$/.exec(before)?.[0] ?? '';
}

function rank(text: string, word: string): number {
  const at = text.toLowerCase().indexOf(word);
  return at === 0 ? 0 : 1;
}

let known: Promise<{ metrics: Suggestion[]; labels: Suggestion[] }> | undefined;

/** Metrics and functions; label names between braces and behind `by (`; values behind a matcher. */
export async function promqlWords(before: string): Promise<readonly Suggestion[]> {
  const value = /(\w+)\s*(?:=~?|!=|!~)\s*"[^"]*$/.exec(before);
  if (value !== null) return (await api.labelValues(value[1])).map((text) => ({ text, about: '' }));
  known ??= load();
  const { metrics, labels } = await known;
  if (/(\{[^}]*|\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*)$/.test(before)) return labels;
  return [...metrics, ...CALLS];
}

const CALLS: readonly Suggestion[] = [
  ...AGGREGATIONS.map((text) => ({ text, about: 'aggregation' })),
  ...FUNCTIONS.map((text) => ({ text, about: 'function' })),
];

async function load() {
  setTimeout(() => (known = undefined), 60_000);
  const [names, labels, metadata] = await Promise.all([api.metricNames(), api.labelNames(), api.metadata()]);
  return {
    metrics: names.map((text) => ({ text, about: describe(metadata[text]) })),
    labels: labels.map((text) => ({ text, about: 'label' })),
  };
}

function describe(entries: readonly Metadata[] | undefined): string {
  return entries === undefined ? '' : `${entries[0].type} · ${entries[0].help}`;
}
