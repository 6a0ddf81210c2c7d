import type { Random } from './random.ts';

/** Makes random expressions in which every type fits. How deep they nest is bounded. */
export class ExprMaker {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Anything a query may be. */
  query(): string {
    const depth = this.#random.int(1, 4);
    if (this.#random.chance(0.03)) return this.rangeVector(depth);
    return this.#random.chance(0.93) ? this.vector(depth) : this.scalar(depth);
  }

  /** Only an instant query may be one. */
  rangeVector(depth: number): string {
    return this.#random.chance(0.5) ? this.#range(NAMES, true) : this.#matrix(depth, NAMES, 0);
  }

  vector(depth: number): string {
    const random = this.#random;
    if (depth <= 0) return this.#selector();
    const make = random.weighted<() => string>([
      [2, () => this.#selector()],
      [6, () => this.#aggregation(depth)],
      [6, () => this.#binary(depth)],
      [6, () => this.#overTime(depth)],
      [4, () => this.#elementwise(depth)],
      [3, () => this.#histogramFunction(depth)],
      [1, () => this.#labelFunction(depth)],
      [1, () => this.#oddFunction(depth)],
      [1, () => `-${this.#simple(depth - 1)}`],
      [1, () => `(${this.vector(depth - 1)})`],
    ]);
    return make();
  }

  scalar(depth: number): string {
    const random = this.#random;
    if (depth <= 0 || random.chance(0.5)) return this.#number();
    const make = random.weighted<() => string>([
      [3, () => `scalar(${this.vector(depth - 1)})`],
      [2, () => random.pick(['time()', 'pi()', 'step()', 'range()', 'start()', 'end()'])],
      [
        2,
        () =>
          `${this.scalar(depth - 1)} ${random.pick(ARITHMETIC.filter((op) => op !== '%'))} ${this.scalar(depth - 1)}`,
      ],
      [1, () => `${this.scalar(depth - 1)} ${random.pick(COMPARISON)} bool ${this.scalar(depth - 1)}`],
      [1, () => `-${this.#number()}`],
      [1, () => `${random.pick(['max_of', 'min_of'])}(${this.scalar(depth - 1)}, ${this.scalar(depth - 1)})`],
    ]);
    return `(${make()})`;
  }

  #number(): string {
    return this.#random.pick(NUMBERS);
  }

  #simple(depth: number): string {
    return depth <= 0 ? this.#selector() : `(${this.vector(depth)})`;
  }

  #selector(names: readonly string[] = NAMES): string {
    const name = this.#random.pick(names);
    const braces = name.startsWith('{') ? name : name + this.#matchers();
    const extension = this.#random.chance(0.04) ? this.#random.pick([' anchored', ' smoothed']) : '';
    return braces + extension + this.#modifiers();
  }

  #matchers(): string {
    const random = this.#random;
    if (random.chance(0.6)) return '';
    const found = random.some(MATCHERS, 0.2);
    return found.length === 0 ? '' : `{${found.join(',')}}`;
  }

  #modifiers(): string {
    const random = this.#random;
    const offset = random.chance(0.12) ? ` offset ${random.pick(['1m', '5m', '-2m', '37s', '(step() + 1s)'])}` : '';
    const at = random.chance(0.06) ? ` @ ${random.pick(['start()', 'end()', '1700001000', '1700002000.5'])}` : '';
    return random.chance(0.5) ? offset + at : at + offset;
  }

  #range(names: readonly string[] = NAMES, extended = false): string {
    const random = this.#random;
    const range = random.pick(['1m', '90s', '2m', '5m', '13m', '45s', '(2m + 15s)', 'max_of(2 * step(), 3m)']);
    const extension = extended && random.chance(0.25) ? random.pick([' anchored', ' smoothed']) : '';
    const name = random.pick(names);
    const braces = name.startsWith('{') ? name : name + this.#matchers();
    return `${braces}[${range}]${extension}${this.#modifiers()}`;
  }

  #matrix(depth: number, names: readonly string[] = NAMES, plain = 0.85): string {
    if (depth <= 0 || this.#random.chance(plain)) return this.#range(names);
    const inner = this.#simple(depth - 1);
    const range = this.#random.pick(['5m:30s', '5m:', '3m:1m', '2m:13s', '10m:2m', '30s:1m', '4m:(step() + 1s)']);
    return `${inner}[${range}]${this.#modifiers()}`;
  }

  #aggregation(depth: number): string {
    const random = this.#random;
    const op = random.weighted([
      [10, random.pick(['sum', 'avg', 'min', 'max', 'count', 'group', 'stddev', 'stdvar'])],
      [4, random.pick(['topk', 'bottomk', 'limitk', 'quantile', 'count_values', 'limit_ratio'])],
    ]);
    const grouping = random.weighted([
      [3, ''],
      [4, ` by (${this.#labels()}) `],
      [3, ` without (${this.#labels()}) `],
    ]);
    const param = this.#aggregateParam(op, depth);
    return `${op}${grouping}(${param}${this.#aggregateInput(op, depth)})`;
  }

  #aggregateInput(op: string, depth: number): string {
    // Of equal values the first ones stay, and after a function Prometheus' order is that of a hash map.
    if (['topk', 'bottomk', 'limitk'].includes(op)) return this.#selector();
    // A value becomes a label here, which the last bit of a float may change.
    const input = this.vector(depth - 1);
    return op === 'count_values' ? `round(clamp(${input}, -1e6, 1e6), 0.01)` : input;
  }

  #aggregateParam(op: string, depth: number): string {
    const random = this.#random;
    switch (op) {
      case 'topk':
      case 'bottomk':
      case 'limitk':
        return `${random.pick(['1', '2', '3', '0', '100', '-1', '2.7'])}, `;
      case 'quantile':
        return `${random.chance(0.8) ? random.pick(QUANTILES) : this.scalar(depth - 1)}, `;
      case 'count_values':
        return `"${random.pick(['v', 'job', 'value'])}", `;
      case 'limit_ratio':
        return `${random.pick(['0.5', '-0.5', '1', '0', '0.3', '-1', '1.5'])}, `;
      default:
        return '';
    }
  }

