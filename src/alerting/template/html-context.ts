/** Where in an HTML document a place is: enough of its syntax to know how a value there must be escaped. */
export type HtmlContext =
  | { readonly kind: 'text' | 'comment' | 'tag' }
  /** `<title>` and `<textarea>`, `<script>` and `<style>`: until their end tag. */
  | { readonly kind: 'raw'; readonly element: string }
  | {
      readonly kind: 'attribute';
      readonly quote: '"' | "'" | '';
      readonly name: string;
      /** What stands of the value so far. */
      readonly value: string;
    };

const RAW = new Set(['title', 'textarea', 'script', 'style']);

/** Follows a document through pieces of text that may end anywhere. */
export class HtmlWalk {
  context: HtmlContext = { kind: 'text' };
  #element = '';
  #attribute = '';
  /** The start of something whose rest is in the next piece. */
  #carry = '';

  /** A value was put where the walk stands. */
  value(text: string): void {
    const { context } = this;
    if (context.kind === 'attribute') this.context = { ...context, value: context.value + text };
    else if (context.kind === 'tag' && this.#attribute !== '')
      this.context = { kind: 'attribute', quote: '', name: this.#attribute, value: text };
  }

  text(piece: string): void {
    let rest = this.#carry + piece;
    this.#carry = '';
    while (rest !== '') rest = rest.slice(this.#step(rest));
  }

  /** Takes some of the text and says how much. */
  #step(text: string): number {
    switch (this.context.kind) {
      case 'text':
        return this.#inText(text);
      case 'comment':
        return this.#until(text, '-->', 3);
      case 'raw':
        return this.#inRaw(text, this.context.element);
      case 'tag':
        return this.#inTag(text);
      case 'attribute':
        return this.#inAttribute(text, this.context);
    }
  }

  #inText(text: string): number {
    const open = text.indexOf('<');
    if (open < 0) return text.length;
    const rest = text.slice(open);
    if (rest.startsWith('<!--')) {
      this.context = { kind: 'comment' };
      return open + 4;
    }
    const tag = /^<(\/?)([a-zA-Z][a-zA-Z0-9:-]*)/.exec(rest);
    if (tag === null) return open + 1;
    this.#element = tag[1] === '/' ? '' : tag[2].toLowerCase();
    this.context = { kind: 'tag' };
    this.#attribute = '';
    return open + tag[0].length;
  }

  #inTag(text: string): number {
    const space = /^[\s/]+/.exec(text);
    if (space !== null) return space[0].length;
    if (text.startsWith('>')) {
      this.context = RAW.has(this.#element) ? { kind: 'raw', element: this.#element } : { kind: 'text' };
      return 1;
    }
    const assignment = /^([^\s=>/]*)\s*=\s*(["']?)/.exec(text);
    if (assignment !== null) {
      const name = (assignment[1] || this.#attribute).toLowerCase();
      this.context = { kind: 'attribute', quote: assignment[2] as '"' | "'" | '', name, value: '' };
      return assignment[0].length;
    }
    const name = /^[^\s=>/]+/.exec(text);
    return name === null ? 1 : name[0].length;
  }

  #inAttribute(text: string, context: Extract<HtmlContext, { kind: 'attribute' }>): number {
    const end = context.quote === '' ? text.search(/[\s>]/) : text.indexOf(context.quote);
    if (end < 0) {
      this.context = { ...context, value: context.value + text };
      return text.length;
    }
    this.context = { kind: 'tag' };
    this.#attribute = '';
    return end + context.quote.length;
  }

  #inRaw(text: string, element: string): number {
    const end = text.toLowerCase().indexOf(`</${element}`);
    if (end < 0) return text.length;
    this.context = { kind: 'text' };
    return end;
  }

  #until(text: string, end: string, keep: number): number {
    const at = text.indexOf(end);
    if (at < 0) {
      this.#carry = text.slice(-keep + 1).match(/-+$/)?.[0] ?? '';
      return text.length;
    }
    this.context = { kind: 'text' };
    return at + end.length;
  }
}
