import { existsSync, readFileSync } from 'node:fs';
import { Labels } from '../model/labels.ts';
import type { SeriesLayout } from '../model/sample.ts';
import type { Store } from './types.ts';

/** What the benchmarks of the store feed and print. Half of the series are constant, 30 % counters, 20 % noisy gauges. */
export const STEP = 15_000;
const TARGETS = 10;

export interface Load {
  readonly layouts: readonly SeriesLayout[];
  readonly values: Float64Array;
}

export function createLoad(series: number): Load {
  const layouts = Array.from({ length: TARGETS }, (_, target) => ({
    series: Array.from({ length: series / TARGETS }, (_value, i) => ({
      labels: Labels.of({
        __name__: `metric_${i % 500}`,
        instance: `10.0.0.${target}:9100`,
        job: 'node',
        pod: `pod-${Math.floor(i / 500)}`,
        zone: 'eu-1a',
        mode: `m${i % 7}`,
      }),
    })),
  }));
  return { layouts, values: new Float64Array(series) };
}

export async function writeRound(store: Store, { layouts, values }: Load, time: number): Promise<void> {
  const each = values.length / TARGETS;
  const writes = layouts.map((layout, target) => {
    for (let s = target * each; s < (target + 1) * each; s++) {
      const kind = s % 10;
      if (kind >= 8) values[s] = Math.round(Math.random() * 1e6) / 1e3;
      else if (kind >= 5) values[s] += Math.floor(Math.random() * 40);
    }
    const own = values.slice(target * each, (target + 1) * each);
    return store.write({ layout, values: own, timestamps: new Float64Array(each).fill(time + target * 997) });
  });
  await Promise.all(writes);
}

/** Megabytes of the largest child of this process. */
export function childPeak(): number {
  const children = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').split(' ').filter(Boolean);
  return Math.max(
    0,
    ...children.map((pid) => {
      const status = existsSync(`/proc/${pid}/status`) ? readFileSync(`/proc/${pid}/status`, 'utf8') : '';
      return Math.round(Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
    }),
  );
}

/** Answers the longest time, in milliseconds, that nothing else had a turn. */
export function watchStalls(): () => number {
  let last = performance.now();
  let longest = 0;
  const timer = setInterval(() => {
    const now = performance.now();
    longest = Math.max(longest, now - last - 1);
    last = now;
  }, 1);
  return () => {
    clearInterval(timer);
    return longest;
  };
}

export async function sizes(store: Store): Promise<void> {
  const { samples, logRecords, bytes, chunks } = await store.stat();
  const each = samples > 0 ? `, ${(bytes / samples).toFixed(2)} B/sample` : '';
  say(`${samples} samples, ${logRecords} lines in ${chunks} files, ${Math.round(bytes / 1e6)} MB${each}`);
}

export function spread(times: readonly number[]): string {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))].toFixed(1);
  return `p50 ${at(0.5)} p99 ${at(0.99)} ms`;
}

export function say(text: string): void {
  const status = readFileSync('/proc/self/status', 'utf8');
  const megabytes = (key: string) => Math.round(Number(new RegExp(`${key}:\\s+(\\d+)`).exec(status)?.[1]) / 1024);
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  const own = `heap ${Math.round(heapUsed / 2 ** 20)}, buffers ${Math.round(arrayBuffers / 2 ** 20)} MB`;
  console.log(`${text}  [RSS ${megabytes('VmRSS')}, peak ${megabytes('VmHWM')}, ${own}]`);
}