  #binary(depth: number): string {
    const random = this.#random;
    const kind = random.weighted([
      [3, 'scalar'],
      [4, 'vectors'],
      [2, 'sets'],
    ]);
    if (kind === 'sets') {
      const op = random.pick(['and', 'or', 'unless']);
      return `${this.#simple(depth - 1)} ${op} ${this.#on()}${this.#simple(depth - 1)}`;
    }
    const op = random.chance(0.7)
      ? random.pick([...ARITHMETIC, 'atan2', '</', '>/'])
      : random.pick(COMPARISON) + (random.chance(0.4) ? ' bool' : '');
    // A remainder blows the last bit of its operands up: only as they are in the store.
    if (op === '%') return `${this.#selector()} % ${this.#number()}`;
    if (kind === 'vectors') {
      return `${this.#simple(depth - 1)} ${op} ${this.#matching()}${this.#simple(depth - 1)}`;
    }
    const sides = [this.#simple(depth - 1), this.scalar(depth - 1)];
    if (random.chance(0.4)) sides.reverse();
    return sides.join(` ${op} `);
  }

  #labels(): string {
    return [...this.#random.some(LABELS), ...this.#random.some(['__name__', '__type__'], 0.1)].join(', ');
  }

  #on(): string {
    const random = this.#random;
    return random.chance(0.4) ? '' : `${random.pick(['on', 'ignoring'])} (${this.#labels()}) `;
  }

  #matching(): string {
    const random = this.#random;
    const on = this.#on();
    if (on === '') return random.chance(0.15) ? this.#fill() : '';
    const group = random.chance(0.5)
      ? `${random.pick(['group_left', 'group_right'])} (${random.chance(0.5) ? '' : random.some(['version', 'region', 'path', '__type__', '__name__'], 0.4).join(', ')}) `
      : '';
    return on + group + (random.chance(0.2) ? this.#fill() : '');
  }

  #fill(): string {
    const value = () => this.#random.pick(['0', '1', '-1.5', 'NaN', 'Inf']);
    const sides = this.#random.pick([['fill'], ['fill_left'], ['fill_right'], ['fill_left', 'fill_right']]);
    return sides.map((side) => `${side} (${value()}) `).join('');
  }

  #overTime(depth: number): string {
    const random = this.#random;
    const func = random.pick(OVER_TIME);
    if (['rate', 'increase', 'delta', 'changes', 'resets'].includes(func) && random.chance(0.4)) {
      return `${func}(${this.#range(random.chance(0.7) ? COUNTERS : NAMES, true)})`;
    }
    const matrix = this.#matrix(
      depth,
      ['rate', 'increase', 'irate'].includes(func) && random.chance(0.6) ? COUNTERS : NAMES,
    );
    switch (func) {
      case 'quantile_over_time':
        return `${func}(${random.pick(QUANTILES)}, ${matrix})`;
      case 'predict_linear':
        return `${func}(${matrix}, ${random.pick(['60', '3600', '-30'])})`;
      case 'double_exponential_smoothing':
        return `${func}(${matrix}, ${random.pick(['0.3', '0.8'])}, ${random.pick(['0.1', '0.6'])})`;
      default:
        return `${func}(${matrix})`;
    }
  }

  #elementwise(depth: number): string {
    const random = this.#random;
    const func = random.pick(ELEMENTWISE);
    const vector = this.vector(depth - 1);
    switch (func) {
      case 'sin':
      case 'cos':
      case 'tan':
        // So does the angle of a huge number.
        return `${func}(clamp(${vector}, -9, 9))`;
      case 'clamp':
        return `${func}(${vector}, ${this.scalar(depth - 1)}, ${this.scalar(depth - 1)})`;
      case 'clamp_min':
      case 'clamp_max':
        return `${func}(${vector}, ${this.scalar(depth - 1)})`;
      case 'round':
        return random.chance(0.5)
          ? `${func}(${vector})`
          : `${func}(${vector}, ${random.pick(['0.1', '5', '0.5', '-2', '3'])})`;
      default:
        return `${func}(${vector})`;
    }
  }

  #histogramFunction(depth: number): string {
    const random = this.#random;
    const input = random.weighted<() => string>([
      [3, () => this.#selector(HISTOGRAMS)],
      [3, () => `${random.pick(['rate', 'increase', 'delta'])}(${this.#range(HISTOGRAMS)})`],
      [
        2,
        () =>
          `${random.pick(['sum', 'avg'])} by (${random.pick(['job, le', 'le', 'instance, le'])}) (rate(${this.#range(HISTOGRAMS)}))`,
      ],
      [1, () => this.vector(depth - 1)],
    ]);
    switch (
      random.pick(['histogram_quantile', 'histogram_quantile', 'histogram_fraction', 'histogram_quantiles', 'other'])
    ) {
      case 'histogram_quantile':
        return `histogram_quantile(${random.chance(0.9) ? random.pick(QUANTILES) : this.scalar(depth - 1)}, ${input()})`;
      case 'histogram_fraction':
        return `histogram_fraction(${random.pick(['-Inf', '0', '0.3', '-2'])}, ${random.pick(['+Inf', '1', '0.7', '5'])}, ${input()})`;
      case 'histogram_quantiles':
        return `histogram_quantiles(${input()}, "q", ${random.pick(QUANTILES)}, ${random.pick(['0.25', '0.77'])})`;
      default:
        return `histogram_${random.pick(['count', 'sum', 'avg', 'stddev', 'stdvar'])}(${input()})`;
    }
  }

  #labelFunction(depth: number): string {
    const random = this.#random;
    const vector = this.vector(depth - 1);
    return random.weighted([
      [
        2,
        `label_replace(${vector}, "${random.pick(['dst', 'job', 'instance', '__name__'])}", "${random.pick(['$1', 'x_$1', '', 'c'])}", "${random.pick(['job', 'instance', 'le', 'none', '__name__'])}", "${random.pick(['(.*)', 'a', '([0-1])', '(.)(.*)'])}")`,
      ],
      [
        1,
        `label_join(${vector}, "${random.pick(['dst', 'job', '__name__'])}", "_", ${random.pick(['"job", "instance"', '"__name__", "job"', '"instance"'])})`,
      ],
      [
        1,
        `${random.pick(['sort_by_label', 'sort_by_label_desc'])}(${vector}, "instance"${random.pick(['', ', "__name__"'])})`,
      ],
      [2, `info(${vector}${random.chance(0.5) ? '' : `, {${random.pick(INFO_MATCHERS)}}`})`],
    ]);
  }

  #oddFunction(depth: number): string {
    const random = this.#random;
    return random.weighted<() => string>([
      [2, () => `absent(${this.vector(depth - 1)})`],
      [2, () => `absent_over_time(${this.#matrix(depth)})`],
      [2, () => `vector(${this.scalar(depth - 1)})`],
      [1, () => `${random.pick(['sort', 'sort_desc'])}(${this.vector(depth - 1)})`],
    ])();
  }
}

