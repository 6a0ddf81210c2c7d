import { formatDuration } from '../../../lib/duration.ts';
import { validate } from '../../../lib/schema.ts';
import { type Complaint, InputError, type Path, type YamlSource } from '../../../lib/yaml.ts';
import { quote } from '../../../model/labels.ts';
import type { AlertingRule, RecordingRule, RuleGroup } from '../../../model/rule.ts';
import type { ParseOptions } from '../../rules/parse.ts';
import { parseRuleTemplate } from '../../template/expand.ts';
import { type Objective, type SlothFile, type Window, slothSchema } from './schema.ts';

/** Whether a document is a file of objectives and not of rules. */
export function isSloth(source: YamlSource): boolean {
  const { value } = source;
  return typeof value === 'object' && value !== null && 'version' in value && value.version === 'prometheus/v1';
}

/**
 * Objectives as recording and alerting rules, under the names that Sloth gives them, so that dashboards for Sloth work
 * (source: sloth.dev, prometheus/v1).
 * @throws {InputError}
 */
export function slothGroups(source: YamlSource, options: ParseOptions): RuleGroup[] {
  const file = validate(source, slothSchema);
  const complaints = file.slos.flatMap((slo, i) => checkObjective(source, slo, ['slos', i], options));
  if (complaints.length > 0) throw new InputError(complaints);
  return file.slos.flatMap((slo, i) => {
    const rules = new SloRules(file, slo, source.complain(['slos', i], '').line);
    const interval = file.windows.interval ?? options.interval;
    const common = { file: source.file, interval, queryOffset: 0, limit: 0, labels: {} };
    return [
      { ...common, name: `sloth-slo-sli-recordings-${rules.id}`, rules: rules.errorRatios() },
      { ...common, name: `sloth-slo-meta-recordings-${rules.id}`, rules: rules.metadata() },
      { ...common, name: `sloth-slo-alerts-${rules.id}`, rules: rules.alerts() },
    ].filter((group) => group.rules.length > 0);
  });
}

const WINDOW = /\{\{\s*\.window\s*\}\}/g;

function checkObjective(source: YamlSource, slo: Objective, path: Path, { parseExpr }: ParseOptions): Complaint[] {
  const complaints: Complaint[] = [];
  const { events, raw } = slo.sli;
  if ((events === undefined) === (raw === undefined))
    complaints.push(source.complain([...path, 'sli'], 'expected one of events and raw'));
  const queries: [Path, string][] = [
    ...Object.entries(events ?? {}).map(([key, query]): [Path, string] => [[...path, 'sli', 'events', key], query]),
    ...Object.entries(raw ?? {}).map(([key, query]): [Path, string] => [[...path, 'sli', 'raw', key], query]),
  ];
  for (const [place, query] of queries) {
    if (query.search(WINDOW) < 0) complaints.push(source.complain(place, 'expected {{.window}} in the query'));
    try {
      parseExpr(query.replaceAll(WINDOW, '5m'));
    } catch (error) {
      complaints.push(source.complain(place, `could not parse expression: ${(error as Error).message}`));
    }
  }
  const { alerting } = slo;
  const silent = alerting.page_alert.disable && alerting.ticket_alert.disable;
  if (alerting.name === '' && !silent)
    complaints.push(source.complain([...path, 'alerting'], 'expected a name for the alerts'));
  for (const key of [[], ['page_alert'], ['ticket_alert']] as const) {
    const node = key.length === 0 ? alerting : alerting[key[0]];
    for (const kind of ['labels', 'annotations'] as const) {
      for (const [name, text] of Object.entries(node[kind])) {
        try {
          parseRuleTemplate(alerting.name, text);
        } catch (error) {
          complaints.push(source.complain([...path, 'alerting', ...key, kind, name], (error as Error).message));
        }
      }
    }
  }
  return complaints;
}

class SloRules {
  readonly id: string;
  readonly #file: SlothFile;
  readonly #slo: Objective;
  readonly #line: number;
  readonly #ids: Readonly<Record<string, string>>;

  constructor(file: SlothFile, slo: Objective, line: number) {
    this.id = `${file.service}-${slo.name}`;
    this.#file = file;
    this.#slo = slo;
    this.#line = line;
    this.#ids = { sloth_id: this.id, sloth_service: file.service, sloth_slo: slo.name };
  }

