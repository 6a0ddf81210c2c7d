import { Labels } from '../../model/labels.ts';
import { formatHistogram } from '../../promql/histogram/index.ts';
import type { Query } from '../../model/query.ts';
import type { ActiveAlert, AlertingRule, RecordingRule } from '../../model/rule.ts';
import type { AlertState } from '../../model/alert.ts';
import { type RuleTemplate, parseRuleTemplate } from '../template/expand.ts';
import { AlertInstances, type AlertResult, type Change, type Instance } from './alert-state.ts';
import type { OutputSample } from './series.ts';

/** What a rule is evaluated in. */
export interface RuleContext {
  readonly query: Query;
  readonly externalLabels: Readonly<Record<string, string>>;
  readonly externalUrl: string;
  readonly onTemplateError: (message: string) => void;
}

export interface Moment {
  /** Milliseconds: the time of the evaluation. */
  readonly at: number;
  /** The expression is asked for, and results stand at, this much earlier. */
  readonly queryOffset: number;
  /** Of series or alerts of one rule; 0 = none. */
  readonly limit: number;
}

/** @throws {Error} in Prometheus' words for a limit or for results that are the same after labelling. */
export async function evaluateRecording(
  rule: RecordingRule,
  context: RuleContext,
  moment: Moment,
  signal?: AbortSignal,
): Promise<OutputSample[]> {
  const { samples } = await context.query(rule.expr, moment.at - moment.queryOffset, signal);
  const labels = Object.entries(rule.labels);
  const output = samples.map((sample): OutputSample => {
    const named = labels.reduce(
      (set, [name, value]) => set.with(name, value),
      sample.labels.with('__name__', rule.record),
    );
    return { labels: named, value: sample.value, histogram: sample.histogram };
  });
  if (new Set(output.map((sample) => sample.labels.key)).size < output.length)
    throw new Error('vector contains metrics with the same labelset after applying rule labels');
  if (moment.limit > 0 && output.length > moment.limit)
    throw new Error(`exceeded limit of ${moment.limit} with ${output.length} series`);
  return output;
}

/** Milliseconds of templates in a row. */
const SLICE = 10;

interface NamedTemplate {
  readonly name: string;
  readonly template: RuleTemplate;
}

/** An alerting rule with its instances, from evaluation to evaluation. */
export class AlertEvaluator {
  readonly rule: AlertingRule;
  readonly instances = new AlertInstances();
  readonly #labels: readonly NamedTemplate[];
  readonly #annotations: readonly NamedTemplate[];

  constructor(rule: AlertingRule) {
    this.rule = rule;
    const parse = ([name, text]: [string, string]) => ({ name, template: parseRuleTemplate(rule.alert, text) });
    this.#labels = Object.entries(rule.labels).map(parse);
    this.#annotations = Object.entries(rule.annotations).map(parse);
  }

  /** @throws {Error} in Prometheus' words for a limit or for alerts that are the same after templating. */
  async evaluate(
    context: RuleContext,
    moment: Moment,
    signal?: AbortSignal,
  ): Promise<{ samples: OutputSample[]; changes: Change[] }> {
    const results = await this.#results(context, moment, signal);
    const changes = this.instances.update(results, this.rule, moment.at);
    const active = this.instances.active();
    if (moment.limit > 0 && active.length > moment.limit) {
      this.instances.clear();
      throw new Error(`exceeded limit of ${moment.limit} with ${active.length} alerts`);
    }
    return { samples: active.flatMap((instance) => this.#samplesOf(instance)), changes };
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

  async #results(context: RuleContext, moment: Moment, signal?: AbortSignal): Promise<Map<string, AlertResult>> {
    const { samples } = await context.query(this.rule.expr, moment.at - moment.queryOffset, signal);
    const results = new Map<string, AlertResult>();
    let since = performance.now();
    for (const sample of samples) {
      // Thousands of alerts must not hold up whatever else the process does.
      if (performance.now() - since > SLICE) {
        await new Promise((resolve) => setImmediate(resolve));
        since = performance.now();
      }
      const data = {
        labels: sample.labels.toJSON(),
        externalLabels: context.externalLabels,
        externalUrl: context.externalUrl,
        value: sample.histogram === undefined ? sample.value : formatHistogram(sample.histogram),
      };
      const expand = async ({ template }: NamedTemplate): Promise<string> => {
        try {
          return await template.expand(data, { at: moment.at, query: context.query });
        } catch (error) {
          context.onTemplateError((error as Error).message);
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
    return results;
  }

  #samplesOf({ labels, state, activeAt }: Instance): OutputSample[] {
    const own = Object.entries(this.rule.labels).filter(([name]) => !labels.has(name));
    const base = own.length === 0 ? labels : Labels.of([...own, ...labels.entries()]);
    return [
      { labels: base.with('__name__', 'ALERTS').with('alertstate', state), value: 1 },
      { labels: base.with('__name__', 'ALERTS_FOR_STATE'), value: Math.floor(activeAt / 1000) },
    ];
  }
}
