import { formatDuration } from '../../../lib/time/duration.ts';
import { validate, type z } from '../../../lib/schema/schema.ts';
import { type Complaint, InputError, type Path, type YamlSource } from '../../../lib/schema/yaml.ts';
import type { ParseOptions } from '../../rules/parse.ts';
import type { AlertPolicy, AlertTexts, Objective } from '../objective.ts';
import { type BurnWindows, standardWindows } from '../windows.ts';
import { checkIndicator, errorRatio } from './indicator.ts';
import {
  type ConditionSpec,
  type IndicatorSpec,
  type PolicySpec,
  type Slo,
  type SloObjective,
  conditionSchema,
  otherSchema,
  policySchema,
  sliSchema,
  sloSchema,
} from './schema.ts';

const COMPARISONS = { lte: '<=', gte: '>=', lt: '<', gt: '>' } as const;

const KINDS = 'SLO, SLI, AlertPolicy, AlertCondition, Service, DataSource, AlertNotificationTarget';

/** A part of a file with its place, so that a complaint about it finds the line. */
interface Located<T> {
  readonly source: YamlSource;
  readonly path: Path;
  readonly value: T;
}

/** What the documents of a file define, by name. */
interface Definitions {
  readonly slos: Located<Slo>[];
  readonly indicators: Map<string, Located<IndicatorSpec>>;
  readonly policies: Map<string, Located<PolicySpec>>;
  readonly conditions: Map<string, Located<ConditionSpec>>;
}

/**
 * The objectives of a file's OpenSLO documents (source: OpenSLO v1). What an SLO refers to stands in the same file.
 * @throws {InputError} with the faults of every document.
 */
export function openSloDocuments(sources: readonly YamlSource[], options: ParseOptions): Objective[] {
  const complaints: Complaint[] = [];
  const collect = <T>(read: () => T[]): T[] => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      complaints.push(...error.complaints);
      return [];
    }
  };
  const defined: Definitions = { slos: [], indicators: new Map(), policies: new Map(), conditions: new Map() };
  for (const source of sources) collect(() => [define(source, defined)]);
  const objectives = defined.slos.flatMap((slo) => collect(() => new SloReader(slo, defined, options).objectives()));
  if (complaints.length > 0) throw new InputError(complaints);
  return objectives;
}

/** Validates one document by its kind and files it under its name. */
function define(source: YamlSource, defined: Definitions): void {
  const read = <T>(schema: z.ZodType<T>): T => validate(source, schema);
  const located = <T>(value: T): Located<T> => ({ source, path: ['spec'], value });
  const { kind } = source.value as { readonly kind?: unknown };
  switch (kind) {
    case 'SLO':
      defined.slos.push({ source, path: [], value: read(sloSchema) });
      break;
    case 'SLI': {
      const { metadata, spec } = read(sliSchema);
      defined.indicators.set(metadata.name, located(spec));
      break;
    }
    case 'AlertPolicy': {
      const { metadata, spec } = read(policySchema);
      defined.policies.set(metadata.name, located(spec));
      break;
    }
    case 'AlertCondition': {
      const { metadata, spec } = read(conditionSchema);
      defined.conditions.set(metadata.name, located(spec));
      break;
    }
    case 'Service':
    case 'DataSource':
    case 'AlertNotificationTarget':
      read(otherSchema);
      break;
    default:
      throw new InputError([source.complain(['kind'], `expected one of ${KINDS}, not ${JSON.stringify(kind)}`)]);
  }
}

class SloReader {
  readonly #slo: Slo;
  readonly #source: YamlSource;
  readonly #defined: Definitions;
  readonly #options: ParseOptions;
  readonly #complaints: Complaint[] = [];

  constructor({ source, value }: Located<Slo>, defined: Definitions, options: ParseOptions) {
    this.#slo = value;
    this.#source = source;
    this.#defined = defined;
    this.#options = options;
  }

