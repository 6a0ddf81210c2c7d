import { afterAll, beforeAll, expect, test } from 'vitest';
import { format, parse, print, toJson } from '../../src/promql/index.ts';
import { ParseError } from '../../src/promql/syntax/parse-error.ts';
import { conformanceExpressions } from '../../src/promql/testing/conformance.ts';
import { VALID, mutate } from '../../src/promql/testing/expressions.ts';
import { type RunningServer, describeWith } from '../servers/process.ts';
import { startPrometheus } from '../servers/prometheus.ts';
import { Random } from './random.ts';

const DAMAGED = Number(process.env.CROWSNEST_PARSE_CASES ?? 2000);
const seed = Number(process.env.CROWSNEST_SEED ?? Date.now() % 1_000_000);

describeWith(['prometheus'], 'beside a real Prometheus', () => {
  let server: RunningServer | undefined;
  beforeAll(async () => {
    server = await startPrometheus();
  });
  afterAll(() => server?.stop());

  const valid = [...VALID, ...conformanceExpressions()];

  test(`${valid.length} expressions give the same tree, the same formatted text, and stay the same printed`, async () => {
    const differences = await compareAll(valid);
    expect(differences).toEqual([]);
  });

  test(`${DAMAGED} damaged expressions (CROWSNEST_SEED=${seed}) are refused with the same words, or give the same tree`, async () => {
    const random = new Random(seed);
    const below = (limit: number): number => Math.floor(random.next() * limit);
    const texts = Array.from({ length: DAMAGED }, () => mutate(valid[below(valid.length)], below));
    expect(await compareAll(texts)).toEqual([]);
  });

  async function compareAll(texts: readonly string[]): Promise<unknown[]> {
    const differences: unknown[] = [];
    const waiting = [...texts];
    const worker = async (): Promise<void> => {
      for (let text = waiting.pop(); text !== undefined; text = waiting.pop()) {
        const [ours, theirs] = [answerOf(text), await askPrometheus(text)];
        if (theirs !== undefined && JSON.stringify(ours) !== JSON.stringify(theirs))
          differences.push({ text, ours, theirs });
      }
    };
    await Promise.all(Array.from({ length: 8 }, worker));
    return differences;
  }

  async function askPrometheus(text: string): Promise<Answer | undefined> {
    const tree = await ask('parse_query', text);
    // It cannot write a tree with `fill (NaN)` as JSON.
    if (tree === undefined) return undefined;
    if (tree.status === 'error') return { error: tree.error.replace('invalid parameter "query": ', '') };
    const formatted = await ask('format_query', text);
    if (formatted?.status !== 'success') throw new Error(`format_query refuses ${text}`);
    return { tree: canonical(tree.data), formatted: withOneSign(String(formatted.data)) };
  }

  async function ask(path: string, query: string): Promise<Envelope | undefined> {
    const body = new URLSearchParams({ query });
    const response = await fetch(`${server?.url}/api/v1/${path}`, { method: 'POST', body });
    const text = await response.text();
    return text.startsWith('{') ? (JSON.parse(text) as Envelope) : undefined;
  }
});

type Envelope = { status: 'success'; data: unknown } | { status: 'error'; error: string };
type Answer = { error: string } | { tree: unknown; formatted: unknown };

function answerOf(text: string): Answer {
  try {
    const expr = parse(text);
    const tree = canonical(toJson(expr));
    const printed = print(expr);
    // A double has no such number of seconds with its milliseconds: the text is read as one less, by Prometheus too.
    if (!printed.includes(FARTHEST)) expect(canonical(toJson(parse(printed)))).toEqual(withoutPlus(tree));
    return { tree, formatted: format(expr) };
  } catch (error) {
    if (error instanceof ParseError) return { error: error.message };
    throw error;
  }
}

/** The longest duration of 64-bit nanoseconds. */
const FARTHEST = '106751d23h47m16s854ms';

/** Prometheus prints its least offset, such as that of `offset nan`, with two signs. */
function withOneSign(formatted: string): string {
  return formatted.replaceAll(`offset --${FARTHEST}`, `offset -${FARTHEST}`);
}

/** Keys in order; matchers too, since printing sorts them. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) {
    const items = value.map(canonical);
    const matchers = items.some(
      (item) => typeof item === 'object' && item !== null && 'name' in item && 'value' in item,
    );
    return matchers ? items.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)) : items;
  }
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, item]) => [key, canonical(item)] as const);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Prometheus keeps the plus of `offset +step()` in the tree and does not print it. */
function withoutPlus(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_, item: unknown) => {
      const node = item as { type?: string; op?: string; lhs?: unknown; rhs?: unknown; wrapped?: boolean } | null;
      const plus = node?.type === 'durationExpr' && node.op === '+' && node.lhs === null && node.wrapped === false;
      return plus ? node.rhs : item;
    }),
  );
}
