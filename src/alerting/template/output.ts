import { printValue } from './print.ts';
import type { GoValue } from './values.ts';

/** Where output goes: `text` as it stands in the template, `value` from an action, to be escaped where that is due. */
export interface Output {
  text(text: string): void;
  /** `escaper` names the function the pipeline ended with where that has escaped the value already. */
  value(value: GoValue, escaper: 'html' | 'urlquery' | undefined): void;
  readonly length: number;
}

export class PlainOutput implements Output {
  #parts: string[] = [];
  length = 0;

  text(text: string): void {
    this.#parts.push(text);
    this.length += text.length;
  }

  value(value: GoValue): void {
    this.text(printValue(value, true));
  }

  toString(): string {
    return this.#parts.join('');
  }
}
