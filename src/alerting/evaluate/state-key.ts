import type { AlertingRule, RuleGroup } from '../../model/rule.ts';

/** The parts of a key that hold where a rule moves to another file or group. */
export interface StateKey {
  readonly file: string;
  readonly group: string;
  readonly alert: string;
  readonly labels: readonly (readonly [string, string])[];
  /** Counts rules of one name and the same labels within their group. */
  readonly n: number;
}

/**
 * The names under which the alerts of a group's alerting rules stand in the state file, in the order of the rules. A rule is
 * known by its name and labels, as in Prometheus, and by its place among those that share both.
 */
export function stateKeys({ file, name, rules }: RuleGroup): string[] {
  const seen = new Map<string, number>();
  return rules
    .filter((rule): rule is AlertingRule => rule.kind === 'alerting')
    .map(({ alert, labels }) => {
      const own = [alert, sortedLabels(labels)] as const;
      const same = JSON.stringify(own);
      const n = seen.get(same) ?? 0;
      seen.set(same, n + 1);
      return JSON.stringify([file, name, ...own, n]);
    });
}

/** @throws {SyntaxError} for a key of an earlier version, `file;group;alert`. */
export function parseStateKey(key: string): StateKey {
  const [file, group, alert, labels, n] = JSON.parse(key) as [string, string, string, [string, string][], number];
  return { file, group, alert, labels, n };
}

/** Whether two keys are of rules of one name and the same labels, whatever file and group they stand in. */
export function isSameRule(a: string, b: string): boolean {
  const [one, other] = [parseStateKey(a), parseStateKey(b)];
  return one.alert === other.alert && JSON.stringify(one.labels) === JSON.stringify(other.labels);
}

function sortedLabels(labels: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
}
