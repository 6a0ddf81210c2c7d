import type { SeriesExemplar } from '../model/sample.ts';
import { grown } from './byte-interner.ts';
import type { Format } from './exposition/format.ts';
import type { SeriesFault } from './exposition/series-text.ts';
import { TailReader, type TailFault } from './exposition/tail.ts';
import { ScrapeError } from './scrape-error.ts';
import type { LabelsFault } from './series-builder.ts';

const NEWLINE = 10;
const OPENMETRICS_END = '# EOF\n';

/** Broken lines at the head of a page, without a good one, after which it is not read on. */
const GARBAGE_LINES = 1000;
const SHOWN_BYTES = 120;

/** Why a line of a page was left out. */
export type LineFault = SeriesFault | LabelsFault | TailFault | 'exemplar' | 'duplicate';

/** The page with a newline at its end, which every loop over its bytes stops at; a copy where it has none. */
export function endLine(page: Buffer): Buffer {
  return page.length === 0 || page.at(-1) === NEWLINE ? page : Buffer.concat([page, Buffer.from('\n')]);
}

/** How far the reading of one page is. */
export class ScrapeParse {
  readonly page: Buffer;
  readonly format: Format;
  readonly time: number;
  readonly tail: TailReader;
  at = 0;
  /** Place in the order of the page before at which the next line is looked for. */
  cursor = 0;
  /** Lines in `order`, which is the order of this page. */
  lines = 0;
  order: Int32Array;
  /** Whether `order` differs from that of the page before. */
  strayed = false;
  /** What the last TYPE line means to the cache. */
  type = 0;
  scraped = 0;
  kept = 0;
  /** Series not met before, up to the limit of samples. */
  added = 0;
  /** Whether the limit of samples is exceeded: the rest of the page is counted, and nothing of it is kept. */
  overLimit = false;
  /** Lines beyond that limit which were relabeled. */
  relabeledOver = 0;
  /** Work that may still be done before the event loop gets its turn. */
  budget = 0;
  readonly faults = new Map<LineFault, number>();
  firstFault = '';
  readonly exemplars: SeriesExemplar[] = [];
  readonly #strings = new Map<string, string>();

  constructor(body: Buffer, format: Format, time: number, order: Int32Array) {
    const page = endLine(body);
    if (format === 'openmetrics' && page.toString('latin1', page.length - OPENMETRICS_END.length) !== OPENMETRICS_END)
      throw new ScrapeError('truncated', 'the OpenMetrics page does not end with # EOF');
    this.page = page;
    this.format = format;
    this.time = time;
    this.order = order;
    this.tail = new TailReader(format);
  }

  /** Notes a line that did not stand at the expected place. */
  stray(number: number): void {
    this.strayed = true;
    if (this.lines === this.order.length) this.order = grown(this.order, new Int32Array(this.lines * 2));
    this.order[this.lines++] = number;
  }

  /** Counts the line at `at` as broken and goes on behind it. */
  skipBroken(fault: LineFault): void {
    const end = this.page.indexOf(NEWLINE, this.at);
    this.count(fault, this.at, end);
    this.at = end + 1;
    if (this.scraped === 0 && this.faults.size > 0 && this.#brokenLines() >= GARBAGE_LINES) this.checkNotGarbage();
  }

  count(fault: LineFault, from: number, to: number): void {
    this.faults.set(fault, (this.faults.get(fault) ?? 0) + 1);
    if (this.firstFault !== '') return;
    const shown = this.page.toString('latin1', from, Math.min(to, from + SHOWN_BYTES));
    this.firstFault = `line ${this.#lineAt(from)}: ${fault}: ${JSON.stringify(shown)}${to - from > SHOWN_BYTES ? '…' : ''}`;
  }

  /** @throws {ScrapeError} `garbage` where lines were read and not one was good */
  checkNotGarbage(): void {
    // A line that stands twice could be read.
    if (this.scraped === 0 && this.faults.size > 0 && !this.faults.has('duplicate'))
      throw new ScrapeError('garbage', `not a metrics page: no line could be read (${this.firstFault})`);
  }

  /** One copy of a string for the whole page: names and values repeat from line to line. */
  readonly intern = (text: string): string => {
    const known = this.#strings.get(text);
    if (known !== undefined) return known;
    this.#strings.set(text, text);
    return text;
  };

  #lineAt(at: number): number {
    let line = 1;
    for (let end = this.page.indexOf(NEWLINE); end >= 0 && end < at; end = this.page.indexOf(NEWLINE, end + 1)) line++;
    return line;
  }

  #brokenLines(): number {
    let sum = 0;
    for (const count of this.faults.values()) sum += count;
    return sum;
  }
}