  /** One ratio of errors a window; that of the whole period is the mean of the shortest, which is cheaper than to ask anew. */
  errorRatios(): RecordingRule[] {
    const { period } = this.#file.windows;
    const windows = this.#windows();
    const shortest = this.#ratio(windows[0]);
    const over = formatDuration(period);
    return [
      ...windows.map((window) =>
        this.#record(`slo:sli_error:ratio_rate${formatDuration(window)}`, this.#errorQuery(window), {
          sloth_window: formatDuration(window),
        }),
      ),
      this.#record(
        `slo:sli_error:ratio_rate${over}`,
        `sum_over_time(${shortest}[${over}])\n/ ignoring (sloth_window)\ncount_over_time(${shortest}[${over}])`,
        { sloth_window: over },
      ),
    ];
  }

  metadata(): RecordingRule[] {
    const { period } = this.#file.windows;
    const ratio = this.#slo.objective / 100;
    const budget = `slo:error_budget:ratio${this.#selector()}`;
    const perBudget = (window: number) =>
      `${this.#ratio(window)}\n/ on(sloth_id, sloth_slo, sloth_service) group_left\n${budget}`;
    return [
      this.#record('slo:objective:ratio', `vector(${ratio})`),
      this.#record('slo:error_budget:ratio', `vector(1-${ratio})`),
      this.#record('slo:time_period:days', `vector(${period / 86_400_000})`),
      this.#record('slo:current_burn_rate:ratio', perBudget(this.#windows()[0])),
      this.#record('slo:period_burn_rate:ratio', perBudget(period)),
      this.#record('slo:period_error_budget_remaining:ratio', `1 - slo:period_burn_rate:ratio${this.#selector()}`),
      this.#record('sloth_slo_info', 'vector(1)', {
        sloth_mode: 'crowsnest',
        sloth_objective: String(this.#slo.objective),
        sloth_spec: this.#file.version,
        sloth_version: 'crowsnest',
      }),
    ];
  }

  alerts(): AlertingRule[] {
    const { page, ticket } = this.#file.windows;
    return [...this.#alert('page', page), ...this.#alert('ticket', ticket)];
  }

  #alert(severity: 'page' | 'ticket', windows: readonly Window[]): AlertingRule[] {
    const { alerting } = this.#slo;
    const own = alerting[`${severity}_alert`];
    if (own.disable) return [];
    return [
      {
        kind: 'alerting',
        alert: alerting.name,
        expr: windows.map((window) => this.#burns(window)).join('\nor\n'),
        for: own.for,
        keepFiringFor: 0,
        labels: { ...alerting.labels, ...own.labels, sloth_severity: severity },
        annotations: {
          title: `(${severity}) {{$labels.sloth_service}} {{$labels.sloth_slo}} SLO error budget burn rate is too fast.`,
          summary: '{{$labels.sloth_service}} {{$labels.sloth_slo}} SLO error budget burn rate is over expected.',
          ...alerting.annotations,
          ...own.annotations,
        },
        line: this.#line,
      },
    ];
  }

  #burns({ short, long, factor }: Window): string {
    const budget = (100 - this.#slo.objective) / 100;
    const over = (window: number) => `    max(${this.#ratio(window)} > (${factor} * ${budget})) without (sloth_window)`;
    return `(\n${over(short)}\n    and\n${over(long)}\n)`;
  }

  /** Of all alerts, each once, the shortest first. */
  #windows(): number[] {
    const { page, ticket } = this.#file.windows;
    const all = [...page, ...ticket].flatMap(({ short, long }) => [short, long]);
    return [...new Set(all)].sort((a, b) => a - b);
  }

  #errorQuery(window: number): string {
    const { events, raw } = this.#slo.sli;
    const fill = (query: string) => query.trim().replaceAll(WINDOW, formatDuration(window));
    return events === undefined
      ? `(${fill(raw?.error_ratio_query ?? '')})`
      : `(${fill(events.error_query)})\n/\n(${fill(events.total_query)})`;
  }

  #ratio(window: number): string {
    return `slo:sli_error:ratio_rate${formatDuration(window)}${this.#selector()}`;
  }

  #selector(): string {
    return `{${Object.entries(this.#ids)
      .map(([name, value]) => `${name}=${quote(value)}`)
      .join(', ')}}`;
  }

  #record(record: string, expr: string, labels: Readonly<Record<string, string>> = {}): RecordingRule {
    return {
      kind: 'recording',
      record,
      expr,
      labels: { ...this.#file.labels, ...this.#slo.labels, ...this.#ids, ...labels },
      line: this.#line,
    };
  }
}
