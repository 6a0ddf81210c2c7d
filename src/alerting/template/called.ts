import type { Node } from './nodes.ts';
import type { Tree } from './parse.ts';

/** Names of the templates that a tree calls by `{{ template "name" }}`. */
export function calledBy(tree: Tree): Set<string> {
  const names = new Set<string>();
  const visit = (nodes: readonly Node[]): void => {
    for (const node of nodes) {
      if (node.kind === 'template') names.add(node.name);
      if ('list' in node) {
        visit(node.list);
        visit(node.otherwise ?? []);
      }
    }
  };
  visit(tree.nodes);
  return names;
}
