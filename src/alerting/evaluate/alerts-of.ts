import type { Alert } from '../../model/alert.ts';
import { Labels } from '../../model/labels.ts';
import { fingerprintOf } from '../fingerprint.ts';
import { queryEscape } from '../template/builtins.ts';
import type { Instance } from './alert-state.ts';
import { type EnrichInput, type FieldDefaults, enrich } from './enrich.ts';

/** As in Prometheus: a firing alert that is not heard of for four of these, or four intervals of its rule, is over. Milliseconds. */
const RESEND = 60_000;

export interface AlertFactoryOptions {
  readonly externalLabels: Readonly<Record<string, string>>;
  readonly hasPlaybook: EnrichInput['hasPlaybook'];
  readonly defaults: FieldDefaults;
}

/** What an alert is made of. `rule` is absent where it is gone. */
export interface AlertSource {
  readonly instance: Instance;
  readonly rule: { readonly expr: string; readonly labels: Readonly<Record<string, string>> } | undefined;
  /** Milliseconds between evaluations. */
  readonly interval: number;
}

/** Turns the instances of rules into alerts: external labels, page fields and links are added. */
export class AlertFactory {
  readonly #options: AlertFactoryOptions;
  /** By the labels of the instance, which keeps them for as long as it lives. */
  readonly #labels = new WeakMap<Labels, Labels>();

  constructor(options: AlertFactoryOptions) {
    this.#options = options;
  }

  /** With external labels where the alert has none of the name, as Prometheus sends it (source: notifier/manager.go). */
  labelsOf(labels: Labels): Labels {
    const known = this.#labels.get(labels);
    if (known !== undefined) return known;
    const all = Labels.of([...Object.entries(this.#options.externalLabels), ...labels.entries()]);
    this.#labels.set(labels, all);
    return all;
  }

  /** Page fields of an alert that no rule here returned. */
  enrich({ labels, annotations }: Pick<Alert, 'labels' | 'annotations'>): Pick<Alert, 'fields' | 'provenance'> {
    const { defaults, hasPlaybook } = this.#options;
    return enrich({ alertname: labels.get('alertname'), labels, annotations, ruleLabels: {}, hasPlaybook }, defaults);
  }

  /** An alert as it is at `at`; one that is pending starts when its condition did. */
  alertOf({ instance, rule, interval }: AlertSource, at: number): Alert {
    const { annotations, state, value } = instance;
    const { defaults, hasPlaybook } = this.#options;
    const labels = this.labelsOf(instance.labels);
    return {
      labels,
      ruleLabels: instance.labels,
      annotations,
      startsAt: state === 'pending' ? instance.activeAt : instance.firedAt,
      endsAt: state === 'inactive' ? instance.resolvedAt : at + 4 * Math.max(interval, RESEND),
      generatorURL:
        rule === undefined ? '' : `${defaults.externalUrl}/graph?g0.expr=${queryEscape(rule.expr)}&g0.tab=1`,
      fingerprint: fingerprintOf(labels),
      value,
      ...enrich(
        {
          alertname: labels.get('alertname'),
          labels: instance.labels,
          annotations,
          ruleLabels: rule?.labels ?? {},
          hasPlaybook,
        },
        defaults,
      ),
    };
  }
}
