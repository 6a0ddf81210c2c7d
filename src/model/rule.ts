import type { Labels } from './labels.ts';
import type { AlertState } from './alert.ts';

/** A rule file's group as it was read; durations in milliseconds. */
export interface RuleGroup {
  readonly name: string;
  readonly file: string;
  readonly interval: number;
  readonly queryOffset: number;
  /** 0 = no limit. */
  readonly limit: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly rules: readonly Rule[];
}

export type Rule = RecordingRule | AlertingRule;

export interface RecordingRule {
  readonly kind: 'recording';
  readonly record: string;
  readonly expr: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly line: number;
}

export interface AlertingRule {
  readonly kind: 'alerting';
  readonly alert: string;
  readonly expr: string;
  readonly for: number;
  readonly keepFiringFor: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly line: number;
}

/** A group as `/api/v1/rules` shows it. Times in milliseconds, durations in seconds. */
export interface RuleGroupStatus {
  readonly group: RuleGroup;
  readonly rules: readonly RuleStatus[];
  readonly lastEvaluation: number;
  readonly evaluationTime: number;
}

export interface RuleStatus {
  readonly rule: Rule;
  readonly health: 'unknown' | 'ok' | 'err';
  readonly lastError: string;
  readonly lastEvaluation: number;
  readonly evaluationTime: number;
  /** Of recording rules: 'inactive'. Of alerting rules: the gravest of its alerts. */
  readonly state: AlertState;
  readonly alerts: readonly ActiveAlert[];
}

export interface ActiveAlert {
  readonly labels: Labels;
  readonly annotations: Readonly<Record<string, string>>;
  readonly state: AlertState;
  /** Milliseconds. */
  readonly activeAt: number;
  readonly value: number;
}
