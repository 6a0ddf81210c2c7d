import { TimeSlice } from '../../lib/time/time-slice.ts';
import { Labels } from '../../model/labels.ts';
import { shownValue } from '../template/prometheus.ts';
import type { Query } from '../../model/query.ts';
import type { ActiveAlert, AlertingRule, RecordingRule } from '../../model/rule.ts';
import type { AlertState } from '../../model/alert.ts';
import { type RuleTemplate, parseRuleTemplate } from '../template/expand.ts';
import { AlertInstances, type AlertResult, type Change, type Instance } from './alert-state.ts';
import { type RuleOutput, sameLabels } from './series.ts';

/** What a rule is evaluated in. */
export interface RuleContext {
  readonly query: Query;
  readonly externalLabels: Readonly<Record<string, string>>;
  readonly externalUrl: string;
  readonly onTemplateError: (message: string, rule: AlertingRule) => void;
}

export interface Moment {
  /** Milliseconds: the time of the evaluation. */
  readonly at: number;
  /** The expression is asked for, and results stand at, this much earlier. */
  readonly queryOffset: number;
  /** Of series or alerts of one rule; 0 = none. */
  readonly limit: number;
}

/** A recording rule, from evaluation to evaluation. */
export class RecordingEvaluator {
  readonly rule: RecordingRule;
  /** The labels that the expression gave last, and what they became. */
  #given: readonly Labels[] = [];
  #recorded: readonly Labels[] = [];

  constructor(rule: RecordingRule) {
    this.rule = rule;
  }

  /** @throws {Error} in Prometheus' words for a limit or for results that are the same after labelling. */
  async evaluate(context: RuleContext, moment: Moment, signal?: AbortSignal): Promise<RuleOutput> {
    const { samples, warnings } = await context.query(this.rule.expr, moment.at - moment.queryOffset, signal);
    const labels = this.#recordedAs(samples.map((sample) => sample.labels));
    if (moment.limit > 0 && labels.length > moment.limit)
      throw new Error(`exceeded limit of ${moment.limit} with ${labels.length} series`);
    const values = Float64Array.from(samples, (sample) => sample.value);
    const hasHistograms = samples.some((sample) => sample.histogram !== undefined);
    const histograms = hasHistograms ? samples.map((sample) => sample.histogram) : undefined;
    return { labels, values, histograms, partial: partialAnswer(warnings) };
  }

  /** Round after round most expressions give the same series, for which nothing is worked out again. */
  #recordedAs(given: readonly Labels[]): readonly Labels[] {
    if (sameLabels(given, this.#given)) return this.#recorded;
    const own: [string, string][] = [['__name__', this.rule.record], ...Object.entries(this.rule.labels)];
    const recorded = given.map((labels) => own.reduce((set, [name, value]) => set.with(name, value), labels));
    if (new Set(recorded.map(({ key }) => key)).size < recorded.length)
      throw new Error('vector contains metrics with the same labelset after applying rule labels');
    this.#given = given;
    this.#recorded = recorded;
    return recorded;
  }
}

/**
 * The warning by which a store says that its answer may lack series (a replica is away, a limit was reached); undefined for an
 * answer that is whole. Warnings of the language itself, such as a quantile outside 0…1, say nothing about missing series.
 */
export function partialAnswer(warnings: readonly string[]): string | undefined {
  return warnings.find((warning) => !/^PromQL (warning|info)/.test(warning));
}

/** Milliseconds of templates in a row. */
const TURN = 10;

interface NamedTemplate {
  readonly name: string;
  readonly template: RuleTemplate;
}

/** An alerting rule with its instances, from evaluation to evaluation. */
export class AlertEvaluator {
  readonly rule: AlertingRule;
  /** Names the rule's state across restarts: see `stateKeys`. */
  readonly key: string;
  readonly instances = new AlertInstances();
  readonly #labels: readonly NamedTemplate[];
  readonly #annotations: readonly NamedTemplate[];

  constructor(rule: AlertingRule, key = rule.alert) {
    this.rule = rule;
    this.key = key;
    const parse = ([name, text]: [string, string]) => ({ name, template: parseRuleTemplate(rule.alert, text) });
    this.#labels = Object.entries(rule.labels).map(parse);
    this.#annotations = Object.entries(rule.annotations).map(parse);
  }

  /** @throws {Error} in Prometheus' words for a limit or for alerts that are the same after templating. */
  async evaluate(
    context: RuleContext,
    moment: Moment,
    signal?: AbortSignal,
  ): Promise<{ output: RuleOutput; changes: Change[] }> {
    const { results, partial } = await this.#results(context, moment, signal);
    const changes = this.instances.update(results, this.rule, moment.at, partial !== undefined);
    const active = this.instances.active();
    if (moment.limit > 0 && active.length > moment.limit) {
      this.instances.clear();
      throw new Error(`exceeded limit of ${moment.limit} with ${active.length} alerts`);
    }
    return { output: { ...this.#outputOf(active), partial }, changes };
  }

  state(): AlertState {
    const states = new Set(this.instances.all().map((instance) => instance.state));
    return states.has('firing') ? 'firing' : states.has('pending') ? 'pending' : 'inactive';
  }

  activeAlerts(): ActiveAlert[] {
    return this.instances
      .active()
      .map(({ labels, annotations, state, activeAt, value }) => ({ labels, annotations, state, activeAt, value }));
  }

  async #results(
    context: RuleContext,
    moment: Moment,
    signal?: AbortSignal,
  ): Promise<{ results: Map<string, AlertResult>; partial: string | undefined }> {
    const { samples, warnings } = await context.query(this.rule.expr, moment.at - moment.queryOffset, signal);
    const results = new Map<string, AlertResult>();
    const slice = new TimeSlice(TURN);
    for (const sample of samples) {
      // Thousands of alerts must not hold up whatever else the process does.
      if (slice.due) await slice.pause();
      const data = {
        labels: sample.labels.toJSON(),
        externalLabels: context.externalLabels,
        externalUrl: context.externalUrl,
        value: shownValue(sample),
      };
      const expand = async ({ template }: NamedTemplate): Promise<string> => {
        try {
          return await template.expand(data, { at: moment.at, query: context.query });
        } catch (error) {
          context.onTemplateError((error as Error).message, this.rule);
          return `<error expanding template: ${(error as Error).message}>`;
        }
      };
      let labels = sample.labels.with('__name__', '');
      for (const label of this.#labels) labels = labels.with(label.name, await expand(label));
      labels = labels.with('alertname', this.rule.alert);
      const annotations: Record<string, string> = {};
      for (const annotation of this.#annotations) annotations[annotation.name] = await expand(annotation);
      if (results.has(labels.key))
        throw new Error('vector contains metrics with the same labelset after applying alert labels');
      // As in Prometheus, where an alert's value is a float.
      results.set(labels.key, { labels, annotations, value: sample.histogram === undefined ? sample.value : 0 });
    }
    return { results, partial: partialAnswer(warnings) };
  }

  #outputOf(active: readonly Instance[]): RuleOutput {
    return {
      labels: active.flatMap((instance) => this.#seriesOf(instance)),
      values: Float64Array.from(active.flatMap(({ activeAt }) => [1, Math.floor(activeAt / 1000)])),
    };
  }

  #seriesOf({ labels, state }: Instance): Labels[] {
    const own = Object.entries(this.rule.labels).filter(([name]) => !labels.has(name));
    const base = own.length === 0 ? labels : Labels.of([...own, ...labels.entries()]);
    return [base.with('__name__', 'ALERTS').with('alertstate', state), base.with('__name__', 'ALERTS_FOR_STATE')];
  }
}
