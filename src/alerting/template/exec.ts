import { BUILTINS } from './builtins.ts';
import type { BranchNode, Command, ConstantTerm, IdentifierTerm, Node, Pipe, TemplateNode, Term } from './nodes.ts';
import { printNode } from './nodes.ts';
import { TemplateError, type Tree } from './parse.ts';
import { printValue } from './print.ts';
import { METHODS } from './methods.ts';
import {
  ANY, type FunctionMap, GoFunc, GoList, GoMap, GoStruct, type GoType, type GoValue, VALUE, canBeNil, isAssignable, isTrue,
  sortedEntries, typeOf,
} from './values.ts'; // prettier-ignore

/** What one execution may cost; a template is the user's text and labels may be anybody's. */
export interface ExecLimits {
  /** Nodes visited, function calls among them. */
  readonly steps: number;
  /** Characters written. */
  readonly output: number;
}

export const DEFAULT_LIMITS: ExecLimits = { steps: 200_000, output: 1024 * 1024 };

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

const MAX_TEMPLATE_DEPTH = 200;

/** A piped value that is not there; nil is a value. */
const MISSING = Symbol('missing');
type Final = GoValue | typeof MISSING;

/** Thrown through the interpreter to ask for something that takes time; see query replay in prometheus.ts. */
export class Suspended extends Error {}

/**
 * Runs one template of a set.
 * @throws {TemplateError} `template: NAME:LINE:COLUMN: executing "NAME" at <…>: …`
 */
export function execute(
  set: ReadonlyMap<string, Tree>,
  name: string,
  data: GoValue,
  functions: FunctionMap,
  output: Output,
  limits: ExecLimits = DEFAULT_LIMITS,
): void {
  const tree = set.get(name);
  if (tree === undefined)
    throw new TemplateError(
      `template: no template ${JSON.stringify(name)} associated with template ${JSON.stringify(name)}`,
    );
  const budget = { steps: limits.steps };
  new Execution(set, tree, data, functions, output, limits, budget, 0).run();
}

class Execution {
  readonly #set: ReadonlyMap<string, Tree>;
  readonly #tree: Tree;
  readonly #data: GoValue;
  readonly #functions: FunctionMap;
  readonly #output: Output;
  readonly #limits: ExecLimits;
  readonly #budget: { steps: number };
  readonly #depth: number;
  readonly #variables: { name: string; value: GoValue }[];
  /** What is being evaluated, for the words of an error. */
  #node: Node | Pipe | Command | Term | undefined;

  constructor(
    set: ReadonlyMap<string, Tree>,
    tree: Tree,
    data: GoValue,
    functions: FunctionMap,
    output: Output,
    limits: ExecLimits,
    budget: { steps: number },
    depth: number,
  ) {
    this.#set = set;
    this.#tree = tree;
    this.#data = data;
    this.#functions = functions;
    this.#output = output;
    this.#limits = limits;
    this.#budget = budget;
    this.#depth = depth;
    this.#variables = [{ name: '$', value: data }];
  }

  run(): void {
    this.#walkList(this.#data, this.#tree.nodes);
  }

