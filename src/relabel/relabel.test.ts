import { describe, expect, test } from 'vitest';
import { InputError, parseYaml } from '../lib/schema/yaml.ts';
import { validate, z } from '../lib/schema/schema.ts';
import { Labels } from '../model/labels.ts';
import { Relabeler, relabelSchema } from './relabel.ts';

function compile(yaml: string): Relabeler {
  return new Relabeler(validate(parseYaml(yaml, 'relabel.yaml'), z.array(relabelSchema)));
}

type Row = [what: string, yaml: string, before: Record<string, string>, after: Record<string, string> | number];

describe('relabeling', () => {
  test.each<Row>([
    [
      'replace takes groups of the joined values',
      '[{source_labels: [a, b], regex: "(f.o);(b.*)", target_label: d, replacement: "${2}-$1"}]',
      { a: 'foo', b: 'bar' },
      { a: 'foo', b: 'bar', d: 'bar-foo' },
    ],
    ['replace without a match leaves all', '[{source_labels: [a], regex: x, target_label: d}]', { a: 'f' }, { a: 'f' }],
    ['replace by nothing removes', '[{target_label: a, replacement: ""}]', { a: 'f', b: 'c' }, { b: 'c' }],
    [
      'the target label may hold a group',
      '[{source_labels: [a], regex: "(.*)-x", target_label: "${1}", replacement: v}]',
      { a: 'foo-x' },
      { a: 'foo-x', foo: 'v' },
    ],
    [
      'the target label may be any text',
      '[{source_labels: [a], regex: "(.*)", target_label: "label_$1", replacement: v}]',
      { a: 'a.b-c' },
      { a: 'a.b-c', 'label_a.b-c': 'v' },
    ],
    [
      'a target label that comes out empty is passed over',
      '[{source_labels: [a], regex: "(.*)x?", target_label: "$2", replacement: v}]',
      { a: 'f' },
      { a: 'f' },
    ],
    [
      'the longest name counts: $1x is the group 1x',
      '[{source_labels: [a], regex: "(.*)", target_label: b, replacement: "<$1x$$1>"}]',
      { a: 'f' },
      { a: 'f', b: '<$1>' },
    ],
    [
      'groups may have names',
      '[{source_labels: [a], regex: "(?P<host>[^:]+):.*", target_label: b, replacement: "${host}"}]',
      { a: 'h:80' },
      { a: 'h:80', b: 'h' },
    ],
    ['. matches a line end', '[{source_labels: [a], regex: "x.y", action: keep}]', { a: 'x\ny' }, { a: 'x\ny' }],
    ['keep keeps', '[{source_labels: [a], regex: f.*, action: keep}]', { a: 'foo' }, { a: 'foo' }],
    [
      'keep drops the rest',
      '[{target_label: z, replacement: 1}, {source_labels: [a], regex: f, action: keep}]',
      { a: 'foo' },
      1,
    ],
    ['drop drops', '[{source_labels: [a], regex: f.*, action: drop}]', { a: 'foo' }, 0],
    ['drop matches whole values', '[{source_labels: [a], regex: f, action: drop}]', { a: 'foo' }, { a: 'foo' }],
    [
      'keepequal keeps',
      '[{source_labels: [a], target_label: b, action: keepequal}]',
      { a: '1', b: '1' },
      { a: '1', b: '1' },
    ],
    ['keepequal drops', '[{source_labels: [a], target_label: b, action: keepequal}]', { a: '1', b: '2' }, 0],
    ['dropequal drops', '[{source_labels: [a], target_label: b, action: dropequal}]', { a: '1', b: '1' }, 0],
    ['dropequal keeps', '[{source_labels: [a], target_label: b, action: dropequal}]', { a: '1' }, { a: '1' }],
    // Values of Prometheus' own tests.
    [
      'hashmod',
      '[{source_labels: [c], target_label: d, action: hashmod, modulus: 1000}]',
      { c: 'baz' },
      { c: 'baz', d: '976' },
    ],
    [
      'hashmod of a value with a line end',
      '[{source_labels: [a], target_label: b, action: hashmod, modulus: 1000}]',
      { a: 'foo\nbar' },
      { a: 'foo\nbar', b: '734' },
    ],
    [
      'labelmap copies by name',
      '[{regex: "meta_(ng.*)", action: labelmap}]',
      { meta_ng_a: '1', meta_b: '2' },
      { meta_ng_a: '1', meta_b: '2', ng_a: '1' },
    ],
    [
      'labelmap with a replacement',
      '[{regex: "meta_(.*)", replacement: "bar_${1}", action: labelmap}]',
      { meta_a: '1' },
      { meta_a: '1', bar_a: '1' },
    ],
    ['labeldrop', '[{regex: "a.*", action: labeldrop}]', { ab: '1', ba: '2' }, { ba: '2' }],
    ['labelkeep', '[{regex: "a.*", action: labelkeep}]', { ab: '1', ba: '2' }, { ab: '1' }],
    ['lowercase', '[{source_labels: [a], target_label: a, action: lowercase}]', { a: 'FoO' }, { a: 'foo' }],
    [
      'uppercase, in any case',
      '[{source_labels: [a], target_label: a, action: UpperCase}]',
      { a: 'FoO' },
      { a: 'FOO' },
    ],
  ])('%s', (_, yaml, before, after) => {
    const given = compile(yaml).apply(Labels.of(before));
    expect(typeof given === 'number' ? given : given.toJSON()).toEqual(after);
  });

  test.each([
    ['[{action: hashmod, target_label: a}]', 'modulus'],
    ['[{action: keepequal}]', 'target_label'],
    ['[{action: replace}]', 'target_label'],
    ['[{action: keep, regex: "("}]', 'regex'],
    ['[{action: keep, regex: "(?=a)"}]', 'regex'],
    ['[{action: remove}]', 'action'],
    ['[{action: labeldrop, regex: x, source_labels: [a]}]', '[0].source_labels: expected none'],
    ['[{action: labelkeep, regex: x, replacement: b}]', '[0].replacement: expected none'],
    ['[{action: labeldrop, regex: x, separator: ","}]', '[0].separator: expected none'],
    ['[{action: labelkeep, regex: x, target_label: a}]', '[0].target_label: expected none'],
    ['[{action: dropequal, source_labels: [a], target_label: b, regex: x}]', '[0].regex: expected none'],
    ['[{action: lowercase, source_labels: [a], target_label: b, replacement: x}]', '[0].replacement: expected none'],
    ['[{sourcelabels: [a]}]', 'did you mean "source_labels"'],
  ])('%s is refused for its %s', (yaml, word) => {
    expect(() => compile(yaml)).toThrow(InputError);
    expect(() => compile(yaml)).toThrow(word);
  });

  test('with legacy names a target label of other characters is passed over, as in Prometheus', () => {
    const [config] = validate(
      parseYaml('[{source_labels: [a], target_label: "label_$1", replacement: v}]', 'relabel.yaml'),
      z.array(relabelSchema),
    );
    expect(new Relabeler([config], true).apply(Labels.of({ a: 'b.c' }))).toEqual(Labels.of({ a: 'b.c' }));
    expect(new Relabeler([config], true).apply(Labels.of({ a: 'b' }))).toEqual(Labels.of({ a: 'b', label_b: 'v' }));
  });

  test.each([
    ['regex: 1.10', { v: '1.10' }],
    ['regex: 1.10', { v: '1.1' }],
    ['regex: "1.10", replacement: 007', { v: '1.10' }],
    ['regex: 1.10, replacement: true', { v: '1.10' }],
  ])('%s of %j is the text as written', (keys, labels) => {
    const relabeler = compile(`[{source_labels: [v], target_label: to, ${keys}}]`);
    const wanted = /replacement: (\w+)/.exec(keys)?.[1];
    const to = labels.v === '1.10' ? { to: wanted ?? '$1' } : {};
    const given = relabeler.apply(Labels.of(labels)) as Labels;
    expect(given.toJSON()).toEqual({ ...labels, ...(wanted === undefined ? {} : to) });
  });

  test('says which step dropped', () => {
    const relabeler = compile('[{target_label: z, replacement: 1}, {source_labels: [a, b], regex: x, action: keep}]');
    expect(relabeler.describe(1)).toBe('relabel step 2: keep [a, b] by regex "x"');
  });
});
