import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Labels } from '../../model/labels.ts';
import type { Query, VectorSample } from '../../model/query.ts';
import { parseRuleTemplate } from './expand.ts';

/** Each row: template, what Prometheus 3.15 made of it, its error. */
const ROWS = readFileSync(new URL('testdata/rule-templates.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as [text: string, output: string, error: string]);

const DATA = {
  labels: { job: 'node', instance: 'host:9100', device: '/dev/sda' },
  externalLabels: { cluster: 'c1' },
  externalUrl: 'http://prom.example.org/base',
  value: 0.987654321,
};

const AT = 1_435_065_584_128;

const query: Query = (expr) => {
  const vectors: Record<string, VectorSample[]> = {
    up: [row({ __name__: 'up', instance: 'b' }, 11), row({ __name__: 'up', instance: 'a' }, 21.5)],
    strval: [row({ __value__: 'text' }, 1)],
  };
  if (expr === 'bad') return Promise.reject(new Error('query failed'));
  return Promise.resolve({ samples: vectors[expr] ?? [], warnings: [], infos: [] });
};

function row(labels: Record<string, string>, value: number): VectorSample {
  return { labels: Labels.of(labels), timestamp: AT, value };
}

async function expand(text: string): Promise<{ output: string; error: string }> {
  try {
    return { output: await parseRuleTemplate('X', text).expand(DATA, { at: AT, query }), error: '' };
  } catch (error) {
    return { output: '', error: (error as Error).message };
  }
}

describe('a rule template gives what Prometheus gives', () => {
  test.each(ROWS)('%s', async (text, output, error) => {
    expect(await expand(text)).toEqual({ output, error: error.replace(/^error parsing template __alert_X: /, '') });
  });
});

describe('a template cannot do harm', () => {
  test('by running for ever', async () => {
    const { error } = await expand('{{ range 1000000000 }}{{ end }}');
    expect(error).toContain('more than 200000 steps');
  });

  test('by writing without end', async () => {
    const { error } = await expand(
      '{{ define "d" }}{{ . }}{{ . }}{{ end }}{{ range 9000 }}{{ printf "%9999d" 1 }}{{ end }}',
    );
    expect(error).toContain('the output is longer than 1048576 characters');
  });

  test('by calling itself', async () => {
    const { error } = await expand('{{ define "r" }}{{ template "r" }}{{ end }}{{ template "r" }}');
    expect(error).toContain('exceeded maximum template depth');
  });

  test('by nesting deeper than the stack', async () => {
    expect((await expand('{{ if 1 }}'.repeat(10_000))).error).toContain('max nesting depth exceeded');
    expect((await expand(`{{ ${'('.repeat(10_000)}1`)).error).toContain('max expression depth exceeded');
  });

  test('by a regular expression that takes exponential time elsewhere', async () => {
    expect(await expand(`{{ match "(a*)*b" "${'a'.repeat(5000)}" }}`)).toEqual({ output: 'false', error: '' });
  });
});
