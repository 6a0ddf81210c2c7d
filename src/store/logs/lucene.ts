import { StoreError } from '../errors.ts';
import type { Token } from './kql-tokens.ts';

/** Signs of Lucene's query language at a word as it was written, and what to write here. */
const SIGNS: readonly (readonly [sign: RegExp, advice: (word: string) => string])[] = [
  [/^\+[\p{L}_@*]/u, (word) => `words side by side must all match: write ${word.slice(1)}`],
  [/^[-!][\p{L}_@*]/u, (word) => `write not ${word.slice(1)}`],
  [/^[^~]*[\p{L}\d]~[\d.]*$/u, (word) => `words that are like another cannot be searched for: write ${stem(word)}*`],
  [/^[^^]+\^\d+(\.\d+)?$/, (word) => `records have no rank: write ${word.slice(0, word.lastIndexOf('^'))}`],
  [/^\/.*(\.[*+]|[[\]?+^$|]|\\[dswb]).*\/$/, () => 'regular expressions cannot be searched for: write * for any text'],
  [/^[\p{L}\d_*]*[\p{L}\d_*]\?[\p{L}\d_*]+$/u, (word) => `? stands for itself: write ${word.replaceAll('?', '*')}`],
];

/**
 * Refuses what is written in Lucene's query language and would find nothing as text. In quotes each stands for itself.
 * @throws {StoreError} `bad_query` with the place and what to write.
 */
export function refuseLucene(tokens: readonly Token[]): void {
  for (const [i, token] of tokens.entries()) {
    if (token.kind !== 'word') continue;
    const next = tokens[i + 1];
    for (const [sign, advice] of SIGNS) if (sign.test(token.raw)) refuse(token.raw, token.at, advice(token.raw));
    if (token.raw.startsWith('[') && tokens[i - 1]?.text !== ':' && next.kind === 'word' && next.raw === 'TO')
      refuse(token.raw, token.at, 'ranges are written field >= a and field <= b');
    // A sign right before a phrase or bracket, or right behind a phrase.
    if (/^[-+!]$/.test(token.raw) && next.at === token.at + 1 && (next.kind === 'phrase' || next.text === '('))
      refuse(token.raw, token.at, token.raw === '+' ? 'leave it out' : 'write not');
    if (/^[~^]\d*(\.\d+)?$/.test(token.raw) && isEndOfPhrase(tokens[i - 1], token.at))
      refuse(token.raw, token.at, 'leave it out');
  }
}

function isEndOfPhrase(before: Token | undefined, at: number): boolean {
  return before?.kind === 'phrase' && before.end === at;
}

function stem(word: string): string {
  return word.slice(0, Math.max(1, word.lastIndexOf('~') - 1));
}

function refuse(word: string, at: number, advice: string): never {
  throw new StoreError(
    'bad_query',
    `query, character ${at + 1}: ${JSON.stringify(word)} is Lucene's language; ${advice}, or put it in quotes to search for it as it stands`,
  );
}
