import type { Clock } from '../../lib/time/clock.ts';

export type TargetLabels = Readonly<Record<string, string>>;

/** Targets with labels in common. The next group of the same source replaces it; one without targets takes it away. */
export interface TargetGroup {
  /** Names the group among those of its discoverer, such as `/etc/targets.json:0`. */
  readonly source: string;
  /** The labels of each target, `__address__` among them. */
  readonly targets: readonly TargetLabels[];
  /** Labels of all of them; those of a target win. */
  readonly labels: TargetLabels;
}

/** What a discoverer reports to. */
export interface DiscoveryContext {
  readonly clock: Clock;
  /** Takes over groups that are new, changed or, without targets, gone. Others stay: only changes need to be emitted. */
  readonly emit: (groups: readonly TargetGroup[]) => void;
  /** What is wrong at present, one message each; none once all is well. Targets that were found before stay. */
  readonly fault: (messages: readonly string[]) => void;
}

/** Finds targets in one place, for as long as it runs. */
export interface Discoverer {
  /** Resolves after the first try, good or not, within a bound of its own. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** How a kind of discovery is made from its configuration. */
export type CreateDiscoverer<Config> = (config: Config, context: DiscoveryContext) => Discoverer;

/** The groups with which the groups `gone` are taken away. */
export function emptied(gone: Iterable<string>): TargetGroup[] {
  return Array.from(gone, (source) => ({ source, targets: [], labels: {} }));
}
