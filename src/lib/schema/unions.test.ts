import { describe, expect, test } from 'vitest';
import { validate, z } from './schema.ts';
import { InputError, parseYaml } from './yaml.ts';

const entry = z.strictObject({ path: z.string(), format: z.enum(['auto', 'plain']).optional() });
const schema = z.strictObject({
  files: z.array(z.union([z.string(), entry])).optional(),
  urls: z.union([z.string(), z.array(z.string()).min(1)]).optional(),
  level: z.enum(['auto', 'on']).or(z.boolean()).optional(),
  text: z.union([z.string(), z.number()], 'expected a text').optional(),
});

function complaint(yaml: string): string {
  try {
    validate(parseYaml(yaml, 'c.yaml'), schema);
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
  return 'good';
}

describe('a value that fits no branch of a union', () => {
  test.each([
    ['files: [{paths: [a]}]', 'files[0].paths: unknown key; did you mean "path"?'],
    ['files: [{paths: [a]}]', 'files[0].path: missing; expected string'],
    ['files: [{path: a, format: json}]', 'files[0].format: expected one of "auto", "plain", not "json"'],
    ['files: [[a]]', 'files[0]: expected string or object, not ["a"]'],
    ['urls: {a: b}', 'urls: expected string or array, not {"a":"b"}'],
    ['urls: [{a: b}]', 'urls[0]: expected string, not {"a":"b"}'],
    ['urls: []', 'urls: Too small: expected array to have >=1 items, not []'],
    ['level: maybe', 'level: expected one of "auto", "on" or boolean, not "maybe"'],
    ['text: [a]', 'text: expected a text, not ["a"]'],
  ])('%s: %s', (yaml, expected) => {
    expect(complaint(yaml)).toContain(expected);
  });
});
