import type { Alert } from '../../model/alert.ts';
import type { Labels } from '../../model/labels.ts';
import type { InhibitRule } from '../routing/routing.ts';

/** Of one rule and one set of `equal` values: fingerprints of firing sources. `pure` is a source that is no target itself. */
interface Source {
  pure: string | undefined;
  any: string;
}

/** Which alerts are muted because others fire. The sources are looked up, so that a storm of alerts stays linear. */
export class Inhibitor {
  readonly #rules: readonly { readonly rule: InhibitRule; readonly sources: ReadonlyMap<string, Source> }[];

  constructor(rules: readonly InhibitRule[], firing: readonly Pick<Alert, 'labels' | 'fingerprint'>[]) {
    this.#rules = rules.map((rule) => ({ rule, sources: sourcesOf(rule, firing) }));
  }

  /** Fingerprints of the alerts that inhibit one with these labels, one for each rule that does; empty where none does. */
  mutes(labels: Labels): string[] {
    const found = new Set<string>();
    for (const { rule, sources } of this.#rules) {
      if (!rule.target(labels)) continue;
      const source = sources.get(keyOf(rule, labels));
      if (source === undefined) continue;
      // An alert on both sides is not inhibited by one that is on both sides too, itself least of all.
      const by = rule.source(labels) ? source.pure : (source.pure ?? source.any);
      if (by !== undefined) found.add(by);
    }
    return [...found];
  }
}

function sourcesOf(
  rule: InhibitRule,
  firing: readonly Pick<Alert, 'labels' | 'fingerprint'>[],
): ReadonlyMap<string, Source> {
  const sources = new Map<string, Source>();
  for (const { labels, fingerprint } of firing) {
    if (!rule.source(labels)) continue;
    const key = keyOf(rule, labels);
    const pure = rule.target(labels) ? undefined : fingerprint;
    const known = sources.get(key);
    if (known === undefined) sources.set(key, { pure, any: fingerprint });
    else known.pure ??= pure;
  }
  return sources;
}

/** A missing label equals an empty one. */
function keyOf(rule: InhibitRule, labels: Labels): string {
  return JSON.stringify(rule.equal.map((name) => labels.get(name)));
}
