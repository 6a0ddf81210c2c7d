import { type Token, type TokenKind, lex } from './lex.ts';
import { parseNumber, unquote } from './literals.ts';
import { type BranchNode, type Command, type Node, type Pipe, type Term, printNode } from './nodes.ts';

/** A template that cannot be parsed or executed; the message has Go's words. */
export class TemplateError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'TemplateError';
  }
}

/** One named template of a set, with the text that its positions refer to. */
export interface Tree {
  readonly name: string;
  /** The name of the whole text, which stands in error messages. */
  readonly file: string;
  readonly source: string;
  readonly nodes: readonly Node[];
}

/** Nesting of parentheses and of blocks; bounds the recursion of parser and interpreter. */
const MAX_DEPTH = 200;

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
  new Parser(set, name, source, hasFunction).run();
}

type Closing = 'end' | 'else' | 'eof';

class Parser {
  readonly #set: Map<string, Tree>;
  readonly #file: string;
  readonly #source: string;
  readonly #hasFunction: (name: string) => boolean;
  readonly #tokens: readonly Token[];
  #next = 0;
  /** The furthest token looked at: Go names its line in every complaint. */
  #furthest = 0;
  #variables = ['$'];
  #rangeDepth = 0;
  #depth = 0;
  #actionLine = 0;

  constructor(set: Map<string, Tree>, file: string, source: string, hasFunction: (name: string) => boolean) {
    this.#set = set;
    this.#file = file;
    this.#source = source;
    this.#hasFunction = hasFunction;
    this.#tokens = lex(source);
  }

