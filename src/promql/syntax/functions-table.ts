import type { ValueType } from './ast.ts';

/** What a function takes and gives (source: Prometheus 3.15, `promql/parser/functions.go`). */
export interface FunctionSignature {
  readonly name: string;
  /** Types of the arguments by place. The last one stands for all behind it where `variadic` is not 0. */
  readonly args: readonly ValueType[];
  /**
   * 0: exactly `args`. Positive: the last argument may be left out or come up to this many times.
   * -1: the last argument may be left out or come without a limit.
   */
  readonly variadic: number;
  readonly returns: ValueType;
  /** Stands behind the feature `promql-experimental-functions`. */
  readonly experimental: boolean;
}

/** Every function by its name. */
export const FUNCTIONS: ReadonlyMap<string, FunctionSignature> = new Map(
  [
    ...family('scalar', [], 'pi time'),
    ...family(
      'vector',
      ['vector'],
      `abs absent ceil exp floor ln log10 log2 sgn sort sort_desc sqrt timestamp deg rad
       acos acosh asin asinh atan atanh cos cosh sin sinh tan tanh
       histogram_avg histogram_count histogram_stddev histogram_stdvar histogram_sum`,
    ),
    ...family(
      'vector',
      ['matrix'],
      `absent_over_time avg_over_time count_over_time last_over_time max_over_time min_over_time
       present_over_time stddev_over_time stdvar_over_time sum_over_time
       changes delta deriv idelta increase irate rate resets`,
    ),
    ...family('scalar', ['vector'], 'scalar'),
    ...family('vector', ['scalar'], 'vector'),
    ...family('vector', ['vector', 'scalar', 'scalar'], 'clamp'),
    ...family('vector', ['vector', 'scalar'], 'clamp_max clamp_min'),
    ...family('vector', ['matrix', 'scalar'], 'predict_linear'),
    ...family('vector', ['scalar', 'matrix'], 'quantile_over_time'),
    ...family('vector', ['scalar', 'vector'], 'histogram_quantile'),
    ...family('vector', ['scalar', 'scalar', 'vector'], 'histogram_fraction'),
    ...family('vector', ['vector', 'string', 'string', 'string', 'string'], 'label_replace'),
    ...family('vector', ['vector', 'string', 'string', 'string'], 'label_join', { variadic: -1 }),
    ...family('vector', ['vector', 'scalar'], 'round', { variadic: 1 }),
    ...family('vector', ['vector'], 'day_of_month day_of_week day_of_year days_in_month hour minute month year', {
      variadic: 1,
    }),

    ...experimental('scalar', [], 'end range start step'),
    ...experimental('scalar', ['scalar', 'scalar'], 'max_of min_of'),
    ...experimental('vector', ['vector'], 'start_timestamp'),
    ...experimental(
      'vector',
      ['matrix'],
      `first_over_time mad_over_time
       ts_of_first_over_time ts_of_last_over_time ts_of_max_over_time ts_of_min_over_time`,
    ),
    ...experimental('vector', ['matrix', 'scalar', 'scalar'], 'double_exponential_smoothing'),
    ...experimental('vector', ['vector', 'string', 'scalar', 'scalar'], 'histogram_quantiles', { variadic: 9 }),
    ...experimental('vector', ['vector', 'vector'], 'info', { variadic: 1 }),
    ...experimental('vector', ['vector', 'string'], 'sort_by_label sort_by_label_desc', { variadic: -1 }),
  ].map((signature) => [signature.name, signature]),
);

interface Extra {
  readonly variadic?: number;
  readonly experimental?: boolean;
}

function family(returns: ValueType, args: readonly ValueType[], names: string, extra: Extra = {}): FunctionSignature[] {
  return names.split(/\s+/).map((name) => ({ name, args, variadic: 0, returns, experimental: false, ...extra }));
}

function experimental(
  returns: ValueType,
  args: readonly ValueType[],
  names: string,
  extra: Extra = {},
): FunctionSignature[] {
  return family(returns, args, names, { ...extra, experimental: true });
}
