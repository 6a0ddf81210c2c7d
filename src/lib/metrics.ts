import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

export { Counter, Gauge, Histogram, Registry };

/** All self metrics of the process. A module declares its own in its `metrics.ts`, named `crowsnest_…`. */
export const registry = new Registry();

let defaults = false;

/** Of how long the event loop was held, these are measured by a timer that wakes the process a hundred times a second. */
const BY_TIMER = ['min', 'max', 'mean', 'stddev', 'p50', 'p90', 'p99'].map(
  (what) => `nodejs_eventloop_lag_${what}_seconds`,
);

/** Gauges that are named as if they were counters; their sums are at hand without. */
const MISNAMED = ['handles', 'requests', 'resources'].map((what) => `nodejs_active_${what}_total`);

/** Adds `process_*` and `nodejs_*` but for those that keep an idle process busy or mislead; harmless when called again. */
export function collectProcessMetrics(): void {
  if (defaults) return;
  defaults = true;
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 60_000 });
  for (const name of [...BY_TIMER, ...MISNAMED]) registry.removeSingleMetric(name);
}

export function counter<T extends string = never>(
  name: string,
  help: string,
  labelNames: readonly T[] = [],
): Counter<T> {
  return new Counter({ name, help, labelNames, registers: [registry] });
}

/** @param collect sets the values, each time they are asked for. */
export function gauge<T extends string = never>(
  name: string,
  help: string,
  labelNames: readonly T[] = [],
  collect?: (gauge: Gauge<T>) => void,
): Gauge<T> {
  const created: Gauge<T> = new Gauge({
    name,
    help,
    labelNames,
    registers: [registry],
    ...(collect !== undefined && { collect: () => collect(created) }),
  });
  return created;
}

export function histogram<T extends string = never>(
  name: string,
  help: string,
  buckets: number[],
  labelNames: readonly T[] = [],
): Histogram<T> {
  return new Histogram({ name, help, buckets, labelNames, registers: [registry] });
}
