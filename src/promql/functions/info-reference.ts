import type { Node, SelectNode, SubqueryNode } from '../plan/plan.ts';

/** The time that a selector looks at: `at - offset`, or `offset` before each evaluation. Milliseconds. */
export interface Reference {
  readonly at: number | undefined;
  readonly offset: number;
}

const NOW: Reference = { at: undefined, offset: 0 };

/**
 * The time at which `info` looks for what is told of the series of an expression: that of its selectors where all of them
 * look at one time, else that of the evaluation.
 */
export function referenceOf(node: Node): Reference {
  return sharedReference(node) ?? NOW;
}

/** undefined where selectors look at several times, or a part has none. */
export function sharedReference(node: Node): Reference | undefined {
  const search: Search = { found: [], isFree: false };
  inspect(node, [], search);
  const [first, ...others] = search.found;
  const isShared = first !== undefined && !search.isFree && others.every((other) => isSame(first, other));
  return isShared ? first : undefined;
}

interface Search {
  readonly found: Reference[];
  /** A vector without any selector, such as `vector(1)`, stands for the time of evaluation. */
  isFree: boolean;
}

/** Whether a selector is in it. */
function inspect(node: Node, around: readonly SubqueryNode[], search: Search): boolean {
  if (node.kind === 'invariant') return inspect(node.node, around, search);
  if (node.type !== 'vector' && node.type !== 'matrix') return false;
  if (node.kind === 'select') {
    search.found.push(shifted(node, around));
    return true;
  }
  const inner = node.kind === 'subquery' ? [node, ...around] : around;
  const has = vectorsIn(node).map((child) => inspect(child, inner, search));
  if (has.includes(true)) return true;
  search.isFree = true;
  return false;
}

function vectorsIn(node: Node): readonly Node[] {
  switch (node.kind) {
    case 'window':
      return [node.select];
    case 'subquery':
    case 'negate':
    case 'invariant':
      return [node.node];
    case 'aggregate':
      return node.param === undefined ? [node.node] : [node.node, node.param];
    case 'binary':
      return [node.left, node.right];
    case 'call':
      // The second argument of an `info` inside is only written like a selector.
      return node.func === 'info' ? node.args.slice(0, 1) : node.args;
    default:
      return [];
  }
}

/** Subqueries around a selector move its time, from the inner ones outwards, until an `@` fixes it. */
function shifted({ at, offset }: SelectNode, around: readonly SubqueryNode[]): Reference {
  let reference: Reference = { at, offset };
  for (const subquery of around) {
    if (reference.at !== undefined) break;
    reference = { at: subquery.at, offset: reference.offset + subquery.offset };
  }
  return reference;
}

function isSame(a: Reference, b: Reference): boolean {
  if (a.at === undefined || b.at === undefined) return a.at === b.at && a.offset === b.offset;
  return a.at - a.offset === b.at - b.offset;
}
