import type { Labels } from '../../model/labels.ts';
import { goQuote } from '../text/go-quote.ts';

/** Labels that say what a metric is and not what it is about: they go wherever the metric name goes. */
export function isMetadataLabel(name: string): boolean {
  return name === '__name__' || name === '__type__' || name === '__unit__';
}

const isOther = (name: string) => !isMetadataLabel(name);

export function withoutMetadata(labels: Labels): Labels {
  return labels.filter(isOther);
}

/** What `on (names)` or `ignoring (names)` leave of a label set (`labels.MatchLabels`). */
export function matchingLabels(labels: Labels, names: ReadonlySet<string>, on: boolean): Labels {
  return on
    ? labels.filter((name) => names.has(name))
    : labels.filter((name) => name !== '__name__' && !names.has(name));
}

/** As Go prints a label set in errors: the name among the braces, every value quoted. */
export function printLabels(labels: Labels): string {
  return `{${[...labels.entries()].map(([name, value]) => `${printName(name)}=${goQuote(value)}`).join(', ')}}`;
}

function printName(name: string): string {
  return /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name) ? name : goQuote(name);
}

/** A valid label name under UTF-8 rules: not empty, no lone surrogate. */
export function isValidLabelName(name: string): boolean {
  return name !== '' && !/[\ud800-\udfff]/u.test(name);
}
