import type { Expr } from './ast.ts';
import type { Features } from './features.ts';
import { parse } from './parse.ts';

/** Rules and dashboards ask the same again and again; a longer text than this is nobody's. */
const MOST = 1000;
const LONGEST = 4096;

/** The trees of the expressions that were asked for last. */
export class ParsedExprs {
  readonly #features: Partial<Features>;
  readonly #trees = new Map<string, Expr>();

  constructor(features: Partial<Features>) {
    this.#features = features;
  }

  /** @throws {ParseError} as `parse` does. */
  of(text: string): Expr {
    const tree = this.#trees.get(text) ?? parse(text, { features: this.#features });
    if (text.length > LONGEST) return tree;
    // What was asked for last stands last, so that the first is the one to go.
    this.#trees.delete(text);
    this.#trees.set(text, tree);
    if (this.#trees.size > MOST) this.#trees.delete(this.#trees.keys().next().value ?? text);
    return tree;
  }
}