  objectives(): Objective[] {
    const { spec } = this.#slo;
    const indicator = this.#indicator();
    const policies = spec.alertPolicies?.flatMap((policy, i) => this.#policy(policy, ['spec', 'alertPolicies', i]));
    const windows = standardWindows(spec.timeWindow[0].duration);
    const objectives = spec.objectives.map((objective, i) =>
      this.#objective(objective, i, windows, indicator, policies),
    );
    if (this.#complaints.length > 0) throw new InputError(this.#complaints);
    return objectives;
  }

  #objective(
    objective: SloObjective,
    i: number,
    windows: BurnWindows,
    indicator: Located<IndicatorSpec> | undefined,
    policies: readonly AlertPolicy[] | undefined,
  ): Objective {
    const { metadata, spec } = this.#slo;
    const path: Path = ['spec', 'objectives', i];
    this.#check(objective, path, indicator?.value);
    if (indicator !== undefined) {
      const { source, path: at, value } = indicator;
      const { parseExpr } = this.#options;
      this.#complaints.push(...checkIndicator(source, at, value, objective, spec.budgetingMethod, parseExpr));
    }
    const name = spec.objectives.length === 1 ? metadata.name : `${metadata.name}-${i}`;
    const texts = (severity: string): AlertTexts => ({
      for: 0,
      labels: { severity },
      annotations: metadata.annotations,
    });
    return {
      id: `${spec.service}-${name}`,
      service: spec.service,
      name,
      target: objective.targetPercent ?? (objective.target ?? 1) * 100,
      labels: metadata.labels,
      errorRatio: (window) => errorRatio(indicator?.value ?? {}, objective, spec.budgetingMethod, window),
      windows,
      alert: 'ErrorBudgetBurn',
      page: policies === undefined ? texts('page') : undefined,
      ticket: policies === undefined ? texts('ticket') : undefined,
      policies: policies ?? [],
      spec: 'openslo/v1',
      mode: 'crowsnest',
      interval: this.#options.interval,
      line: this.#source.complain(path, '').line,
    };
  }

  #check(objective: SloObjective, path: Path, indicator: IndicatorSpec | undefined): void {
    const { budgetingMethod, timeWindow } = this.#slo.spec;
    if ((objective.target === undefined) === (objective.targetPercent === undefined))
      this.#complain(path, 'expected one of target and targetPercent');
    if (indicator?.thresholdMetric !== undefined && (objective.op === undefined || objective.value === undefined))
      this.#complain(path, 'expected op and value, as the indicator has a thresholdMetric');
    if (budgetingMethod === 'Timeslices' && objective.timeSliceTarget === undefined)
      this.#complain(path, 'expected a timeSliceTarget, as the budgetingMethod is Timeslices');
    const shortest = standardWindows(timeWindow[0].duration).page[0].short;
    if (budgetingMethod !== 'Occurrences' && (objective.timeSliceWindow ?? 0) > shortest)
      this.#complain([...path, 'timeSliceWindow'], `expected at most ${formatDuration(shortest)}, the shortest window`);
  }

  #indicator(): Located<IndicatorSpec> | undefined {
    const { indicator, indicatorRef } = this.#slo.spec;
    if ((indicator === undefined) === (indicatorRef === undefined)) {
      this.#complain(['spec'], 'expected one of indicator and indicatorRef');
      return undefined;
    }
    if (indicator !== undefined)
      return { source: this.#source, path: ['spec', 'indicator', 'spec'], value: indicator.spec };
    return this.#find(this.#defined.indicators, 'SLI', indicatorRef ?? '', ['spec', 'indicatorRef']);
  }

  #policy(policy: NonNullable<Slo['spec']['alertPolicies']>[number], path: Path): AlertPolicy[] {
    const ref = typeof policy === 'string' ? policy : 'alertPolicyRef' in policy ? policy.alertPolicyRef : undefined;
    const found =
      ref !== undefined
        ? this.#find(this.#defined.policies, 'AlertPolicy', ref, path)
        : { value: (policy as { readonly spec: PolicySpec }).spec };
    const name = ref ?? (policy as { readonly metadata: { readonly name: string } }).metadata.name;
    if (found === undefined) return [];
    const { conditions, notificationTargets, alertWhenBreaching, alertWhenNoData } = found.value;
    const spec = this.#condition(conditions[0], path);
    if (spec === undefined) return [];
    const { op, threshold, lookbackWindow, alertAfter } = spec.condition;
    const targets = (notificationTargets ?? []).map((target) =>
      'targetRef' in target ? String(target.targetRef) : target.metadata.name,
    );
    const texts: AlertTexts = {
      for: alertAfter,
      labels: { severity: spec.severity, ...(targets.length === 0 ? {} : { notification_target: targets.join(',') }) },
      annotations: this.#slo.metadata.annotations,
    };
    const burn = {
      kind: 'burn',
      alert: name,
      lookback: lookbackWindow,
      op: COMPARISONS[op],
      factor: threshold,
    } as const;
    return [
      ...(alertWhenBreaching ? [{ ...burn, ...texts }] : []),
      ...(alertWhenNoData ? [{ kind: 'absence', alert: `${name}NoData`, ...texts } as const] : []),
    ];
  }

  #condition(condition: PolicySpec['conditions'][number], path: Path): ConditionSpec | undefined {
    if (!('conditionRef' in condition)) return condition.spec;
    return this.#find(this.#defined.conditions, 'AlertCondition', condition.conditionRef, path)?.value;
  }

  #find<T>(among: ReadonlyMap<string, T>, kind: string, name: string, path: Path): T | undefined {
    const found = among.get(name);
    if (found === undefined) this.#complain(path, `no ${kind} named ${JSON.stringify(name)} in this file`);
    return found;
  }

  #complain(path: Path, message: string): void {
    this.#complaints.push(this.#source.complain(path, message));
  }
}