  run(): void {
    const nodes: Node[] = [];
    while (this.#peek().kind !== 'eof') {
      if (this.#define()) continue;
      const node = this.#textOrAction();
      if (node === 'end' || node === 'else') this.#fail(`unexpected {{${node}}}`);
      nodes.push(node);
    }
    this.#add(this.#file, nodes);
  }

  #define(): boolean {
    if (this.#peek().kind !== 'left') return false;
    const from = this.#next++;
    if (this.#peekNonSpace().text !== 'define' || this.#peek().kind !== 'keyword') {
      this.#next = from;
      return false;
    }
    this.#next++;
    const name = this.#templateName('define clause');
    this.#expectRight('define clause');
    this.#add(name, this.#inOwnScope('define clause'));
    return true;
  }

  /** The body of a define or block: variables and loops around it are not its own. */
  #inOwnScope(context: string): Node[] {
    const [variables, rangeDepth] = [this.#variables, this.#rangeDepth];
    [this.#variables, this.#rangeDepth] = [['$'], 0];
    const { nodes, closing } = this.#list();
    if (closing !== 'end') this.#fail(`unexpected {{${closing}}} in ${context}`);
    [this.#variables, this.#rangeDepth] = [variables, rangeDepth];
    return nodes;
  }

  /** A later definition replaces an earlier one only where one of them is empty. */
  #add(name: string, nodes: readonly Node[]): void {
    const known = this.#set.get(name);
    if (known === undefined || isEmpty(known.nodes)) {
      this.#set.set(name, { name, file: this.#file, source: this.#source, nodes });
    } else if (!isEmpty(nodes)) {
      this.#fail(`template: multiple definition of template ${JSON.stringify(name)}`);
    }
  }

  #list(): { nodes: Node[]; closing: Closing } {
    if (++this.#depth > MAX_DEPTH) this.#fail('max nesting depth exceeded');
    const nodes: Node[] = [];
    while (this.#peekNonSpace().kind !== 'eof') {
      const node = this.#textOrAction();
      if (node === 'end' || node === 'else') {
        this.#depth--;
        return { nodes, closing: node };
      }
      nodes.push(node);
    }
    return this.#fail('unexpected EOF');
  }

  #textOrAction(): Node | 'end' | 'else' {
    const token = this.#take();
    if (token.kind === 'text') return { kind: 'text', text: token.text, pos: token.pos };
    if (token.kind !== 'left') return this.#unexpected(token, 'input');
    this.#actionLine = token.line;
    const node = this.#action();
    this.#actionLine = 0;
    return node;
  }

  #action(): Node | 'end' | 'else' {
    const token = this.#peekNonSpace();
    if (token.kind !== 'keyword') return { kind: 'action', pos: token.pos, pipe: this.#pipeline('command', 'right') };
    this.#next++;
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
        const next = this.#peekNonSpace();
        if (next.kind !== 'keyword' || !['if', 'with'].includes(next.text)) this.#expectRight('else');
        return 'else';
      }
      case 'end':
        this.#expectRight('end');
        return 'end';
      default:
        this.#next--;
        return this.#unexpected(this.#take(), 'command');
    }
  }

  #jump(kind: 'break' | 'continue', pos: number): Node {
    const token = this.#take();
    if (token.kind !== 'right') this.#unexpected(token, `{{${kind}}}`);
    if (this.#rangeDepth === 0) this.#fail(`{{${kind}}} outside {{range}}`);
    return { kind, pos };
  }

  #branch(kind: BranchNode['kind']): BranchNode {
    const scope = this.#variables.length;
    const pipe = this.#pipeline(kind, 'right');
    if (kind === 'range') this.#rangeDepth++;
    const { nodes: list, closing } = this.#list();
    if (kind === 'range') this.#rangeDepth--;
    const otherwise = closing === 'else' ? this.#otherwise(kind) : undefined;
    this.#variables.length = scope;
    return { kind, pos: pipe.pos, pipe, list, otherwise };
  }

  /** `{{else if …}}` is an if of its own inside the else, closed by the same end. */
  #otherwise(kind: BranchNode['kind']): Node[] {
    const next = this.#peekNonSpace();
    if (next.kind === 'keyword' && next.text === kind && kind !== 'range') {
      this.#next++;
      if (++this.#depth > MAX_DEPTH) this.#fail('max nesting depth exceeded');
      const nested = this.#branch(kind);
      this.#depth--;
      return [nested];
    }
    const { nodes, closing } = this.#list();
    if (closing !== 'end') this.#fail(`expected end; found {{${closing}}}`);
    return nodes;
  }

  #template(): Node {
    const pos = this.#peekNonSpace().pos;
    const name = this.#templateName('template clause');
    if (this.#peekNonSpace().kind === 'right') {
      this.#next++;
      return { kind: 'template', pos, name, pipe: undefined };
    }
    return { kind: 'template', pos, name, pipe: this.#pipeline('template clause', 'right') };
  }

  #block(): Node {
    const pos = this.#peekNonSpace().pos;
    const name = this.#templateName('block clause');
    const pipe = this.#pipeline('block clause', 'right');
    this.#add(name, this.#inOwnScope('block clause'));
    return { kind: 'template', pos, name, pipe };
  }

  #templateName(context: string): string {
    const token = this.#take();
    if (token.kind !== 'string' && token.kind !== 'raw-string') return this.#unexpected(token, context);
    return this.#unquoted(token);
  }

  #pipeline(context: string, end: TokenKind): Pipe {
    const { pos } = this.#peekNonSpace();
    const declared = this.#declarations(context);
    const commands: Command[] = [];
    for (;;) {
      const token = this.#take();
      if (token.kind === end) break;
      if (!OPERANDS.has(token.kind)) this.#unexpected(token, context);
      this.#next--;
      commands.push(this.#command());
    }
    if (commands.length === 0) this.#fail(`missing value for ${context}`);
    for (const [i, command] of commands.slice(1).entries())
      if (['bool', 'dot', 'nil', 'number', 'string'].includes(command.args[0].kind))
        this.#fail(`non executable command in pipeline stage ${i + 2}`);
    return { kind: 'pipe', pos, ...declared, commands };
  }

  #declarations(context: string): Pick<Pipe, 'assigns' | 'variables'> {
    const variables: Pipe['variables'][number][] = [];
    for (;;) {
      const token = this.#peekNonSpace();
      if (token.kind !== 'variable') return { assigns: false, variables };
      const from = this.#next++;
      const next = this.#peekNonSpace();
      const declares = next.kind === 'assign' || next.kind === 'declare';
      if (!declares && !(next.kind === 'char' && next.text === ',')) {
        this.#next = from;
        return { assigns: false, variables };
      }
      this.#next++;
      variables.push({ kind: 'variable', pos: token.pos, names: [token.text] });
      this.#variables.push(token.text);
      if (declares) return { assigns: next.kind === 'assign', variables };
      if (context !== 'range' || variables.length > 1) this.#fail(`too many declarations in ${context}`);
      if (!['variable', 'right', ')'].includes(this.#peekNonSpace().kind))
        this.#fail('range can only initialize variables');
    }
  }

  #command(): Command {
    const { pos } = this.#peekNonSpace();
    const args: Term[] = [];
    for (;;) {
      this.#peekNonSpace();
      const operand = this.#operand();
      if (operand !== undefined) args.push(operand);
      const token = this.#tokens[this.#look(this.#next++)];
      if (token.kind === 'space') continue;
      if (token.kind === 'right' || token.kind === ')') this.#next--;
      else if (token.kind !== 'pipe') this.#unexpected(token, 'operand');
      break;
    }
    if (args.length === 0) this.#fail('empty command');
    return { kind: 'command', pos, args };
  }

  #operand(): Term | undefined {
    const term = this.#term();
    if (term === undefined || this.#peek().kind !== 'field') return term;
    const { pos } = this.#peek();
    const names: string[] = [];
    while (this.#peek().kind === 'field') names.push(this.#tokens[this.#next++].text.slice(1));
    if (term.kind === 'field' || term.kind === 'variable') return { ...term, pos, names: [...term.names, ...names] };
    if (['bool', 'string', 'number', 'nil', 'dot'].includes(term.kind))
      this.#fail(`unexpected . after term ${JSON.stringify(printNode(term))}`);
    return { kind: 'chain', pos, of: term, names };
  }

  #term(): Term | undefined {
    const token = this.#take();
    const { pos, text } = token;
    switch (token.kind) {
      case 'identifier':
        if (!this.#hasFunction(text)) this.#fail(`function ${JSON.stringify(text)} not defined`);
        return { kind: 'identifier', pos, name: text };
      case 'dot':
      case 'nil':
        return { kind: token.kind, pos };
      case 'variable':
        if (!this.#variables.includes(text)) this.#fail(`undefined variable ${JSON.stringify(text)}`);
        return { kind: 'variable', pos, names: [text] };
      case 'field':
        return { kind: 'field', pos, names: [text.slice(1)] };
      case 'bool':
        return { kind: 'bool', pos, text, value: text === 'true' };
      case 'number':
      case 'char-constant': {
        const number = parseNumber(text);
        if (typeof number === 'string') return this.#fail(number);
        return { kind: 'number', pos, text, ...number };
      }
      case 'string':
      case 'raw-string':
        return { kind: 'string', pos, text, value: this.#unquoted(token) };
      case '(':
        return this.#parenthesized();
      default:
        this.#next--;
        return undefined;
    }
  }

  #parenthesized(): Pipe {
    if (++this.#depth > MAX_DEPTH) this.#fail('max expression depth exceeded');
    const pipe = this.#pipeline('parenthesized pipeline', ')');
    this.#depth--;
    return pipe;
  }

  #unquoted(token: Token): string {
    return unquote(token.text) ?? this.#fail('invalid syntax');
  }

  #look(index: number): number {
    const at = Math.min(index, this.#tokens.length - 1);
    this.#furthest = Math.max(this.#furthest, at);
    return at;
  }

  #peek(): Token {
    return this.#tokens[this.#look(this.#next)];
  }

  /** Skips spaces and answers the token behind them without taking it. */
  #peekNonSpace(): Token {
    while (this.#peek().kind === 'space') this.#next++;
    return this.#peek();
  }

  #take(): Token {
    const token = this.#peekNonSpace();
    this.#next++;
    return token;
  }

  #expectRight(context: string): void {
    const token = this.#take();
    if (token.kind !== 'right') this.#unexpected(token, context);
  }

  #unexpected(token: Token, context: string): never {
    if (token.kind !== 'error') return this.#fail(`unexpected ${printToken(token)} in ${context}`);
    let extra = '';
    if (this.#actionLine !== 0 && this.#actionLine !== token.line)
      extra = `${token.text.endsWith(' action') ? '' : ' in action'} started at ${this.#file}:${this.#actionLine}`;
    return this.#fail(token.text + extra);
  }

  #fail(words: string): never {
    throw new TemplateError(`template: ${this.#file}:${this.#tokens[this.#furthest].line}: ${words}`);
  }
}

const OPERANDS: ReadonlySet<TokenKind> = new Set([
  'bool', 'char-constant', 'dot', 'field', 'identifier', 'number', 'nil', 'raw-string', 'string', 'variable', '(',
]); // prettier-ignore

function printToken(token: Token): string {
  if (token.kind === 'eof') return 'EOF';
  if (token.kind === 'keyword' || token.kind === 'dot' || token.kind === 'nil') return `<${token.text}>`;
  const runes = Array.from(token.text);
  return runes.length > 10 ? `${JSON.stringify(runes.slice(0, 10).join(''))}...` : JSON.stringify(token.text);
}

function isEmpty(nodes: readonly Node[]): boolean {
  return nodes.every((node) => node.kind === 'text' && node.text.trim() === '');
}
