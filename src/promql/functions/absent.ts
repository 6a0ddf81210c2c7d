import type { Matcher } from '../../model/matcher.ts';
import { Labels } from '../../model/labels.ts';
import type { Node } from '../plan/plan.ts';

/** The labels that a selector names with `=` exactly once: what is known of a series that is not there. */
export function absentLabels(node: Node): Labels {
  const labels = new Map<string, string>();
  const seen = new Set<string>();
  for (const { name, op, value } of matchersOf(node)) {
    if (name === '__name__') continue;
    if (op === '=' && !seen.has(name)) {
      labels.set(name, value);
      seen.add(name);
    } else labels.delete(name);
  }
  return Labels.of(labels);
}

function matchersOf(node: Node): readonly Matcher[] {
  if (node.kind === 'invariant') return matchersOf(node.node);
  if (node.kind === 'select') return node.matchers;
  return node.kind === 'window' ? node.select.matchers : [];
}