const NUMBERS = words('0 1 2 -1 0.5 3 10 1e3 100 NaN Inf -Inf 5m 0.1');
const QUANTILES = words('0.5 0.9 0 1 0.99 -1 2 NaN 0.31');
const ARITHMETIC = words('+ - * / % ^');
const COMPARISON = words('== != < > <= >=');
const LABELS = words('job instance path le');
const MATCHERS = ['job="a"', 'instance!="1"', 'instance=~"0|2"', 'path!~"/y"', 'job=~".+"', 'path=""', 'le="+Inf"'];
const INFO_MATCHERS = words(
  `version=~".+" region="eu" __name__="target_info" __name__=~".+_info" __name__!="target_info"
   __name__="build_info",revision=~"r1|r2" __name__=~".+_info",version=~".*"`,
);
const COUNTERS = words('requests_total typed_total errors_total lat_bucket lat_count lat_sum nh nhcb');
const HISTOGRAMS = words('lat_bucket nh nhg nhcb mixed {__name__=~"nh|lat_bucket"} {__name__=~"nh.*"}');
const NAMES = words(
  `requests_total requests_total errors_total errors_total temp temp flag single mixed lat_bucket lat_count lat_sum
   nh nhg nhcb target_info build_info absent_metric typed_total
   {"dotted.metric"} {__name__=~"errors_total|typed_total"} {__name__="temp",job="a"} {job="a",path=""}`,
);
const ELEMENTWISE = words(
  `abs ceil floor exp ln log2 log10 sqrt sgn round clamp clamp_min clamp_max
   timestamp start_timestamp minute hour day_of_week day_of_month day_of_year days_in_month month year
   sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh deg rad`,
);
const OVER_TIME = words(
  `rate rate rate increase increase irate idelta delta deriv changes resets
   avg_over_time sum_over_time min_over_time max_over_time count_over_time stddev_over_time
   stdvar_over_time last_over_time first_over_time present_over_time mad_over_time quantile_over_time
   predict_linear double_exponential_smoothing
   ts_of_min_over_time ts_of_max_over_time ts_of_last_over_time ts_of_first_over_time`,
);

function words(text: string): string[] {
  return text.split(/\s+/);
}
