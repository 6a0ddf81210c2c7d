import { printableLine } from '../lib/text/printable.ts';
import { colours } from './colours.ts';

/** The last line of a terminal, refreshed in place under the lines that stay; in a pipe, a plain line now and then. */
export class StatusLine {
  readonly #out: NodeJS.WriteStream;
  #text = '';

  constructor(out: NodeJS.WriteStream) {
    this.#out = out;
  }

  /** Milliseconds between updates. */
  get interval(): number {
    return this.#out.isTTY ? 1000 : 60_000;
  }

  update(text: string): void {
    this.#text = text;
    if (this.#out.isTTY) this.#out.write(`\r\u{1b}[2K${cut(text, this.#out.columns)}`);
    else this.#out.write(`${text}\n`);
  }

  /** Removes the line: nothing is refreshed any more. */
  clear(): void {
    this.#text = '';
    if (this.#out.isTTY) this.#out.write('\r\u{1b}[2K');
  }

  /** A line that stays. */
  say(line: string): void {
    if (!this.#out.isTTY) {
      this.#out.write(`${line}\n`);
      return;
    }
    this.#out.write(`\r\u{1b}[2K${line}\n${cut(this.#text, this.#out.columns)}`);
  }

  /** Prints a JSON log line for people where it is a warning or worse. What comes from outside is escaped. */
  sayTrouble(json: string): void {
    const { level, msg, time: _, ...fields } = JSON.parse(json) as { level: string; msg: string; time: string };
    if (level !== 'warn' && level !== 'error' && level !== 'fatal') return;
    const details = Object.entries(fields).map(
      ([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
    );
    const mark = level === 'warn' ? colours.yellow('!') : colours.red('✗');
    this.say(`${mark} ${printableLine(msg)} ${colours.dim(printableLine(details.join(' ')))}`);
  }
}

function cut(text: string, columns: number): string {
  return text.length <= columns ? text : text.slice(0, columns - 1);
}
