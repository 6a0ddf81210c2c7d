import type { Complaint } from '../../lib/yaml.ts';

export interface CheckResult {
  /** What was looked at and found good, one line each. */
  readonly good: readonly string[];
  /** What a run would take, but hardly as it was meant. */
  readonly warnings: readonly string[];
  /** What a run would refuse. */
  readonly complaints: readonly Complaint[];
}
