import type { BranchNode, Node } from './nodes.ts';
import { parsePipeline } from './parse-pipeline.ts';
import { ParserState } from './parser-state.ts';

/** One named template of a set, with the text that its positions refer to. */
export interface Tree {
  readonly name: string;
  /** The name of the whole text, which stands in error messages. */
  readonly file: string;
  readonly source: string;
  readonly nodes: readonly Node[];
}

/**
 * Parses a text and what it defines into `set`.
 * @throws {TemplateError} `template: NAME:LINE: …`
 */
export function parseInto(
  set: Map<string, Tree>,
  name: string,
  source: string,
  hasFunction: (name: string) => boolean,
): void {
  new Parser(set, new ParserState(name, source, hasFunction)).run();
}

type Closing = 'end' | 'else' | 'eof';

class Parser {
  readonly #set: Map<string, Tree>;
  readonly #p: ParserState;

  constructor(set: Map<string, Tree>, state: ParserState) {
    this.#set = set;
    this.#p = state;
  }

  run(): void {
    const nodes: Node[] = [];
    while (this.#p.peek().kind !== 'eof') {
      if (this.#define()) continue;
      const node = this.#textOrAction();
      if (node === 'end' || node === 'else') this.#p.fail(`unexpected {{${node}}}`);
      nodes.push(node);
    }
    this.#add(this.#p.file, nodes);
  }

  #define(): boolean {
    if (this.#p.peek().kind !== 'left') return false;
    const from = this.#p.next++;
    if (this.#p.peekNonSpace().text !== 'define' || this.#p.peek().kind !== 'keyword') {
      this.#p.next = from;
      return false;
    }
    this.#p.next++;
    const name = this.#templateName('define clause');
    this.#p.expectRight('define clause');
    this.#add(name, this.#inOwnScope('define clause'));
    return true;
  }

  /** The body of a define or block: variables and loops around it are not its own. */
  #inOwnScope(context: string): Node[] {
    const [variables, rangeDepth] = [this.#p.variables, this.#p.rangeDepth];
    [this.#p.variables, this.#p.rangeDepth] = [['$'], 0];
    const { nodes, closing } = this.#list();
    if (closing !== 'end') this.#p.fail(`unexpected {{${closing}}} in ${context}`);
    [this.#p.variables, this.#p.rangeDepth] = [variables, rangeDepth];
    return nodes;
  }

  /** A later definition replaces an earlier one only where one of them is empty. */
  #add(name: string, nodes: readonly Node[]): void {
    const known = this.#set.get(name);
    if (known === undefined || isEmpty(known.nodes)) {
      this.#set.set(name, { name, file: this.#p.file, source: this.#p.source, nodes });
    } else if (!isEmpty(nodes)) {
      this.#p.fail(`template: multiple definition of template ${JSON.stringify(name)}`);
    }
  }

  #list(): { nodes: Node[]; closing: Closing } {
    this.#p.enter('nesting');
    const nodes: Node[] = [];
    while (this.#p.peekNonSpace().kind !== 'eof') {
      const node = this.#textOrAction();
      if (node === 'end' || node === 'else') {
        this.#p.leave();
        return { nodes, closing: node };
      }
      nodes.push(node);
    }
    return this.#p.fail('unexpected EOF');
  }

  #textOrAction(): Node | 'end' | 'else' {
    const token = this.#p.take();
    if (token.kind === 'text') return { kind: 'text', text: token.text, pos: token.pos };
    if (token.kind !== 'left') return this.#p.unexpected(token, 'input');
    this.#p.actionLine = token.line;
    const node = this.#action();
    this.#p.actionLine = 0;
    return node;
  }

  #action(): Node | 'end' | 'else' {
    const token = this.#p.peekNonSpace();
    if (token.kind !== 'keyword')
      return { kind: 'action', pos: token.pos, pipe: parsePipeline(this.#p, 'command', 'right') };
    this.#p.next++;
    switch (token.text) {
      case 'if':
      case 'with':
      case 'range':
        return this.#branch(token.text);
      case 'break':
      case 'continue':
        return this.#jump(token.text, token.pos);
      case 'template':
        return this.#template();
      case 'block':
        return this.#block();
      case 'else': {
        const next = this.#p.peekNonSpace();
        if (next.kind !== 'keyword' || !['if', 'with'].includes(next.text)) this.#p.expectRight('else');
        return 'else';
      }
      case 'end':
        this.#p.expectRight('end');
        return 'end';
      default:
        this.#p.next--;
        return this.#p.unexpected(this.#p.take(), 'command');
    }
  }

  #jump(kind: 'break' | 'continue', pos: number): Node {
    const token = this.#p.take();
    if (token.kind !== 'right') this.#p.unexpected(token, `{{${kind}}}`);
    if (this.#p.rangeDepth === 0) this.#p.fail(`{{${kind}}} outside {{range}}`);
    return { kind, pos };
  }

  #branch(kind: BranchNode['kind']): BranchNode {
    const scope = this.#p.variables.length;
    const pipe = parsePipeline(this.#p, kind, 'right');
    if (kind === 'range') this.#p.rangeDepth++;
    const { nodes: list, closing } = this.#list();
    if (kind === 'range') this.#p.rangeDepth--;
    const otherwise = closing === 'else' ? this.#otherwise(kind) : undefined;
    this.#p.variables.length = scope;
    return { kind, pos: pipe.pos, pipe, list, otherwise };
  }

  /** `{{else if …}}` is an if of its own inside the else, closed by the same end. */
  #otherwise(kind: BranchNode['kind']): Node[] {
    const next = this.#p.peekNonSpace();
    if (next.kind === 'keyword' && next.text === kind && kind !== 'range') {
      this.#p.next++;
      this.#p.enter('nesting');
      const nested = this.#branch(kind);
      this.#p.leave();
      return [nested];
    }
    const { nodes, closing } = this.#list();
    if (closing !== 'end') this.#p.fail(`expected end; found {{${closing}}}`);
    return nodes;
  }

  #template(): Node {
    const pos = this.#p.peekNonSpace().pos;
    const name = this.#templateName('template clause');
    if (this.#p.peekNonSpace().kind === 'right') {
      this.#p.next++;
      return { kind: 'template', pos, name, pipe: undefined };
    }
    return { kind: 'template', pos, name, pipe: parsePipeline(this.#p, 'template clause', 'right') };
  }

  #block(): Node {
    const pos = this.#p.peekNonSpace().pos;
    const name = this.#templateName('block clause');
    const pipe = parsePipeline(this.#p, 'block clause', 'right');
    this.#add(name, this.#inOwnScope('block clause'));
    return { kind: 'template', pos, name, pipe };
  }

  #templateName(context: string): string {
    const token = this.#p.take();
    if (token.kind !== 'string' && token.kind !== 'raw-string') return this.#p.unexpected(token, context);
    return this.#p.unquoted(token);
  }
}

function isEmpty(nodes: readonly Node[]): boolean {
  return nodes.every((node) => node.kind === 'text' && node.text.trim() === '');
}
