import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

export { Counter, Gauge, Histogram, Registry };

/** All self metrics of the process. A room declares its own in its `metrics.ts`, named `crowsnest_…`. */
export const registry = new Registry();

let defaults = false;

/** Adds `process_*` and `nodejs_*`; harmless when called again. */
export function collectProcessMetrics(): void {
  if (defaults) return;
  defaults = true;
  collectDefaultMetrics({ register: registry });
}

export function counter<T extends string = never>(
  name: string,
  help: string,
  labelNames: readonly T[] = [],
): Counter<T> {
  return new Counter({ name, help, labelNames, registers: [registry] });
}

export function gauge<T extends string = never>(name: string, help: string, labelNames: readonly T[] = []): Gauge<T> {
  return new Gauge({ name, help, labelNames, registers: [registry] });
}

export function histogram<T extends string = never>(
  name: string,
  help: string,
  buckets: number[],
  labelNames: readonly T[] = [],
): Histogram<T> {
  return new Histogram({ name, help, buckets, labelNames, registers: [registry] });
}
