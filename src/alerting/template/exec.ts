import type { BranchNode, Node, Pipe, TemplateNode } from './nodes.ts';
import { printNode } from './nodes.ts';
import type { Output } from './output.ts';
import type { Tree } from './parse.ts';
import { TemplateError } from './parser-state.ts';
import { printValue } from './print.ts';
import { type ExecLimits, DEFAULT_LIMITS, Terms } from './terms.ts';
import { type FunctionMap, GoFunc, GoList, GoMap, type GoValue, isTrue, sortedEntries } from './values.ts';

const MAX_TEMPLATE_DEPTH = 200;

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
  new Execution({ set, functions, output, limits, budget }, tree, data, 0).run();
}

/** What all templates of one run share. */
interface Run {
  readonly set: ReadonlyMap<string, Tree>;
  readonly functions: FunctionMap;
  readonly output: Output;
  readonly limits: ExecLimits;
  readonly budget: { steps: number };
}

/** Walks the nodes of one template. */
class Execution {
  readonly #run: Run;
  readonly #tree: Tree;
  readonly #data: GoValue;
  readonly #depth: number;
  readonly #terms: Terms;

  constructor(run: Run, tree: Tree, data: GoValue, depth: number) {
    this.#run = run;
    this.#tree = tree;
    this.#data = data;
    this.#depth = depth;
    this.#terms = new Terms(tree, data, run.functions, run.limits, run.budget);
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
    this.#terms.at(node);
    switch (node.kind) {
      case 'text':
        this.#run.output.text(node.text);
        return this.#checkOutput();
      case 'action': {
        const value = this.#terms.pipeline(dot, node.pipe);
        if (node.pipe.variables.length > 0) return undefined;
        this.#terms.at(node);
        if (value instanceof GoFunc) this.#terms.fail(`can't print ${printNode(node)} of type ${value.type}`);
        this.#run.output.value(value, escaperOf(node.pipe));
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
    if (this.#run.output.length > this.#run.limits.output)
      this.#terms.fail(`the output is longer than ${this.#run.limits.output} characters`);
    return undefined;
  }

  #ifOrWith(dot: GoValue, node: BranchNode): 'break' | 'continue' | undefined {
    const scope = this.#terms.enter();
    const value = this.#terms.pipeline(dot, node.pipe);
    const jump = isTrue(value)
      ? this.#walkList(node.kind === 'with' ? value : dot, node.list)
      : this.#walkList(dot, node.otherwise ?? []);
    this.#terms.leave(scope);
    return jump;
  }

  #range(dot: GoValue, node: BranchNode): 'break' | 'continue' | undefined {
    const scope = this.#terms.enter();
    const value = this.#terms.pipeline(dot, node.pipe);
    const mark = this.#terms.enter();
    let jump: 'break' | 'continue' | undefined;
    let ran = false;
    for (const [index, element] of this.#elements(value, node)) {
      ran = true;
      // An empty body costs time too.
      this.#terms.at(node);
      this.#bindLoop(node.pipe, index, element);
      jump = this.#walkList(element, node.list);
      this.#terms.leave(mark);
      if (jump === 'break') break;
    }
    if (!ran) jump = this.#walkList(dot, node.otherwise ?? []);
    this.#terms.leave(scope);
    return ran ? undefined : jump;
  }

  *#elements(value: GoValue, node: BranchNode): Iterable<[index: GoValue, element: GoValue]> {
    if (value === undefined) return;
    if (value instanceof GoList) {
      for (const [i, item] of value.items.entries()) yield [BigInt(i), item];
    } else if (value instanceof GoMap) {
      yield* sortedEntries(value);
    } else if (typeof value === 'bigint') {
      if (node.pipe.variables.length > 1) this.#terms.fail(`can't use ${value} to iterate over more than one variable`);
      for (let i = 0n; i < value; i++) yield [undefined, i];
    } else {
      this.#terms.fail(`range can't iterate over ${printValue(value)}`);
    }
  }

  #bindLoop(pipe: Pipe, index: GoValue, element: GoValue): void {
    const [first, second] = pipe.variables;
    if (first === undefined) return;
    if (pipe.assigns) {
      this.#terms.assign(first.names[0], second === undefined ? element : index);
      if (second !== undefined) this.#terms.assign(second.names[0], element);
      return;
    }
    this.#terms.setTop(0, element);
    if (second !== undefined) this.#terms.setTop(1, index);
  }

  #template(dot: GoValue, node: TemplateNode): void {
    const tree = this.#run.set.get(node.name);
    if (tree === undefined) return this.#terms.fail(`template ${JSON.stringify(node.name)} not defined`);
    if (this.#depth === MAX_TEMPLATE_DEPTH) this.#terms.fail(`exceeded maximum template depth (${MAX_TEMPLATE_DEPTH})`);
    const data = node.pipe === undefined ? undefined : this.#terms.pipeline(dot, node.pipe);
    new Execution(this.#run, tree, data, this.#depth + 1).run();
  }
}

function escaperOf({ commands }: Pipe): 'html' | 'urlquery' | undefined {
  const [last] = commands[commands.length - 1].args;
  return last.kind === 'identifier' && (last.name === 'html' || last.name === 'urlquery') ? last.name : undefined;
}
