import { RE2JS } from 're2js';
import { describe, expect, test } from 'vitest';
import type { QueryValue } from '../result.ts';
import { Labels } from '../../model/labels.ts';
import { load } from './load.ts';
import { MemoryStore } from './memory-store.ts';
import type { EvalCommand } from './eval-command.ts';
import { compareAnnotations, compareResult } from './compare.ts';
import { parseScript, readScript } from './script.ts';
import { histogramToTestExpression } from '../histogram/index.ts';
import { isStale, wordsOf } from '../../model/sample.ts';

function onlyEval(text: string): EvalCommand {
  const [command] = parseScript(text);
  if (command.kind !== 'eval') throw new Error('not an eval');
  return command;
}

async function loaded(text: string): Promise<string[]> {
  const store = new MemoryStore();
  for (const command of parseScript(text)) {
    if (command.kind === 'clear') store.clear();
    if (command.kind === 'load') load(command, store);
  }
  const all = await store.select({ matchers: [], start: -Infinity, end: Infinity });
  return all.map(({ labels, timestamps, values, histograms, startTimestamps }) => {
    const words = wordsOf(values);
    const samples = Array.from(timestamps, (time, i) => {
      const histogram = histograms?.[i];
      const value = histogram ? histogramToTestExpression(histogram) : isStale(words, i) ? 'stale' : values[i];
      return `${value}@${time}${startTimestamps?.[i] ? `<${startTimestamps[i]}` : ''}`;
    });
    return `${labels.toString()} ${samples.join(' ')}`;
  });
}

describe('a script loads', () => {
  test.each([
    [
      'series at their step, by label',
      'load 5m\n  b 1 _ 3\n  a{x="1"} stale\n',
      ['a{x="1"} stale@0', 'b 1@0 3@600000'],
    ],
    ['on top of what is there', 'load 1s\n a 1\n\n# said later\nload 2s\n a _ 2', ['a 1@0 2@2000']],
    ['the later of two descriptions of a series', 'load 1s\n a 1 2 3\n a 4', ['a 4@0']],
    ['nothing that was cleared', 'load 1s\n a 1\n\nclear', []],
    [
      'hints as the store of Prometheus gives them back',
      'load 1s\n a {{count:1 counter_reset_hint:reset}} {{count:2}} {{count:1}} {{count:1 counter_reset_hint:gauge}}',
      [
        'a {{count:1}}@0 {{count:2 counter_reset_hint:not_reset}}@1000 {{count:1}}@2000 {{count:1 counter_reset_hint:gauge}}@3000',
      ],
    ],
    [
      'start timestamps',
      'load 1m\n a@st -30s -1m+30sx1 _\n a 1 2 3 4',
      ['a 1@0<-30000 2@60000 3@120000<90000 4@180000'],
    ],
    [
      'classic histograms as native ones too',
      'load_with_nhcb 1s\n a_bucket{le="1"} 1\n a_bucket{le="+Inf"} 3\n a_sum 4\n a_count 3',
      [
        'a {{schema:-53 count:3 sum:4 custom_values:[1] buckets:[1 2]}}@0',
        'a_bucket{le="+Inf"} 3@0',
        'a_bucket{le="1"} 1@0',
        'a_count 3@0',
        'a_sum 4@0',
      ],
    ],
  ])('%s', async (_, script, series) => {
    expect(await loaded(script)).toEqual(series);
  });
});

describe('a script is refused that', () => {
  test.each([
    ['sleep 1', 'line 1: invalid command "sleep 1"'],
    ['load 5x', 'line 1: invalid step definition "5x": not a valid duration'],
    [
      '\nload 5m\n  a 1 b',
      'line 3: 1:5: parse error: unexpected identifier "b" in series values, expected number or "stale"',
    ],
    ['eval instant 1', /^line 1: invalid/],
    [
      'eval range from 5m to 1m step 1m a',
      'line 1: invalid test definition, end timestamp (1m) is before start timestamp (5m)',
    ],
    [
      'eval instant at 1m a\n expect oops',
      'line 2: invalid expect statement, must match `expect <type> <match_type>: <string>` format',
    ],
    [
      'eval instant at 1m a\n expect info\n expect no_info',
      'line 3: invalid expect lines, info and no_info cannot be used together',
    ],
    [
      'eval instant at 1m a\n expect fail\n expect fail',
      'line 3: invalid expect lines, multiple expect fail lines are not allowed',
    ],
    [
      'eval instant at 1m "a"\n expect string a',
      'line 2: expected string literal not valid - check that the string is correctly quoted',
    ],
    ['eval instant at 1m a\n a 1 2', /^line 2: expecting multiple values in instant evaluation not allowed/],
    ['load 1m\n a@st -1m', 'line 2: @st line has no following sample line'],
  ])('%j', (script, message) => {
    expect(() => parseScript(script)).toThrow(message);
  });
});

test('a command that cannot be read harms only itself', () => {
  const commands = readScript('load 1m\n a 1\n\nsleep 5\n again\n\neval instant at 1m a\n expect oops\n a 1\n\nclear');
  expect(commands.map(({ kind, line }) => `${kind} ${line}`)).toEqual([
    'load 1',
    'unreadable 4',
    'unreadable 7',
    'clear 11',
  ]);
});

