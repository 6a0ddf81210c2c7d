import { BUILTINS } from './builtins.ts';
import { METHODS } from './methods.ts';
import type { Command, ConstantTerm, IdentifierTerm, Node, Pipe, Term } from './nodes.ts';
import { printNode } from './nodes.ts';
import type { Tree } from './parse.ts';
import { TemplateError } from './parser-state.ts';
import { printValue } from './print.ts';
import {
  ANY, type FunctionMap, GoFunc, GoMap, GoStruct, type GoType, type GoValue, VALUE, canBeNil, isAssignable, isTrue, typeOf,
} from './values.ts'; // prettier-ignore

/** What one execution may cost; a template is the user's text and labels may be anybody's. */
export interface ExecLimits {
  /** Nodes visited, function calls among them. */
  readonly steps: number;
  /** Characters written. */
  readonly output: number;
}

export const DEFAULT_LIMITS: ExecLimits = { steps: 200_000, output: 1024 * 1024 };

/** A piped value that is not there; nil is a value. */
const MISSING = Symbol('missing');
type Final = GoValue | typeof MISSING;

/** Thrown through the interpreter to ask for something that takes time; the run then starts over. */
export class Suspended extends Error {}

/** Evaluates pipelines within one run of one template, and holds its variables. */
export class Terms {
  readonly #tree: Tree;
  readonly #functions: FunctionMap;
  readonly #limits: ExecLimits;
  /** Shared by all templates of a run. */
  readonly #budget: { steps: number };
  readonly #variables: { name: string; value: GoValue }[];
  /** What is being evaluated, for the words of an error. */
  #node: Node | Pipe | Command | Term | undefined;

  constructor(tree: Tree, data: GoValue, functions: FunctionMap, limits: ExecLimits, budget: { steps: number }) {
    this.#tree = tree;
    this.#functions = functions;
    this.#limits = limits;
    this.#budget = budget;
    this.#variables = [{ name: '$', value: data }];
  }

  /** A place to come back to by {@link leave}. */
  enter(): number {
    return this.#variables.length;
  }

  /** Forgets the variables declared since. */
  leave(scope: number): void {
    this.#variables.length = scope;
  }

  /** Sets the variable declared last, or `back` places before it. */
  setTop(back: number, value: GoValue): void {
    this.#variables[this.#variables.length - 1 - back].value = value;
  }

  /** The value of a pipeline; what it declares stays until the scope is left. */
  pipeline(dot: GoValue, pipe: Pipe): GoValue {
    this.at(pipe);
    let value: Final = MISSING;
    for (const command of pipe.commands) value = this.#command(dot, command, value);
    const result = value === MISSING ? undefined : value;
    for (const variable of pipe.variables) {
      if (pipe.assigns) this.assign(variable.names[0], result);
      else this.#variables.push({ name: variable.names[0], value: result });
    }
    return result;
  }

