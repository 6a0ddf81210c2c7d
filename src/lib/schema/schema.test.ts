import { describe, expect, test } from 'vitest';
import { byteSize, duration, expandEnvironment, httpUrl, validate, z } from './schema.ts';
import { InputError, formatComplaint, parseYaml } from './yaml.ts';

const schema = z.strictObject({
  store: z.strictObject({ retention: duration('15d'), max_size: byteSize('5GB') }).prefault({}),
  jobs: z.array(z.strictObject({ name: z.string(), mode: z.enum(['a', 'b']).default('a') })).default([]),
});

function complaintsOf(text: string, by: z.ZodType = schema): string[] {
  try {
    validate(parseYaml(text, 'c.yaml'), by);
    return [];
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return error.complaints.map(formatComplaint);
  }
}

describe('reading configuration', () => {
  test('an empty file gives the defaults', () => {
    expect(validate(parseYaml('', 'c.yaml'), schema)).toEqual({
      store: { retention: 1_296_000_000, max_size: 5 * 1024 ** 3 },
      jobs: [],
    });
  });

  test.each([
    ['stoer: {}', 'c.yaml:1:1  stoer: unknown key; did you mean "store"?'],
    ['store:\n  retenton: 1d', 'c.yaml:2:3  store.retenton: unknown key; did you mean "retention"?'],
    [
      'store: {retention: 3 days}',
      'c.yaml:1:20  store.retention: expected a duration such as 30s or 1h30m, not "3 days"',
    ],
    ['store: {max_size: huge}', 'c.yaml:1:19  store.max_size: expected a size such as 512MB or 5GB, not "huge"'],
    ['jobs:\n  - name: [5]', 'c.yaml:2:11  jobs[0].name: expected string, not [5]'],
    ['jobs:\n  - {name: x, mode: c}', 'c.yaml:2:21  jobs[0].mode: expected one of "a", "b", not "c"'],
    ['jobs:\n  - mode: a', 'c.yaml:2:5  jobs[0].name: missing; expected string'],
    ['jobs: 7', 'c.yaml:1:7  jobs: expected array, not 7'],
    ['jobs: [', 'c.yaml:1:8  Flow sequence in block collection must be sufficiently indented and end with a ]'],
    ['store: {}\nstore: {}', 'c.yaml:2:1  Map keys must be unique'],
  ])('%j is refused with its place', (text, complaint) => {
    expect(complaintsOf(text)).toEqual([complaint]);
  });

  test('all faults are told at once', () => {
    expect(complaintsOf('a: 1\nb: 2\njobs: 3')).toHaveLength(3);
  });

  test('the environment fills ${NAME}; a variable that is not set is named with its place', () => {
    const source = parseYaml('jobs:\n  - name: ${JOB}-$${x}', 'c.yaml');
    expect(expandEnvironment(source, { JOB: 'api' }).value).toEqual({ jobs: [{ name: 'api-${x}' }] });
    expect(() => expandEnvironment(source, {})).toThrow(
      'c.yaml:2:11  jobs[0].name: environment variable JOB is not set',
    );
  });

  test('texts that YAML takes for numbers can be had as they were written', () => {
    const source = parseYaml('labels: {version: 1.10, mask: 0x20, on: true}\nlimit: 0x20', 'c.yaml');
    const texts = source.withTexts((path) => path[0] === 'labels');
    expect(texts.value).toEqual({ labels: { version: '1.10', mask: '0x20', on: 'true' }, limit: 32 });
    expect(texts.complain(['limit'], 'x').line).toBe(2);
  });

  test('aliases that unfold without end are refused', () => {
    const bomb = [
      'a: &a [1,1,1,1,1,1,1,1,1]',
      ...'bcdefgh'.split('').map((name, i) => `${name}: &${name} [${Array(9).fill(`*${'abcdefgh'[i]}`).join(',')}]`),
    ];
    expect(() => parseYaml(bomb.join('\n'), 'c.yaml')).toThrow(InputError);
  });

  test.each([
    ['url: ftp://x', '"ftp://x"'],
    ['url: ftp://me:hunter2@x:21/T0/B0?key=hunter2', '"ftp://x:21/…"'],
    ['url: hunter2', '<secret>'],
    ['nodes: [ftp://me:hunter2@x]', '"ftp://me:<secret>@x"'],
  ])('%j is refused without the secrets that a URL may hold', (text, shown) => {
    const addresses = z.strictObject({ url: httpUrl().optional(), nodes: z.array(httpUrl()).default([]) });
    const complaint = complaintsOf(text, addresses).join();
    expect(complaint).toContain(`: expected a URL that begins with http:// or https://, not ${shown}`);
    expect(complaint).not.toContain('hunter2');
  });
});