  /** `break` and `continue` travel up as an answer. */
  #walkList(dot: GoValue, nodes: readonly Node[]): 'break' | 'continue' | undefined {
    for (const node of nodes) {
      const jump = this.#walk(dot, node);
      if (jump !== undefined) return jump;
    }
    return undefined;
  }

  #walk(dot: GoValue, node: Node): 'break' | 'continue' | undefined {
    this.#at(node);
    switch (node.kind) {
      case 'text':
        this.#output.text(node.text);
        return this.#checkOutput();
      case 'action': {
        const value = this.#pipeline(dot, node.pipe);
        if (node.pipe.variables.length > 0) return undefined;
        this.#at(node);
        if (value instanceof GoFunc) this.#fail(`can't print ${printNode(node)} of type ${value.type}`);
        this.#output.value(value, escaperOf(node.pipe));
        return this.#checkOutput();
      }
      case 'if':
      case 'with':
        return this.#ifOrWith(dot, node);
      case 'range':
        return this.#range(dot, node);
      case 'template':
        this.#template(dot, node);
        return undefined;
      default:
        return node.kind;
    }
  }

  #checkOutput(): undefined {
    if (this.#output.length > this.#limits.output)
      this.#fail(`the output is longer than ${this.#limits.output} characters`);
    return undefined;
  }

  #ifOrWith(dot: GoValue, node: BranchNode): 'break' | 'continue' | undefined {
    const scope = this.#variables.length;
    const value = this.#pipeline(dot, node.pipe);
    const jump = isTrue(value)
      ? this.#walkList(node.kind === 'with' ? value : dot, node.list)
      : this.#walkList(dot, node.otherwise ?? []);
    this.#variables.length = scope;
    return jump;
  }

  #range(dot: GoValue, node: BranchNode): 'break' | 'continue' | undefined {
    const scope = this.#variables.length;
    const value = this.#pipeline(dot, node.pipe);
    const mark = this.#variables.length;
    let jump: 'break' | 'continue' | undefined;
    let ran = false;
    for (const [index, element] of this.#elements(value, node)) {
      ran = true;
      // An empty body costs time too.
      this.#at(node);
      this.#bindLoop(node.pipe, index, element);
      jump = this.#walkList(element, node.list);
      this.#variables.length = mark;
      if (jump === 'break') break;
    }
    if (!ran) jump = this.#walkList(dot, node.otherwise ?? []);
    this.#variables.length = scope;
    return ran ? undefined : jump;
  }

  *#elements(value: GoValue, node: BranchNode): Iterable<[index: GoValue, element: GoValue]> {
    if (value === undefined) return;
    if (value instanceof GoList) {
      for (const [i, item] of value.items.entries()) yield [BigInt(i), item];
    } else if (value instanceof GoMap) {
      yield* sortedEntries(value);
    } else if (typeof value === 'bigint') {
      if (node.pipe.variables.length > 1) this.#fail(`can't use ${value} to iterate over more than one variable`);
      for (let i = 0n; i < value; i++) yield [undefined, i];
    } else {
      this.#fail(`range can't iterate over ${printValue(value)}`);
    }
  }

  #bindLoop(pipe: Pipe, index: GoValue, element: GoValue): void {
    const [first, second] = pipe.variables;
    if (first === undefined) return;
    if (pipe.assigns) {
      this.#assign(first.names[0], second === undefined ? element : index);
      if (second !== undefined) this.#assign(second.names[0], element);
      return;
    }
    const top = this.#variables.length;
    this.#variables[top - 1].value = element;
    if (second !== undefined) this.#variables[top - 2].value = index;
  }

  #template(dot: GoValue, node: TemplateNode): void {
    const tree = this.#set.get(node.name);
    if (tree === undefined) return this.#fail(`template ${JSON.stringify(node.name)} not defined`);
    if (this.#depth === MAX_TEMPLATE_DEPTH) this.#fail(`exceeded maximum template depth (${MAX_TEMPLATE_DEPTH})`);
    const data = node.pipe === undefined ? undefined : this.#pipeline(dot, node.pipe);
    new Execution(
      this.#set,
      tree,
      data,
      this.#functions,
      this.#output,
      this.#limits,
      this.#budget,
      this.#depth + 1,
    ).run();
  }

  #pipeline(dot: GoValue, pipe: Pipe): GoValue {
    this.#at(pipe);
    let value: Final = MISSING;
    for (const command of pipe.commands) value = this.#command(dot, command, value);
    const result = value === MISSING ? undefined : value;
    for (const variable of pipe.variables) {
      if (pipe.assigns) this.#assign(variable.names[0], result);
      else this.#variables.push({ name: variable.names[0], value: result });
    }
    return result;
  }

  #command(dot: GoValue, command: Command, final: Final): GoValue {
    const [first] = command.args;
    switch (first.kind) {
      case 'field':
        this.#at(first);
        return this.#fieldChain(dot, dot, first, first.names, command.args, final);
      case 'chain': {
        this.#at(first);
        const receiver = this.#argument(dot, undefined, first.of);
        return this.#fieldChain(dot, receiver, first, first.names, command.args, final);
      }
      case 'variable':
        return this.#variable(dot, first, command.args, final);
      case 'identifier':
        return this.#function(dot, first, command, command.args, final);
      case 'pipe':
        this.#notAFunction(command.args, final);
        return this.#pipeline(dot, first);
      case 'dot':
        this.#at(first);
        this.#notAFunction(command.args, final);
        return dot;
      case 'nil':
        this.#at(first);
        this.#notAFunction(command.args, final);
        return this.#fail('nil is not a command');
      default:
        this.#at(first);
        this.#notAFunction(command.args, final);
        return this.#constant(first);
    }
  }

  #notAFunction(args: readonly Term[], final: Final): void {
    if (args.length > 1 || final !== MISSING) this.#fail(`can't give argument to non-function ${printNode(args[0])}`);
  }

  #constant(term: ConstantTerm): GoValue {
    this.#at(term);
    if (term.kind === 'number' && typeof term.value === 'bigint' && term.asInt === undefined)
      this.#fail(`${term.text} overflows int`);
    return term.value;
  }

  #variable(dot: GoValue, term: Extract<Term, { kind: 'variable' }>, args: readonly Term[], final: Final): GoValue {
    this.#at(term);
    const value = this.#lookup(term.names[0]).value;
    if (term.names.length > 1) return this.#fieldChain(dot, value, term, term.names.slice(1), args, final);
    this.#notAFunction(args, final);
    return value;
  }

  #lookup(name: string): { value: GoValue } {
    return this.#variables.findLast((variable) => variable.name === name) ?? this.#fail(`undefined variable: ${name}`);
  }

  #assign(name: string, value: GoValue): void {
    this.#lookup(name).value = value;
  }

  #fieldChain(
    dot: GoValue,
    receiver: GoValue,
    node: Term,
    names: readonly string[],
    args: readonly Term[],
    final: Final,
  ): GoValue {
    let value = receiver;
    for (const name of names.slice(0, -1)) value = this.#field(dot, name, node, [], MISSING, value);
    return this.#field(dot, names[names.length - 1], node, args, final, value);
  }

  #field(dot: GoValue, name: string, node: Term, args: readonly Term[], final: Final, receiver: GoValue): GoValue {
    if (receiver === undefined) return undefined;
    const method = methodOf(receiver, name);
    if (method !== undefined) return this.#call(dot, method, node, name, args.slice(1), final);
    const hasArguments = args.length > 1 || final !== MISSING;
    if (receiver instanceof GoStruct && Object.hasOwn(receiver.fields, name)) {
      if (hasArguments) this.#fail(`${name} has arguments but cannot be invoked as function`);
      return receiver.fields[name];
    }
    if (receiver instanceof GoMap) {
      if (hasArguments) this.#fail(`${name} is not a method but has arguments`);
      return receiver.entries.has(name) ? receiver.entries.get(name) : receiver.zero;
    }
    return this.#fail(`can't evaluate field ${name} in type ${typeOf(receiver)}`);
  }

  #function(dot: GoValue, term: IdentifierTerm, node: Command | Term, args: readonly Term[], final: Final): GoValue {
    this.#at(term);
    const { name } = term;
    const own = Object.hasOwn(this.#functions, name) ? this.#functions[name] : undefined;
    const func = own ?? BUILTINS[name];
    const rest = args.slice(1);
    if (own === undefined && (name === 'and' || name === 'or')) return this.#andOr(dot, name, rest, final);
    if (own === undefined && name === 'call') return this.#callValue(dot, node, rest, final);
    return this.#call(dot, func, node, name, rest, final);
  }

  /** Stops at the first argument that settles the answer. */
  #andOr(dot: GoValue, name: 'and' | 'or', args: readonly Term[], final: Final): GoValue {
    if (args.length + (final === MISSING ? 0 : 1) < 1)
      this.#fail(`wrong number of args for ${name}: want at least 1 got ${args.length}`);
    let value: GoValue;
    for (const term of args) {
      value = this.#argument(dot, VALUE, term);
      if (isTrue(value) === (name === 'or')) return value;
    }
    return final === MISSING ? value : final;
  }

  #callValue(dot: GoValue, node: Command | Term, args: readonly Term[], final: Final): GoValue {
    const values = args.map((term) => this.#argument(dot, VALUE, term));
    if (final !== MISSING) values.push(final);
    const [func, ...rest] = values;
    const callee = args.length === 0 ? printValue(func) : printNode(args[0]);
    const fault = (words: string): never => {
      this.#at(node);
      return this.#fail(`error calling call: ${words}`);
    };
    if (func === undefined) return fault('call of nil');
    if (!(func instanceof GoFunc)) return fault(`non-function ${callee} of type ${typeOf(func)}`);
    if (func.variadic ? rest.length < func.params.length - 1 : rest.length !== func.params.length)
      return fault(
        `wrong number of args for ${callee}: got ${rest.length} want ${func.variadic ? 'at least ' : ''}${func.params.length - (func.variadic ? 1 : 0)}`,
      );
    rest.forEach((value, i) => {
      const type = parameterType(func, i);
      if (type !== ANY && type !== VALUE && typeOf(value) !== type)
        fault(`arg ${i}: value has type ${typeOf(value)}; should be ${type}`);
    });
    return this.#invoke(func, rest, node, 'call');
  }

  #call(dot: GoValue, func: GoFunc, node: Command | Term, name: string, args: readonly Term[], final: Final): GoValue {
    const given = args.length + (final === MISSING ? 0 : 1);
    const fixed = func.params.length - (func.variadic ? 1 : 0);
    if (func.variadic && given < fixed)
      this.#fail(`wrong number of args for ${name}: want at least ${fixed} got ${args.length}`);
    if (!func.variadic && given !== fixed) this.#fail(`wrong number of args for ${name}: want ${fixed} got ${given}`);
    const values = args.map((term, i) => this.#argument(dot, parameterType(func, i), term));
    if (final !== MISSING) values.push(this.#validated(final, parameterType(func, values.length)));
    return this.#invoke(func, values, node, name);
  }

  #invoke(func: GoFunc, values: readonly GoValue[], node: Node | Command | Term, name: string): GoValue {
    try {
      return func.call(...(values as never[]));
    } catch (error) {
      if (error instanceof Suspended) throw error;
      this.#at(node);
      return this.#fail(`error calling ${name}: ${(error as Error).message}`, error);
    }
  }

  /** The value of an argument, fit for a parameter of this type. */
  #argument(dot: GoValue, type: GoType | undefined, term: Term): GoValue {
    this.#at(term);
    switch (term.kind) {
      case 'dot':
        return this.#validated(dot, type);
      case 'nil':
        if (type !== undefined && canBeNil(type)) return undefined;
        return this.#fail(`cannot assign nil to ${type ?? ANY}`);
      case 'field':
        return this.#validated(this.#fieldChain(dot, dot, term, term.names, [term], MISSING), type);
      case 'variable':
        return this.#validated(this.#variable(dot, term, [term], MISSING), type);
      case 'pipe':
        return this.#validated(this.#pipeline(dot, term), type);
      case 'identifier':
        return this.#validated(this.#function(dot, term, term, [term], MISSING), type);
      case 'chain': {
        const receiver = this.#argument(dot, undefined, term.of);
        return this.#validated(this.#fieldChain(dot, receiver, term, term.names, [term], MISSING), type);
      }
      default:
        return this.#constantArgument(term, type);
    }
  }

  #constantArgument(term: ConstantTerm, type: GoType | undefined): GoValue {
    switch (type) {
      case undefined:
      case ANY:
      case VALUE:
        return this.#constant(term);
      case 'bool':
        return term.kind === 'bool' ? term.value : this.#fail(`expected bool; found ${term.text}`);
      case 'string':
        return term.kind === 'string' ? term.value : this.#fail(`expected string; found ${term.text}`);
      case 'int':
        return term.asInt ?? this.#fail(`expected integer; found ${term.text}`);
      case 'float64':
        return term.asFloat ?? this.#fail(`expected float; found ${term.text}`);
      default:
        return this.#fail(`can't handle ${term.text} for arg of type ${type}`);
    }
  }

  #validated(value: GoValue, type: GoType | undefined): GoValue {
    if (type === undefined || type === ANY || type === VALUE) return value;
    if (value === undefined) return canBeNil(type) ? undefined : this.#fail(`invalid value; expected ${type}`);
    const actual = typeOf(value);
    if (isAssignable(actual, type)) return value;
    return this.#fail(`wrong type for value; expected ${type}; got ${actual}`);
  }

  #at(node: Node | Pipe | Command | Term): void {
    this.#node = node;
    if (--this.#budget.steps < 0) this.#fail(`more than ${this.#limits.steps} steps`);
  }

  #fail(words: string, cause?: unknown): never {
    const { name, file, source } = this.#tree;
    if (this.#node === undefined) throw new TemplateError(`template: ${file}: ${words}`, cause);
    const before = source.slice(0, this.#node.pos);
    const lineStart = before.lastIndexOf('\n') + 1;
    const line = before.split('\n').length;
    const column = Buffer.byteLength(before.slice(lineStart));
    throw new TemplateError(
      `template: ${file}:${line}:${column}: executing ${JSON.stringify(name)} at <${printNode(this.#node)}>: ${words}`,
      cause,
    );
  }
}

function escaperOf({ commands }: Pipe): 'html' | 'urlquery' | undefined {
  const [last] = commands[commands.length - 1].args;
  return last.kind === 'identifier' && (last.name === 'html' || last.name === 'urlquery') ? last.name : undefined;
}

function parameterType(func: GoFunc, place: number): GoType {
  return func.params[Math.min(place, func.params.length - 1)];
}

function methodOf(receiver: GoValue, name: string): GoFunc | undefined {
  if (typeof receiver !== 'object') return undefined;
  const methods = 'methods' in receiver ? receiver.methods : (METHODS[receiver.type]?.(receiver as never) ?? {});
  return Object.hasOwn(methods, name) ? methods[name] : undefined;
}
