import type { TokenKind } from './lex.ts';
import { parseNumber } from './literals.ts';
import { type Command, type Pipe, type Term, printNode } from './nodes.ts';
import type { ParserState } from './parser-state.ts';

const OPERANDS: ReadonlySet<TokenKind> = new Set([
  'bool', 'char-constant', 'dot', 'field', 'identifier', 'number', 'nil', 'raw-string', 'string', 'variable', '(',
]); // prettier-ignore

/** A pipeline up to the token that ends it, which is taken too. `context` stands in complaints. */
export function parsePipeline(p: ParserState, context: string, end: TokenKind): Pipe {
  const { pos } = p.peekNonSpace();
  const declared = parseDeclarations(p, context);
  const commands: Command[] = [];
  for (;;) {
    const token = p.take();
    if (token.kind === end) break;
    if (!OPERANDS.has(token.kind)) p.unexpected(token, context);
    p.next--;
    commands.push(parseCommand(p));
  }
  if (commands.length === 0) p.fail(`missing value for ${context}`);
  for (const [i, command] of commands.slice(1).entries())
    if (['bool', 'dot', 'nil', 'number', 'string'].includes(command.args[0].kind))
      p.fail(`non executable command in pipeline stage ${i + 2}`);
  return { kind: 'pipe', pos, ...declared, commands };
}

function parseDeclarations(p: ParserState, context: string): Pick<Pipe, 'assigns' | 'variables'> {
  const variables: Pipe['variables'][number][] = [];
  for (;;) {
    const token = p.peekNonSpace();
    if (token.kind !== 'variable') return { assigns: false, variables };
    const from = p.next++;
    const next = p.peekNonSpace();
    const declares = next.kind === 'assign' || next.kind === 'declare';
    if (!declares && !(next.kind === 'char' && next.text === ',')) {
      p.next = from;
      return { assigns: false, variables };
    }
    p.next++;
    variables.push({ kind: 'variable', pos: token.pos, names: [token.text] });
    p.variables.push(token.text);
    if (declares) return { assigns: next.kind === 'assign', variables };
    if (context !== 'range' || variables.length > 1) p.fail(`too many declarations in ${context}`);
    if (!['variable', 'right', ')'].includes(p.peekNonSpace().kind)) p.fail('range can only initialize variables');
  }
}

function parseCommand(p: ParserState): Command {
  const { pos } = p.peekNonSpace();
  const args: Term[] = [];
  for (;;) {
    p.peekNonSpace();
    const operand = parseOperand(p);
    if (operand !== undefined) args.push(operand);
    const token = p.takeAny();
    if (token.kind === 'space') continue;
    if (token.kind === 'right' || token.kind === ')') p.next--;
    else if (token.kind !== 'pipe') p.unexpected(token, 'operand');
    break;
  }
  if (args.length === 0) p.fail('empty command');
  return { kind: 'command', pos, args };
}

function parseOperand(p: ParserState): Term | undefined {
  const term = parseTerm(p);
  if (term === undefined || p.peek().kind !== 'field') return term;
  const { pos } = p.peek();
  const names: string[] = [];
  while (p.peek().kind === 'field') names.push(p.takeAny().text.slice(1));
  if (term.kind === 'field' || term.kind === 'variable') return { ...term, pos, names: [...term.names, ...names] };
  if (['bool', 'string', 'number', 'nil', 'dot'].includes(term.kind))
    p.fail(`unexpected . after term ${JSON.stringify(printNode(term))}`);
  return { kind: 'chain', pos, of: term, names };
}

function parseTerm(p: ParserState): Term | undefined {
  const token = p.take();
  const { pos, text } = token;
  switch (token.kind) {
    case 'identifier':
      if (!p.hasFunction(text)) p.fail(`function ${JSON.stringify(text)} not defined`);
      return { kind: 'identifier', pos, name: text };
    case 'dot':
    case 'nil':
      return { kind: token.kind, pos };
    case 'variable':
      if (!p.variables.includes(text)) p.fail(`undefined variable ${JSON.stringify(text)}`);
      return { kind: 'variable', pos, names: [text] };
    case 'field':
      return { kind: 'field', pos, names: [text.slice(1)] };
    case 'bool':
      return { kind: 'bool', pos, text, value: text === 'true' };
    case 'number':
    case 'char-constant': {
      const number = parseNumber(text);
      if (typeof number === 'string') return p.fail(number);
      return { kind: 'number', pos, text, ...number };
    }
    case 'string':
    case 'raw-string':
      return { kind: 'string', pos, text, value: p.unquoted(token) };
    case '(':
      return parseParenthesized(p);
    default:
      p.next--;
      return undefined;
  }
}

function parseParenthesized(p: ParserState): Pipe {
  p.enter('expression');
  const pipe = parsePipeline(p, 'parenthesized pipeline', ')');
  p.leave();
  return pipe;
}
