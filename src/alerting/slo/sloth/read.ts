import { validate } from '../../../lib/schema/schema.ts';
import { type Complaint, InputError, type Path, type YamlSource } from '../../../lib/schema/yaml.ts';
import type { ParseOptions } from '../../rules/parse.ts';
import { parseRuleTemplate } from '../../template/expand.ts';
import type { AlertTexts, Objective } from '../objective.ts';
import { checkQuery, fillWindow } from '../query.ts';
import { type BurnWindows, standardWindows } from '../windows.ts';
import { type SlothObjective, type SlothSpec, slothFileSchema, slothSpecSchema } from './schema.ts';

/** Keys as they stand in the file, for complaints. */
const FILE_KEYS = {
  errorQuery: 'error_query',
  totalQuery: 'total_query',
  errorRatioQuery: 'error_ratio_query',
  pageAlert: 'page_alert',
  ticketAlert: 'ticket_alert',
} as const;
const SPEC_KEYS: Readonly<Record<keyof typeof FILE_KEYS, string>> = {
  errorQuery: 'errorQuery',
  totalQuery: 'totalQuery',
  errorRatioQuery: 'errorRatioQuery',
  pageAlert: 'pageAlert',
  ticketAlert: 'ticketAlert',
};

/** Sloth takes no other, as they end up in names of groups and in label values that people type. */
const NAME = /^[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?$/;

/** The objectives of Sloth's own file (source: sloth.dev, prometheus/v1). @throws {InputError} */
export function slothFile(source: YamlSource, options: ParseOptions): Objective[] {
  const file = validate(source, slothFileSchema);
  return new SlothReader(source, file, FILE_KEYS, options, ['prometheus/v1', 'cli-gen-prom']).objectives();
}

/** The objectives in the `spec` of Sloth's Kubernetes object. @throws {InputError} */
export function slothSpec(source: YamlSource, options: ParseOptions): Objective[] {
  const spec = validate(source, slothSpecSchema);
  return new SlothReader(source, spec, SPEC_KEYS, options, ['sloth.slok.dev/v1', 'cli-gen-k8s']).objectives();
}

class SlothReader {
  readonly #source: YamlSource;
  readonly #spec: SlothSpec;
  readonly #keys: Readonly<Record<keyof typeof FILE_KEYS, string>>;
  readonly #options: ParseOptions;
  readonly #format: readonly [spec: string, mode: string];
  readonly #complaints: Complaint[] = [];

  constructor(
    source: YamlSource,
    spec: SlothSpec,
    keys: Readonly<Record<keyof typeof FILE_KEYS, string>>,
    options: ParseOptions,
    format: readonly [spec: string, mode: string],
  ) {
    this.#source = source;
    this.#spec = spec;
    this.#keys = keys;
    this.#options = options;
    this.#format = format;
  }

  objectives(): Objective[] {
    if (!NAME.test(this.#spec.service)) this.#complain(['service'], NAME_EXPECTED);
    this.#spec.slos.forEach((slo, i) => this.#check(slo, ['slos', i]));
    if (this.#complaints.length > 0) throw new InputError(this.#complaints);
    const windows = this.#windows();
    return this.#spec.slos.map((slo, i) => this.#objective(slo, windows, this.#source.complain(['slos', i], '').line));
  }

  #objective(slo: SlothObjective, windows: BurnWindows, line: number): Objective {
    const { service, labels, windows: own } = this.#spec;
    const { events, raw } = slo.sli;
    const texts = (alert: SlothObjective['alerting']['pageAlert']): AlertTexts | undefined =>
      alert.disable
        ? undefined
        : {
            for: alert.for,
            labels: { ...slo.alerting.labels, ...alert.labels },
            annotations: { ...slo.alerting.annotations, ...alert.annotations },
          };
    return {
      id: `${service}-${slo.name}`,
      service,
      name: slo.name,
      target: slo.objective,
      labels: { ...labels, ...slo.labels },
      errorRatio: (window) =>
        events === undefined
          ? `(${fillWindow(raw?.errorRatioQuery ?? '', window)})`
          : `(${fillWindow(events.errorQuery, window)})\n/\n(${fillWindow(events.totalQuery, window)})\n`,
      windows,
      alert: slo.alerting.name,
      page: texts(slo.alerting.pageAlert),
      ticket: texts(slo.alerting.ticketAlert),
      policies: [],
      spec: this.#format[0],
      mode: this.#format[1],
      interval: own.interval ?? this.#options.interval,
      line,
    };
  }

  #windows(): BurnWindows {
    const { period, page, ticket } = this.#spec.windows;
    const standard = standardWindows(period);
    return { period, page: page ?? standard.page, ticket: ticket ?? standard.ticket };
  }

  #check(slo: SlothObjective, path: Path): void {
    if (!NAME.test(slo.name)) this.#complain([...path, 'name'], NAME_EXPECTED);
    this.#checkQueries(slo, [...path, 'sli']);
    const { alerting } = slo;
    const silent = alerting.pageAlert.disable && alerting.ticketAlert.disable;
    if (alerting.name === '' && !silent) this.#complain([...path, 'alerting'], 'expected a name for the alerts');
    this.#checkTexts(alerting.name, alerting, [...path, 'alerting']);
    for (const kind of ['pageAlert', 'ticketAlert'] as const)
      this.#checkTexts(alerting.name, alerting[kind], [...path, 'alerting', this.#keys[kind]]);
  }

  #checkQueries({ sli: { events, raw } }: SlothObjective, path: Path): void {
    if ((events === undefined) === (raw === undefined)) this.#complain(path, 'expected one of events and raw');
    const check = (kind: string, key: keyof typeof FILE_KEYS, query: string) =>
      this.#complaints.push(
        ...checkQuery(this.#source, [...path, kind, this.#keys[key]], query, this.#options.parseExpr),
      );
    if (events !== undefined) {
      check('events', 'errorQuery', events.errorQuery);
      check('events', 'totalQuery', events.totalQuery);
    }
    if (raw !== undefined) check('raw', 'errorRatioQuery', raw.errorRatioQuery);
  }

  #checkTexts(alert: string, texts: Pick<AlertTexts, 'labels' | 'annotations'>, path: Path): void {
    for (const kind of ['labels', 'annotations'] as const) {
      for (const [name, text] of Object.entries(texts[kind])) {
        try {
          parseRuleTemplate(alert, text);
        } catch (error) {
          this.#complain([...path, kind, name], (error as Error).message);
        }
      }
    }
  }

  #complain(path: Path, message: string): void {
    this.#complaints.push(this.#source.complain(path, message));
  }
}

const NAME_EXPECTED = 'expected letters, digits, ".", "_" and "-", with a letter or digit first and last';
