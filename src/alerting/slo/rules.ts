import { formatDuration } from '../../lib/time/duration.ts';
import { quote } from '../../model/labels.ts';
import type { AlertingRule, RecordingRule, Rule, RuleGroup } from '../../model/rule.ts';
import { printValue } from '../template/print.ts';
import type { AlertPolicy, AlertTexts, Objective } from './objective.ts';
import type { BurnWindow } from './windows.ts';

const DAY = 86_400_000;

/**
 * An objective as recording and alerting rules, with the names, labels and expressions that Sloth gives them, so that dashboards
 * for Sloth work (source: what sloth 0.16 generates).
 */
export function objectiveGroups(objective: Objective, file: string): RuleGroup[] {
  const rules = new ObjectiveRules(objective);
  const group = (kind: string, of: readonly Rule[]): RuleGroup => ({
    name: `sloth-slo-${kind}-${objective.id}`,
    file,
    interval: objective.interval,
    queryOffset: 0,
    limit: 0,
    labels: {},
    rules: of,
  });
  return [
    group('sli-recordings', rules.errorRatios()),
    group('meta-recordings', rules.metadata()),
    group('alerts', rules.alerts()),
  ].filter(({ rules: some }) => some.length > 0);
}

class ObjectiveRules {
  readonly #objective: Objective;
  readonly #ids: Readonly<Record<string, string>>;
  readonly #selector: string;
  readonly #period: string;
  /** Share of events that may be bad. */
  readonly #budget: number;

  constructor(objective: Objective) {
    this.#objective = objective;
    this.#ids = { sloth_id: objective.id, sloth_service: objective.service, sloth_slo: objective.name };
    this.#selector = `{${Object.entries(this.#ids)
      .map(([name, value]) => `${name}=${quote(value)}`)
      .join(', ')}}`;
    this.#period = formatDuration(objective.windows.period);
    this.#budget = (100 - objective.target) / 100;
  }

  /** One ratio of errors a window; that of the whole period is the mean of the shortest, which is cheaper than to ask anew. */
  errorRatios(): RecordingRule[] {
    const windows = this.#windows();
    const shortest = this.#ratio(windows[0]);
    return [
      ...windows.map((window) =>
        this.#record(`slo:sli_error:ratio_rate${window}`, this.#objective.errorRatio(window), { sloth_window: window }),
      ),
      this.#record(
        `slo:sli_error:ratio_rate${this.#period}`,
        `sum_over_time(${shortest}[${this.#period}])\n/ ignoring (sloth_window)\ncount_over_time(${shortest}[${this.#period}])\n`,
        { sloth_window: this.#period },
      ),
    ];
  }

  metadata(): RecordingRule[] {
    const { target, windows, spec, mode } = this.#objective;
    const ratio = printValue(1 - this.#budget);
    return [
      this.#record('slo:objective:ratio', `vector(${ratio})`),
      this.#record('slo:error_budget:ratio', `vector(1-${ratio})`),
      this.#record('slo:time_period:days', `vector(${windows.period / DAY})`),
      this.#record('slo:current_burn_rate:ratio', this.#perBudget(this.#windows()[0])),
      this.#record('slo:period_burn_rate:ratio', this.#perBudget(this.#period)),
      this.#record('slo:period_error_budget_remaining:ratio', `1 - slo:period_burn_rate:ratio${this.#selector}`),
      this.#record('sloth_slo_info', 'vector(1)', {
        sloth_mode: mode,
        sloth_objective: String(target),
        sloth_spec: spec,
        sloth_version: 'crowsnest',
      }),
    ];
  }

  alerts(): AlertingRule[] {
    const { page, ticket, policies, windows } = this.#objective;
    return [
      ...(page === undefined ? [] : [this.#standard('page', page, windows.page)]),
      ...(ticket === undefined ? [] : [this.#standard('ticket', ticket, windows.ticket)]),
      ...policies.map((policy) => this.#own(policy)),
    ];
  }

  #standard(severity: 'page' | 'ticket', texts: AlertTexts, windows: readonly BurnWindow[]): AlertingRule {
    const burns = ({ short, long, factor }: BurnWindow) => {
      const over = (window: number) => this.#burns(formatDuration(window), '>', factor);
      return `(\n    ${over(short)}\n    and\n    ${over(long)}\n)\n`;
    };
    return this.#alert(this.#objective.alert, windows.map(burns).join('or\n'), texts, severity);
  }

  #own(policy: AlertPolicy): AlertingRule {
    if (policy.kind === 'burn') {
      const { alert, lookback, op, factor } = policy;
      return this.#alert(alert, this.#burns(formatDuration(lookback), op, factor), policy);
    }
    const { alert, expr = `absent(${this.#ratio(this.#windows()[0])})` } = policy;
    const annotations = {
      title: `${this.#objective.service} ${this.#objective.name} cannot be judged`,
      summary: 'The series that this objective is judged by are missing.',
      ...policy.annotations,
    };
    return this.#alert(alert, expr, { ...policy, labels: { ...this.#ids, ...policy.labels }, annotations });
  }

  #burns(window: string, op: string, factor: number): string {
    return `max(${this.#ratio(window)} ${op} (${printValue(factor)} * ${printValue(this.#budget)})) without (sloth_window)`;
  }

  #alert(alert: string, expr: string, texts: AlertTexts, severity?: string): AlertingRule {
    const kind = severity === undefined ? '' : `(${severity}) `;
    return {
      kind: 'alerting',
      alert,
      expr,
      for: texts.for,
      keepFiringFor: 0,
      labels: { ...texts.labels, ...(severity === undefined ? {} : { sloth_severity: severity }) },
      annotations: {
        title: `${kind}{{$labels.sloth_service}} {{$labels.sloth_slo}} SLO error budget burn rate is too fast.`,
        summary: '{{$labels.sloth_service}} {{$labels.sloth_slo}} SLO error budget burn rate is over expected.',
        ...texts.annotations,
      },
      line: this.#objective.line,
    };
  }

  /** Of all alerts, each once, the shortest first. */
  #windows(): string[] {
    const { windows, policies } = this.#objective;
    const all = [
      ...[...windows.page, ...windows.ticket].flatMap(({ short, long }) => [short, long]),
      ...policies.flatMap((policy) => (policy.kind === 'burn' ? [policy.lookback] : [])),
    ];
    return [...new Set(all)].sort((a, b) => a - b).map(formatDuration);
  }

  #perBudget(window: string): string {
    return `${this.#ratio(window)}\n/ on(sloth_id, sloth_slo, sloth_service) group_left\nslo:error_budget:ratio${this.#selector}\n`;
  }

  #ratio(window: string): string {
    return `slo:sli_error:ratio_rate${window}${this.#selector}`;
  }

  #record(record: string, expr: string, labels: Readonly<Record<string, string>> = {}): RecordingRule {
    const { labels: own, line } = this.#objective;
    return { kind: 'recording', record, expr, labels: { ...own, ...this.#ids, ...labels }, line };
  }
}
