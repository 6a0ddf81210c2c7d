import type { SeriesColumns, VectorSample } from '../../model/query.ts';
import type { EvalCommand, TimeGrid } from './eval-command.ts';
import type { QueryValue } from '../result.ts';
import { Mismatch, compareAnnotations, compareResult, describeTest, expect, passes } from './compare.ts';

export type Answer = QueryValue & { readonly warnings: readonly string[]; readonly infos: readonly string[] };

/** The engine under test. Both reject where the query has no answer. Times in milliseconds. */
export interface TestEngine {
  instant(expr: string, time: number): Promise<Answer>;
  range(expr: string, grid: TimeGrid): Promise<Answer>;
  /** The expression with each selector fixed to `time` by `@`; undefined where its answer would change by that. */
  pinned(expr: string, time: number): string | undefined;
}

/**
 * Runs one `eval` as Prometheus' own runner does: an instant query also with all selectors pinned to its time and asked
 * at other times, and each of these as the middle step of a range query.
 *
 * @throws {Mismatch} where an answer is not the expected one.
 */
export async function runEval(command: EvalCommand, engine: TestEngine): Promise<void> {
  if (command.at.kind === 'range') {
    const grid = command.at;
    const answer = await answerOf(command, command.expr, () => engine.range(command.expr, grid));
    if (answer !== undefined) check(command, command.expr, answer, grid);
    return;
  }
  const time = (command.result.kind === 'series' ? command.result.grid?.end : undefined) ?? command.at.time;
  const variants = [{ expr: command.expr, time }];
  const pinned = engine.pinned(command.expr, time);
  if (pinned !== undefined) variants.push(...otherTimes(time).map((other) => ({ expr: pinned, time: other })));
  for (const variant of variants) await runInstant(command, variant.expr, variant.time, engine);
}

function otherTimes(time: number): number[] {
  return time === 0 ? [-1000, 0, 1000] : [-10 * time, 0, Math.trunc(time / 5), time, 10 * time];
}

async function runInstant(command: EvalCommand, expr: string, time: number, engine: TestEngine): Promise<void> {
  const grid = command.result.kind === 'series' ? command.result.grid : undefined;
  const answer = await answerOf(command, expr, () => engine.instant(expr, time));
  if (answer === undefined) return;
  check(command, expr, answer, grid);
  const dependsOnQuery = /(start|end|range|step)\(\)/.test(expr);
  if (grid !== undefined || command.result.kind === 'string' || dependsOnQuery) return;

  const around = { start: time - 60_000, end: time + 60_000, step: 60_000 };
  const ranged = await engine.range(expr, around);
  // The series of a range query are sorted by their labels.
  if (command.ordered) return;
  const middle = middleOf(ranged, time, answer.type === 'scalar');
  blame(`${expr} at ${time} ms in range mode`, () => compareResult(command, middle, undefined));
}

/** undefined where the query failed as expected. */
async function answerOf(command: EvalCommand, expr: string, ask: () => Promise<Answer>): Promise<Answer | undefined> {
  let answer: Answer;
  try {
    answer = await ask();
  } catch (error) {
    if (command.fail === undefined || !(error instanceof Error)) throw error;
    const wanted = command.fail;
    expect(passes(wanted, error.message), `${expr}: expected error ${describeTest(wanted)}, but got: ${error.message}`);
    return undefined;
  }
  expect(command.fail === undefined, `${expr}: expected an error but got none`);
  return answer;
}

function check(command: EvalCommand, expr: string, answer: Answer, grid: TimeGrid | undefined): void {
  blame(expr, () => {
    compareAnnotations('warn', command.warnings, answer.warnings);
    compareAnnotations('info', command.infos, answer.infos);
    compareResult(command, answer, grid);
  });
}

function blame(where: string, compare: () => void): void {
  try {
    compare();
  } catch (error) {
    throw error instanceof Mismatch ? new Mismatch(`${where}: ${error.message}`) : error;
  }
}

/** What a range query gives at one of its times, as an instant query would give it. */
function middleOf(result: QueryValue, time: number, scalar: boolean): QueryValue {
  expect(result.type === 'matrix', `a range query must give a matrix, not a ${result.type}`);
  const samples = result.series.flatMap((series) => sampleAt(series, time));
  if (scalar) return { type: 'scalar', timestamp: time, value: samples[0].value };
  return { type: 'vector', timestamp: time, samples };
}

function sampleAt({ labels, timestamps, values, histograms }: SeriesColumns, time: number): VectorSample[] {
  const i = timestamps.indexOf(time);
  return i < 0 ? [] : [{ labels, timestamp: time, value: values[i], histogram: histograms?.[i] }];
}
