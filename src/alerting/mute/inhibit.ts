import type { Labels } from '../../model/labels.ts';
import type { InhibitRule } from '../routing/routing.ts';

/** Of one rule: which values of its `equal` labels have a firing source, and whether one of those is no target itself. */
type Sources = ReadonlyMap<string, { readonly pure: boolean }>;

/** Which alerts are silenced by others that fire. The sources are looked up, so that a storm of alerts stays linear. */
export class Inhibitor {
  readonly #rules: readonly { readonly rule: InhibitRule; readonly sources: Sources }[];

  constructor(rules: readonly InhibitRule[], firing: readonly Labels[]) {
    this.#rules = rules.map((rule) => ({ rule, sources: sourcesOf(rule, firing) }));
  }

  silences(labels: Labels): boolean {
    return this.#rules.some(({ rule, sources }) => {
      if (!rule.target(labels)) return false;
      const source = sources.get(keyOf(rule, labels));
      // An alert on both sides is not silenced by one that is on both sides too, itself least of all.
      return source !== undefined && (source.pure || !rule.source(labels));
    });
  }
}

function sourcesOf(rule: InhibitRule, firing: readonly Labels[]): Sources {
  const sources = new Map<string, { pure: boolean }>();
  for (const labels of firing) {
    if (!rule.source(labels)) continue;
    const key = keyOf(rule, labels);
    sources.set(key, { pure: (sources.get(key)?.pure ?? false) || !rule.target(labels) });
  }
  return sources;
}

/** A missing label equals an empty one. */
function keyOf(rule: InhibitRule, labels: Labels): string {
  return JSON.stringify(rule.equal.map((name) => labels.get(name)));
}
