import { type Metadata, api } from './api.ts';
import { isPlainMetric, labelName, matcher, quoted, regexEscaped, selector } from './names.ts';
import { type Place, placeAt } from './promql-place.ts';
import { AGGREGATIONS, FUNCTIONS } from './promql-text.ts';

/** What the text from `from` to `to` may become. */
export interface Suggestion {
  readonly text: string;
  readonly about: string;
  /** What is written in its place; `text` where it is absent. */
  readonly insert?: string;
}

export interface Offers {
  readonly from: number;
  readonly to: number;
  readonly list: readonly Suggestion[];
}

export const NO_OFFERS: Offers = { from: 0, to: 0, list: [] };

/** Returns what may stand at the caret. */
export type Complete = (text: string, caret: number, signal: AbortSignal) => Promise<Offers>;

const MOST = 12;

/** The text with a suggestion taken, and where the caret then stands. */
export function completed(text: string, { from, to }: Offers, { text: word, insert = word }: Suggestion) {
  return { text: text.slice(0, from) + insert + text.slice(to), caret: from + insert.length };
}

/** Those that hold the word, the ones that start with it first; none for a word that is whole already. */
export function ranked(words: readonly Suggestion[], typed: string): readonly Suggestion[] {
  const lower = typed.toLowerCase();
  const rank = (text: string) => (text.toLowerCase().startsWith(lower) ? 0 : 1);
  return words
    .filter(({ text }) => text !== typed && text.toLowerCase().includes(lower))
    .sort((a, b) => rank(a.text) - rank(b.text) || a.text.length - b.text.length)
    .slice(0, MOST);
}

/** Metrics and functions; labels between braces and behind `by (`; values within the quotes of a matcher. */
export const completePromql: Complete = async (text, caret, signal) => {
  const place = placeAt(text, caret);
  if (place === undefined) return NO_OFFERS;
  const { from, to } = place;
  return { from, to, list: await wordsAt(place, signal) };
};

async function wordsAt(place: Place, signal: AbortSignal): Promise<readonly Suggestion[]> {
  if (place.kind === 'value') return valuesAt(place, signal);
  if (place.kind === 'metric-string')
    return ranked(await metrics(place.typed, signal), place.typed).map(({ text, about }) => ({ text, about }));
  if (place.typed === '') return [];
  if (place.kind === 'label') return ranked(await labelsOf(place, signal), place.typed);
  return ranked([...(await metrics(place.typed, signal)), ...CALLS], place.typed);
}

/** Asked of the server with what is typed and the other matchers: there may be more values than can be sent. */
async function valuesAt({ label, op, typed, metric, others, close }: Place, signal: AbortSignal) {
  const scope = others.map(({ name, op, value }) => matcher(name, value, op));
  const ask = (pattern: string) => {
    const own = typed === '' ? [] : [matcher(label, pattern, '=~')];
    return api.labelValues(label, selector(metric, [...scope, ...own]), MOST, signal);
  };
  const starting = await ask(`${regexEscaped(typed)}.*`);
  const found =
    starting.length >= MOST || typed === '' ? starting : [...starting, ...(await ask(`.+${regexEscaped(typed)}.*`))];
  return [...new Set(found)]
    .filter((value) => value !== typed)
    .slice(0, MOST)
    .map((value): Suggestion => {
      const written = quoted(op.includes('~') ? regexEscaped(value) : value);
      return { text: value, about: '', insert: `${written.slice(1, -1)}${close}` };
    });
}

/** Labels of the metric that the braces belong to; of those in the expression behind `by (`. */
async function labelsOf({ metric, others, named, typed }: Place, signal: AbortSignal) {
  const scope = others.map(({ name, op, value }) => matcher(name, value, op));
  const own = metric === '' && scope.length === 0 ? [] : [selector(metric, scope)];
  const names = await api.labelNames(own.length > 0 ? own : named.map((name) => selector(name)), signal);
  return names
    .filter((name) => name !== typed)
    .map((name) => ({ text: name, about: 'label', insert: labelName(name) }));
}

const CALLS: readonly Suggestion[] = [
  ...AGGREGATIONS.map((text) => ({ text, about: 'aggregation' })),
  ...FUNCTIONS.map((text) => ({ text, about: 'function' })),
];

/** Names are kept a minute; a store with more of them than this is asked for those that match. */
const NAMES_KEPT = 20_000;
const KEPT_FOR = 60_000;

let known: Promise<{ readonly words: readonly Suggestion[]; readonly whole: boolean }> | undefined;
let knownSince = 0;

async function metrics(typed: string, signal: AbortSignal): Promise<readonly Suggestion[]> {
  if (known === undefined || Date.now() - knownSince > KEPT_FOR) {
    knownSince = Date.now();
    known = loadMetrics();
    // A failure is not kept.
    known.catch(() => (known = undefined));
  }
  const { words, whole } = await known;
  if (whole) return words;
  const pattern = matcher('__name__', `(?i).*${regexEscaped(typed)}.*`, '=~');
  return (await api.metricNames(200, `{${pattern}}`, signal)).map((name) => wordOf(name, undefined));
}

async function loadMetrics() {
  const [names, metadata] = await Promise.all([api.metricNames(NAMES_KEPT), api.metadata()]);
  return { words: names.map((name) => wordOf(name, metadata[name])), whole: names.length < NAMES_KEPT };
}

function wordOf(name: string, entries: readonly Metadata[] | undefined): Suggestion {
  const about = entries === undefined ? '' : `${entries[0].type} · ${entries[0].help}`;
  return isPlainMetric(name) ? { text: name, about } : { text: name, about, insert: selector(name) };
}
