/** Writes metrics as a text page into one reused Buffer. What was taken is overwritten by the next page. */
export class PageWriter {
  #buffer = Buffer.allocUnsafeSlow(64 * 1024);
  #length = 0;

  clear(): void {
    this.#length = 0;
  }

  /** Starts a metric family; its samples come next. */
  family(name: string, type: 'counter' | 'gauge' | 'untyped', help: string): void {
    this.text(`# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`);
  }

  /** One sample. `labels` is the text between the braces, '' for none: see {@link labelText}. */
  sample(name: string, labels: string, value: number): void {
    this.text(labels === '' ? `${name} ${numberText(value)}\n` : `${name}{${labels}} ${numberText(value)}\n`);
  }

  /** Lines as they are. */
  text(text: string): void {
    // A UTF-16 unit takes three bytes of UTF-8 at most.
    const needed = this.#length + text.length * 3;
    if (needed > this.#buffer.length) {
      const larger = Buffer.allocUnsafeSlow(needed * 2);
      this.#buffer.copy(larger, 0, 0, this.#length);
      this.#buffer = larger;
    }
    this.#length += this.#buffer.write(text, this.#length);
  }

  /** The page so far, valid until the next write. */
  bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  get length(): number {
    return this.#length;
  }

  /** Takes back everything behind this length: what a subject wrote before it failed. */
  rewind(length: number): void {
    this.#length = length;
  }
}

/** `a="1",b="2"`, escaped. */
export function labelText(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}="${escapeLabel(value)}"`)
    .join(',');
}

export function escapeLabel(value: string): string {
  return /[\\"\n]/.test(value) ? value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n') : value;
}

function numberText(value: number): string {
  if (value === Infinity) return '+Inf';
  return value === -Infinity ? '-Inf' : String(value);
}
