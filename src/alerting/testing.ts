import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import { createLogger } from '../lib/logger.ts';
import { ManualClock } from '../lib/time/clock.ts';
import { Labels } from '../model/labels.ts';
import type { AlertEvent } from '../model/alert.ts';
import type { Query, VectorSample } from '../model/query.ts';
import { type SampleBatch, isStale, wordsOf } from '../model/sample.ts';
import type { RuleGroupStatus } from '../model/rule.ts';
import { alertingSchema } from './config.ts';
import { createAlerting } from './alert-manager.ts';
import type { Alerting } from './types.ts';
import { offsetOf } from './evaluate/group.ts';

/** Half past ten on a quiet day, a whole minute. */
export const START = Date.UTC(2026, 10, 21, 10, 30);

export const quietLogger = createLogger({ quiet: true });

export async function withFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'crowsnest-alerting-'));
  try {
    await run(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export function sample(labels: Record<string, string>, value: number, timestamp = START): VectorSample {
  return { labels: Labels.of(labels), timestamp, value };
}

/** Answers each expression with what `answers` holds for it, nothing for the rest. */
export function fakeQuery(
  answers: Map<string, readonly VectorSample[] | Error>,
  warnings: readonly string[] = [],
): Query {
  return (expr) => {
    const answer = answers.get(expr) ?? [];
    return answer instanceof Error
      ? Promise.reject(answer)
      : Promise.resolve({ samples: answer, warnings: [...warnings], infos: [] });
  };
}

/** What was written, as `name{labels} value @ms`, stale markers as `stale`. */
export function written(batches: readonly SampleBatch[]): string[] {
  return batches.flatMap((batch) => {
    const words = wordsOf(batch.values);
    return batch.layout.series.map(
      (series, i) =>
        `${series.labels.toString()} ${isStale(words, i) ? 'stale' : batch.values[i]} @${batch.timestamps[i] - START}`,
    );
  });
}

export interface Stage {
  readonly alerting: Alerting;
  readonly clock: ManualClock;
  readonly answers: Map<string, readonly VectorSample[] | Error>;
  /** That come with every answer. */
  readonly warnings: string[];
  readonly batches: SampleBatch[];
  readonly events: AlertEvent[];
  readonly printed: string[];
  /** Moves on by `ms` and lets deliveries end. */
  readonly advance: (ms: number) => Promise<void>;
}

/** Alerting over a folder, with a clock that stands and a store that says what the test wants. */
export function stage(folder: string, config: Record<string, unknown> = {}, clock = new ManualClock(START)): Stage {
  const answers = new Map<string, readonly VectorSample[] | Error>();
  const warnings: string[] = [];
  const batches: SampleBatch[] = [];
  const events: AlertEvent[] = [];
  const printed: string[] = [];
  const alerting = createAlerting({
    config: alertingSchema.parse(config),
    configDir: folder,
    query: fakeQuery(answers, warnings),
    write: (batch) => {
      batches.push({ ...batch, values: batch.values.slice(), timestamps: batch.timestamps.slice() });
      return Promise.resolve({ accepted: batch.values.length, refused: {} });
    },
    readable: 'at_once',
    recordEvents: (list) => {
      events.push(...list);
      return Promise.resolve();
    },
    dataDir: join(folder, 'data'),
    externalUrl: 'http://crowsnest.test',
    externalLabels: { cluster: 'test', region: 'eu-west-1', datacenter: 'dub2' },
    clock,
    logger: quietLogger,
    print: (text) => printed.push(text),
  });
  const began = clock.now();
  const advance = async (ms: number) => {
    for (let left = ms; left > 0; left -= 1000) {
      await clock.advance(Math.min(1000, left));
      await vi.waitFor(
        () => {
          if (alerting.groups().some((status) => isBehind(status, began, clock.now())))
            throw new Error('still evaluating');
        },
        { interval: 1, timeout: 20_000 },
      );
      // What came of it may be due at once.
      await clock.advance(0);
    }
  };
  return { alerting, clock, answers, warnings, batches, events, printed, advance };
}

/** Whether an evaluation that is due has not ended yet. */
function isBehind({ group, lastEvaluation }: RuleGroupStatus, began: number, now: number): boolean {
  const offset = offsetOf(group);
  const due = Math.floor((now - offset) / group.interval) * group.interval + offset;
  return due > began && lastEvaluation < due;
}
