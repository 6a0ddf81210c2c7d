import type { GoValue } from './values.ts';

/** The tree of a template. `pos` is a place in the source of the file the node stands in. */
export type Node = TextNode | ActionNode | BranchNode | TemplateNode | JumpNode;

interface Placed {
  readonly pos: number;
}

export interface TextNode extends Placed {
  readonly kind: 'text';
  readonly text: string;
}

export interface ActionNode extends Placed {
  readonly kind: 'action';
  readonly pipe: Pipe;
}

export interface BranchNode extends Placed {
  readonly kind: 'if' | 'with' | 'range';
  readonly pipe: Pipe;
  readonly list: readonly Node[];
  readonly otherwise: readonly Node[] | undefined;
}

export interface TemplateNode extends Placed {
  readonly kind: 'template';
  readonly name: string;
  readonly pipe: Pipe | undefined;
}

export interface JumpNode extends Placed {
  readonly kind: 'break' | 'continue';
}

export interface Pipe extends Placed {
  readonly kind: 'pipe';
  readonly assigns: boolean;
  readonly variables: readonly VariableTerm[];
  readonly commands: readonly Command[];
}

export interface Command extends Placed {
  readonly kind: 'command';
  readonly args: readonly Term[];
}

export type Term = IdentifierTerm | FieldTerm | VariableTerm | ChainTerm | ConstantTerm | DotTerm | NilTerm | Pipe;

export interface IdentifierTerm extends Placed {
  readonly kind: 'identifier';
  readonly name: string;
}

/** `.A.B`: names without the dots. */
export interface FieldTerm extends Placed {
  readonly kind: 'field';
  readonly names: readonly string[];
}

/** `$x.A`: the variable with its `$`, then field names. */
export interface VariableTerm extends Placed {
  readonly kind: 'variable';
  readonly names: readonly string[];
}

/** `(…).A.B` */
export interface ChainTerm extends Placed {
  readonly kind: 'chain';
  readonly of: Term;
  readonly names: readonly string[];
}

export interface ConstantTerm extends Placed {
  readonly kind: 'string' | 'bool' | 'number';
  readonly text: string;
  /** string, boolean, bigint or number: what the constant is where no type is asked for. */
  readonly value: GoValue;
  /** Of numbers: as which kinds of number it can serve. */
  readonly asInt?: bigint;
  readonly asFloat?: number;
}

export interface DotTerm extends Placed {
  readonly kind: 'dot';
}

export interface NilTerm extends Placed {
  readonly kind: 'nil';
}

/** The source text of a node, normalised, as Go's error messages quote it. */
export function printNode(node: Node | Pipe | Command | Term): string {
  switch (node.kind) {
    case 'text':
      return JSON.stringify(node.text);
    case 'action':
      return `{{${printNode(node.pipe)}}}`;
    case 'if':
    case 'with':
    case 'range':
      return printBranch(node);
    case 'template':
      return `{{template ${JSON.stringify(node.name)}${node.pipe === undefined ? '' : ` ${printNode(node.pipe)}`}}}`;
    case 'break':
    case 'continue':
      return `{{${node.kind}}}`;
    case 'pipe':
      return printPipe(node);
    case 'command':
      return node.args.map(printTerm).join(' ');
    default:
      return printTerm(node, true);
  }
}

function printBranch(node: BranchNode): string {
  const list = node.list.map(printNode).join('');
  const otherwise = node.otherwise === undefined ? '' : `{{else}}${node.otherwise.map(printNode).join('')}`;
  return `{{${node.kind} ${printPipe(node.pipe)}}}${list}${otherwise}{{end}}`;
}

function printPipe(pipe: Pipe): string {
  const variables = pipe.variables.map((variable) => printTerm(variable)).join(', ');
  const prefix = variables === '' ? '' : `${variables} ${pipe.assigns ? '=' : ':='} `;
  return prefix + pipe.commands.map(printNode).join(' | ');
}

/** A pipe among the arguments of a command stands in parentheses. */
function printTerm(term: Term, bare: unknown = false): string {
  switch (term.kind) {
    case 'identifier':
      return term.name;
    case 'field':
      return term.names.map((name) => `.${name}`).join('');
    case 'variable':
      return term.names.join('.');
    case 'chain':
      return (
        (term.of.kind === 'pipe' ? `(${printPipe(term.of)})` : printTerm(term.of)) +
        term.names.map((name) => `.${name}`).join('')
      );
    case 'dot':
      return '.';
    case 'nil':
      return 'nil';
    case 'pipe':
      return bare === true ? printPipe(term) : `(${printPipe(term)})`;
    default:
      return term.text;
  }
}
