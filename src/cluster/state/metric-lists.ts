import { RE2JS } from 're2js';
import type { StateConfig } from './config.ts';
import type { Family } from './family.ts';

/** Which families are on the page, by the lists of the configuration. Each entry is a name or a regex of whole names. */
export function familyFilter(config: StateConfig): (family: Family) => boolean {
  const isAllowed = config.metric_allowlist.length === 0 ? () => true : matchesOne(config.metric_allowlist);
  const isDenied = matchesOne(config.metric_denylist);
  const isOptedIn = matchesOne(config.metric_opt_in_list);
  return ({ name, optIn }) => isAllowed(name) && !isDenied(name) && (!optIn || isOptedIn(name));
}

function matchesOne(patterns: readonly string[]): (name: string) => boolean {
  const regexes = patterns.map((pattern) => RE2JS.compile(`^(?:${pattern})$`));
  return (name) => regexes.some((regex) => regex.matcher(name).find());
}
