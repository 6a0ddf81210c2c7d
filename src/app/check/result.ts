import type { Complaint } from '../../lib/schema/yaml.ts';

/** The commands that run a process. */
export const PROCESSES = ['up', 'agent', 'cluster', 'alerts', 'server'] as const;

export type Process = (typeof PROCESSES)[number];

export interface CheckResult {
  /** What was looked at and found good, one line each. */
  readonly good: readonly string[];
  /** What a run would accept although it is probably a mistake. */
  readonly warnings: readonly string[];
  /** What every run would refuse. */
  readonly complaints: readonly Complaint[];
}

/** What one check found. */
export interface Finding extends Partial<CheckResult> {
  /** What one command would refuse while others take it. */
  readonly refusals?: Readonly<Partial<Record<Process, readonly Complaint[]>>>;
}