  #command(dot: GoValue, command: Command, final: Final): GoValue {
    const [first] = command.args;
    switch (first.kind) {
      case 'field':
        this.at(first);
        return this.#fieldChain(dot, dot, first, first.names, command.args, final);
      case 'chain': {
        this.at(first);
        const receiver = this.#argument(dot, undefined, first.of);
        return this.#fieldChain(dot, receiver, first, first.names, command.args, final);
      }
      case 'variable':
        return this.#variable(dot, first, command.args, final);
      case 'identifier':
        return this.#function(dot, first, command, command.args, final);
      case 'pipe':
        this.#notAFunction(command.args, final);
        return this.pipeline(dot, first);
      case 'dot':
        this.at(first);
        this.#notAFunction(command.args, final);
        return dot;
      case 'nil':
        this.at(first);
        this.#notAFunction(command.args, final);
        return this.fail('nil is not a command');
      default:
        this.at(first);
        this.#notAFunction(command.args, final);
        return this.#constant(first);
    }
  }

  #notAFunction(args: readonly Term[], final: Final): void {
    if (args.length > 1 || final !== MISSING) this.fail(`can't give argument to non-function ${printNode(args[0])}`);
  }

  #constant(term: ConstantTerm): GoValue {
    this.at(term);
    if (term.kind === 'number' && typeof term.value === 'bigint' && term.asInt === undefined)
      this.fail(`${term.text} overflows int`);
    return term.value;
  }

  #variable(dot: GoValue, term: Extract<Term, { kind: 'variable' }>, args: readonly Term[], final: Final): GoValue {
    this.at(term);
    const value = this.#lookup(term.names[0]).value;
    if (term.names.length > 1) return this.#fieldChain(dot, value, term, term.names.slice(1), args, final);
    this.#notAFunction(args, final);
    return value;
  }

  #lookup(name: string): { value: GoValue } {
    return this.#variables.findLast((variable) => variable.name === name) ?? this.fail(`undefined variable: ${name}`);
  }

  assign(name: string, value: GoValue): void {
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
      if (hasArguments) this.fail(`${name} has arguments but cannot be invoked as function`);
      return receiver.fields[name];
    }
    if (receiver instanceof GoMap) {
      if (hasArguments) this.fail(`${name} is not a method but has arguments`);
      return receiver.entries.has(name) ? receiver.entries.get(name) : receiver.zero;
    }
    return this.fail(`can't evaluate field ${name} in type ${typeOf(receiver)}`);
  }

  #function(dot: GoValue, term: IdentifierTerm, node: Command | Term, args: readonly Term[], final: Final): GoValue {
    this.at(term);
    const { name } = term;
    // The parser let only known names pass, so that nothing of Object can be meant.
    const own: GoFunc | undefined = this.#functions[name];
    const func = own ?? BUILTINS[name];
    const rest = args.slice(1);
    if (own === undefined && (name === 'and' || name === 'or')) return this.#andOr(dot, name, rest, final);
    if (own === undefined && name === 'call') return this.#callValue(dot, node, rest, final);
    return this.#call(dot, func, node, name, rest, final);
  }

  /** Stops at the first argument that settles the answer. */
  #andOr(dot: GoValue, name: 'and' | 'or', args: readonly Term[], final: Final): GoValue {
    if (args.length + (final === MISSING ? 0 : 1) < 1)
      this.fail(`wrong number of args for ${name}: want at least 1 got ${args.length}`);
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
      this.at(node);
      return this.fail(`error calling call: ${words}`);
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
      this.fail(`wrong number of args for ${name}: want at least ${fixed} got ${args.length}`);
    if (!func.variadic && given !== fixed) this.fail(`wrong number of args for ${name}: want ${fixed} got ${given}`);
    const values = args.map((term, i) => this.#argument(dot, parameterType(func, i), term));
    if (final !== MISSING) values.push(this.#validated(final, parameterType(func, values.length)));
    return this.#invoke(func, values, node, name);
  }

  #invoke(func: GoFunc, values: readonly GoValue[], node: Node | Command | Term, name: string): GoValue {
    try {
      return func.call(...(values as never[]));
    } catch (error) {
      if (error instanceof Suspended) throw error;
      this.at(node);
      return this.fail(`error calling ${name}: ${(error as Error).message}`, error);
    }
  }

  /** The value of an argument, fit for a parameter of this type. */
  #argument(dot: GoValue, type: GoType | undefined, term: Term): GoValue {
    this.at(term);
    switch (term.kind) {
      case 'dot':
        return this.#validated(dot, type);
      case 'nil':
        if (type !== undefined && canBeNil(type)) return undefined;
        return this.fail(`cannot assign nil to ${type ?? ANY}`);
      case 'field':
        return this.#validated(this.#fieldChain(dot, dot, term, term.names, [term], MISSING), type);
      case 'variable':
        return this.#validated(this.#variable(dot, term, [term], MISSING), type);
      case 'pipe':
        return this.#validated(this.pipeline(dot, term), type);
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
        return term.kind === 'bool' ? term.value : this.fail(`expected bool; found ${term.text}`);
      case 'string':
        return term.kind === 'string' ? term.value : this.fail(`expected string; found ${term.text}`);
      case 'int':
        return term.asInt ?? this.fail(`expected integer; found ${term.text}`);
      case 'float64':
        return term.asFloat ?? this.fail(`expected float; found ${term.text}`);
      default:
        return this.fail(`can't handle ${term.text} for arg of type ${type}`);
    }
  }

  #validated(value: GoValue, type: GoType | undefined): GoValue {
    if (type === undefined || type === ANY || type === VALUE) return value;
    if (value === undefined) return canBeNil(type) ? undefined : this.fail(`invalid value; expected ${type}`);
    const actual = typeOf(value);
    if (isAssignable(actual, type)) return value;
    return this.fail(`wrong type for value; expected ${type}; got ${actual}`);
  }

  /** Notes what is being evaluated, and counts it. */
  at(node: Node | Pipe | Command | Term): void {
    this.#node = node;
    if (--this.#budget.steps < 0) this.fail(`more than ${this.#limits.steps} steps`);
  }

  /** @throws {TemplateError} with the place of what is being evaluated. */
  fail(words: string, cause?: unknown): never {
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

function parameterType(func: GoFunc, place: number): GoType {
  return func.params[Math.min(place, func.params.length - 1)];
}

function methodOf(receiver: GoValue, name: string): GoFunc | undefined {
  if (typeof receiver !== 'object') return undefined;
  const methods = 'methods' in receiver ? receiver.methods : (METHODS[receiver.type]?.(receiver as never) ?? {});
  return Object.hasOwn(methods, name) ? methods[name] : undefined;
}
