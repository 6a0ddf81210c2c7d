import { describe, expect, test } from 'vitest';
import { validate, z } from './schema.ts';
import { parseYaml } from './yaml.ts';

const schema = z.strictObject({
  name: z.string().default('default'),
  labels: z.record(z.string(), z.string()).default({}),
  list: z.array(z.strictObject({ text: z.string() })).default([]),
  flag: z.boolean().default(false),
  count: z.number().default(1),
  either: z.union([z.string(), z.strictObject({ text: z.string() })]).optional(),
  nothing: z.string().nullable().default('default'),
  anything: z.unknown().optional(),
});

const read = (yaml: string) => validate(parseYaml(yaml, 'c.yaml'), schema);

describe('where a text belongs', () => {
  test.each([
    '1.10',
    '012345678901',
    '1e10',
    '0xff',
    '007',
    'true',
    'False',
    '-0',
    '.5',
    '+1',
    '1_000',
    '0o17',
    '.inf',
  ])('%s keeps its form', (text) => {
    expect(read(`name: ${text}\nlabels: {a: ${text}}\nlist: [{text: ${text}}]\neither: ${text}`)).toMatchObject({
      name: text,
      labels: { a: text },
      list: [{ text }],
      either: text,
    });
  });

  test('through an alias and a merge too', () => {
    const yaml = 'list:\n  - &one {text: 1.10}\n  - *one\n  - {<<: *one}\nname: &n 007\nlabels: {a: *n}';
    expect(read(yaml)).toMatchObject({
      name: '007',
      labels: { a: '007' },
      list: [{ text: '1.10' }, { text: '1.10' }, { text: '1.10' }],
    });
  });
});

test('numbers stay numbers where a number belongs, or anything', () => {
  expect(read('count: 0x10\nanything: {a: 1.10, b: yes}')).toMatchObject({ count: 16, anything: { a: 1.1, b: 'yes' } });
});

test.each([
  ['yes', true], ['Yes', true], ['on', true], ['ON', true], ['y', true], ['true', true],
  ['no', false], ['No', false], ['off', false], ['n', false], ['False', false],
])('%s is a boolean where one belongs, and a text where a text does', (word, flag) => {
  expect(read(`flag: ${word}\nname: ${word}`)).toMatchObject({ flag, name: word });
}); // prettier-ignore

test('a quoted "yes" is no boolean', () => {
  expect(() => read('flag: "yes"')).toThrow('c.yaml:1:7  flag: expected boolean, not "yes"');
});

test('a key without a value is as if it were absent', () => {
  expect(read('name:\nlist:\nflag: ~\ncount: null\nlabels:\nnothing:')).toEqual({
    name: 'default',
    labels: {},
    list: [],
    flag: false,
    count: 1,
    nothing: null,
  });
});

test('an unknown key without a value is still unknown', () => {
  expect(() => read('nam:')).toThrow('c.yaml:1:1  nam: unknown key; did you mean "name"?');
});
