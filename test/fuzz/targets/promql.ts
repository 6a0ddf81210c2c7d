import {
  ParseError,
  QueryError,
  createEngine,
  explain,
  format,
  labelFlow,
  parse,
  parseMatchers,
  print,
  renderExplanation,
  toJson,
} from '../../../src/promql/index.ts';
import { VALID } from '../../../src/promql/testing/expressions.ts';
import { Labels } from '../../../src/model/labels.ts';
import { SMALL_HISTOGRAM } from '../../../src/store/testing.ts';
import { type FuzzTarget, NOTHING_TO_CLOSE, refusedBy } from '../target.ts';

const AT = 1_790_000_000_000;
const times = Float64Array.from({ length: 20 }, (_, i) => AT - (20 - i) * 15_000);
const SERIES = ['up', 'http_requests_total', 'foo', 'latency'].flatMap((name) =>
  ['a', 'b'].map((job) => ({
    labels: Labels.of({ __name__: name, job, le: job === 'a' ? '1' : '+Inf', instance: 'x' }),
    timestamps: times,
    values: times.map((_, i) => i * 1.5),
    ...(name === 'latency' && { histograms: Array.from(times, () => SMALL_HISTOGRAM) }),
  })),
);

/** An expression: parsed, printed, explained, and evaluated at one time and at several. */
export const promql: FuzzTarget = {
  seeds: () => Promise.resolve([...VALID, 'sum by (job) (rate(up[5m]))', 'histogram_quantile(0.9, latency)', 'foo * on(job) group_left(x) up', 'max_over_time(rate(foo[1m])[5m:30s] offset -1m @ end())', 'label_replace(up, "a", "$1", "job", "(.*)")']), // prettier-ignore
  words: ['sum', ' by (', 'rate(', '[5m]', '[5m:1s]', ' offset ', ' @ ', 'start()', 'bool ', ' and ', ' on(job) ', 'group_left', '=~"', '!~"(a+)+$"', '.*', 'topk(5, ', '1e18', '0x7fffffffffffffff', '1y', 'latency', 'foo', 'up', 'nan', 'inf', 'step()', 'fill(0)', 'count_values("x",', 'limitk(', '^', '-'], // prettier-ignore
  async open() {
    const engine = createEngine({
      select: () => Promise.resolve(SERIES),
      limits: { maxSamples: 1_000_000, timeout: 2000 },
    });
    return {
      async run(input) {
        const text = input.toString();
        try {
          parseMatchers(text);
        } catch (error) {
          refusedBy(error, ParseError);
        }
        try {
          const tree = parse(text);
          const once = print(tree);
          // The farthest durations are no doubles with their milliseconds.
          if (!once.includes('106751d') && print(parse(once)) !== once)
            throw new Error(`${JSON.stringify(once)} is printed otherwise when parsed`);
          format(tree);
          JSON.stringify(toJson(tree));
          labelFlow(tree);
          renderExplanation(explain(tree));
        } catch (error) {
          refusedBy(error, ParseError);
        }
        for (const ask of [() => engine.instant(text, AT), () => engine.range(text, AT - 300_000, AT, 15_000)])
          await ask().catch((error: unknown) => isAnswer(error));
        const { type } = await engine.instant('sum(up)', AT);
        if (type !== 'vector') throw new Error('a good query has no answer any more');
      },
      close: NOTHING_TO_CLOSE,
    };
  },
};

/** A failure of the engine itself hides behind an `execution` error with its cause. */
function isAnswer(error: unknown): void {
  refusedBy(error, QueryError);
  if ((error as QueryError).kind === 'internal') throw error;
  const { cause } = error as Error;
  if (cause instanceof TypeError || cause instanceof RangeError) throw cause;
}
