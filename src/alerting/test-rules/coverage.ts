import type { Labels } from '../../model/labels.ts';
import type { Rule, RuleGroup } from '../../model/rule.ts';

/** What the tests of a file saw of one rule. */
export interface Coverage {
  readonly file: string;
  readonly line: number;
  readonly group: string;
  readonly rule: string;
  readonly kind: Rule['kind'];
  /** An alert fired; a recording gave a value. */
  readonly covered: boolean;
}

/** Notes which rules did something in a test. */
export class CoverageLog {
  readonly #groups: readonly RuleGroup[];
  readonly #covered = new Set<Rule>();

  constructor(groups: readonly RuleGroup[]) {
    this.#groups = groups;
  }

  fired(rule: Rule): void {
    this.#covered.add(rule);
  }

  /** Series that stood in the store when a test ended. */
  recorded(series: readonly Labels[]): void {
    for (const { rules } of this.#groups) {
      for (const rule of rules) {
        if (rule.kind === 'recording' && series.some((labels) => isOf(rule, labels))) this.#covered.add(rule);
      }
    }
  }

  report(): Coverage[] {
    return this.#groups.flatMap(({ file, name, rules }) =>
      rules.map((rule): Coverage => ({
        file, line: rule.line, group: name, kind: rule.kind, rule: rule.kind === 'alerting' ? rule.alert : rule.record, covered: this.#covered.has(rule),
      })),
    ); // prettier-ignore
  }
}

function isOf(rule: Extract<Rule, { kind: 'recording' }>, labels: Labels): boolean {
  return (
    labels.get('__name__') === rule.record &&
    Object.entries(rule.labels).every(([name, value]) => labels.get(name) === value)
  );
}
