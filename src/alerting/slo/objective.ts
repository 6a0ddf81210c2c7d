import type { BurnWindows } from './windows.ts';

/** Texts that an alert of an objective carries besides its own. */
export interface AlertTexts {
  /** Milliseconds that the condition must hold. */
  readonly for: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** An alert that a file defines itself, beside or instead of the standard page and ticket. */
export type AlertPolicy = BurnPolicy | AbsencePolicy;

export interface BurnPolicy extends AlertTexts {
  readonly kind: 'burn';
  readonly alert: string;
  /** Milliseconds. */
  readonly lookback: number;
  /** A PromQL comparison: `>`, `>=`, … */
  readonly op: string;
  /** How many times faster than even the budget is spent. */
  readonly factor: number;
}

/** Fires when there is nothing to judge by. */
export interface AbsencePolicy extends AlertTexts {
  readonly kind: 'absence';
  readonly alert: string;
  /** undefined: no error ratio over the shortest window. */
  readonly expr?: string;
}

/** An objective, whatever format it was written in. */
export interface Objective {
  /** Names its series: `sloth_id`, `sloth_service`, `sloth_slo`. */
  readonly id: string;
  readonly service: string;
  readonly name: string;
  /** Percent of events that must be good: over 0, up to 100. */
  readonly target: number;
  /** On every series recorded. */
  readonly labels: Readonly<Record<string, string>>;
  /** PromQL of the ratio of bad events to all events over a window such as `5m`. */
  readonly errorRatio: (window: string) => string;
  readonly windows: BurnWindows;
  /** The name of the page and the ticket. */
  readonly alert: string;
  /** undefined where no such alert is wanted. */
  readonly page: AlertTexts | undefined;
  readonly ticket: AlertTexts | undefined;
  readonly policies: readonly AlertPolicy[];
  /** The format, as `sloth_slo_info` says it. */
  readonly spec: string;
  readonly mode: string;
  /** Milliseconds. */
  readonly interval: number;
  readonly line: number;
}