describe('an eval expects', () => {
  test.each([
    ['eval_ordered instant at 50m sort(a)\n a 1', { ordered: true, expr: 'sort(a)' }],
    ['eval_fail instant at 50m a\n expected_fail_message no way', { fail: { kind: 'message', text: 'no way' } }],
    [
      'eval_fail range from 0 to 10s step 5s a\n expected_fail_regexp no.*',
      { fail: { kind: 'regex', regex: RE2JS.compile('no.*') } },
    ],
    ['eval instant at 50m a\n expect fail msg: no way ', { fail: { kind: 'message', text: 'no way' } }],
    ['eval_warn instant at 50m a', { warnings: { kind: 'some' }, infos: { kind: 'any' } }],
    [
      'eval instant at 50m a\n expect no_warn\n expect info',
      { warnings: { kind: 'none' }, infos: { kind: 'each', tests: [{ kind: 'regex', regex: RE2JS.compile('^.*$') }] } },
    ],
    ['eval instant at 50m 1+1\n 2\n', { result: { kind: 'scalar', value: 2 } }],
    ['eval instant at 50m 0x10\n 0x10\n', { result: { kind: 'scalar', value: 16 } }],
    ['eval instant at 50m "a"\n expect string `a"`\n', { result: { kind: 'string', value: 'a"' } }],
    ['eval range from 1m to 3m step 1m a\n', { at: { kind: 'range', start: 60_000, end: 180_000, step: 60_000 } }],
  ])('%j', (script, command) => {
    expect(onlyEval(script)).toMatchObject(command);
  });
});

describe('an answer', () => {
  const a = Labels.of({ __name__: 'a' });
  const vector = (...values: number[]): QueryValue => ({
    type: 'vector',
    timestamp: 0,
    samples: values.map((value, i) => ({ labels: a.with('i', String(i)), timestamp: 0, value })),
  });
  const matrix = (times: number[], values: number[]): QueryValue => ({
    type: 'matrix',
    series: [{ labels: a, timestamps: Float64Array.from(times), values: Float64Array.from(values) }],
  });

  test.each<[string, QueryValue, string | undefined]>([
    ['eval instant at 1m x\n a{i="0"} 1', vector(1 + 1e-9), undefined],
    ['eval instant at 1m x\n a{i="0"} NaN', vector(NaN), undefined],
    ['eval instant at 1m x\n a{i="0"} 1', vector(1.01), 'expected 1 for a{i="0"} but got 1.01'],
    ['eval instant at 1m x\n a{i="0"} 1', vector(1, 2), 'unexpected metric a{i="1"} in result, has value 2'],
    ['eval instant at 1m x\n a{i="1"} 1\n a{i="0"} 1', vector(1, 1), undefined],
    [
      'eval_ordered instant at 1m x\n a{i="1"} 1\n a{i="0"} 1',
      vector(1, 1),
      'expected metric a{i="0"} at position 2 but was at 1',
    ],
    ['eval instant at 1m x\n a 1', vector(), 'expected metric a not found'],
    ['eval instant at 1m x\n 1', vector(1), 'expected scalar result, but got vector'],
    [
      'eval instant at 1m x\n a {{count:1}}',
      { type: 'vector', timestamp: 0, samples: [{ labels: a, timestamp: 0, value: 1 }] },
      'expected histogram {{count:1}} for a but got float value 1',
    ],
    ['eval range from 0 to 2m step 1m x\n a 1 _ 3', matrix([0, 120_000], [1, 3]), undefined],
    [
      'eval range from 0 to 2m step 1m x\n a 1 2',
      matrix([0, 120_000], [1, 2]),
      'to have timestamp 60000, but it had timestamp 120000',
    ],
    [
      'eval range from 0 to 1m step 1m x\n a 1 2 3',
      matrix([0, 60_000], [1, 2]),
      'query time range cannot return this many points',
    ],
    [
      'eval instant at 1m x[2m]\n expect range vector from 0 to 1m step 1m\n a 1 2',
      matrix([0, 60_000], [1, 2]),
      undefined,
    ],
  ])('for %j', (script, result, problem) => {
    const command = onlyEval(script);
    const grid =
      command.at.kind === 'range' ? command.at : command.result.kind === 'series' ? command.result.grid : undefined;
    const compare = (): void => compareResult(command, result, grid);
    if (problem === undefined) expect(compare).not.toThrow();
    else expect(compare).toThrow(problem);
  });

  test('has each annotation that was expected, and no other', () => {
    const each = { kind: 'each', tests: [{ kind: 'message', text: 'one' }] } as const;
    expect(() => compareAnnotations('warn', each, ['one'])).not.toThrow();
    expect(() => compareAnnotations('warn', each, [])).toThrow('expected warn annotations but none were found');
    expect(() => compareAnnotations('warn', each, ['one', 'two'])).toThrow('unexpected warn annotation "two"');
    expect(() => compareAnnotations('info', { kind: 'none' }, ['x'])).toThrow('unexpected info annotations: x');
    expect(() => compareAnnotations('info', { kind: 'some' }, ['x'])).not.toThrow();
  });
});
