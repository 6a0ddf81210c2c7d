import type { Select, SelectNewest, SelectRequest } from '../model/query.ts';
import { Annotations } from './annotations.ts';
import type { Expr } from './syntax/ast.ts';
import { QueryError } from './errors.ts';
import type { Evaluation } from './eval/evaluation.ts';
import { evalScalar, evalVector } from './eval/evaluator.ts';
import { KnownGroups } from './eval/known-groups.ts';
import type { Features } from './syntax/features.ts';
import { fetchAll } from './plan/fetch.ts';
import type { Fetch, Found } from './plan/fetch.ts';
import { gridOf } from './data/matrix.ts';
import { ParseError } from './syntax/parse-error.ts';
import { ParsedExprs } from './syntax/parsed-exprs.ts';
import type { Node } from './plan/plan.ts';
import { planQuery } from './plan/planner.ts';
import { ConcurrencyLimit } from './concurrency-limit.ts';
import type { QueryResult } from './result.ts';
import { answerOf } from './result.ts';
import { SampleCount } from './data/samples.ts';
import { QuerySlice, TimeIsOver, stopReason } from './query-slice.ts';
import { documentedType, typeOf } from './syntax/value-type.ts';

/** Parts of the engine that Prometheus has behind `--enable-feature`. */
export interface EngineFeatures extends Features {
  readonly 'promql-delayed-name-removal': boolean;
  readonly 'type-and-unit-labels': boolean;
  readonly 'use-start-timestamps': boolean;
}

export interface EngineLimits {
  /** Samples that a query may hold at a time. 50 million unless given. */
  readonly maxSamples?: number;
  /** Series that one selector may find. No limit unless given. */
  readonly maxSeries?: number;
  /** Milliseconds a query may take, waiting for its turn included. Two minutes unless given. */
  readonly timeout?: number;
  /** Queries that run side by side; others wait. 20 unless given. */
  readonly concurrency?: number;
}

export interface EngineOptions {
  readonly select: Select;
  /** Asked before `select` where the newest samples will do. */
  readonly selectNewest?: SelectNewest;
  readonly limits?: EngineLimits;
  /** Milliseconds that an instant vector looks back. Five minutes unless given. */
  readonly lookback?: number;
  /** Milliseconds between the steps of a subquery that names none. One minute unless given. */
  readonly subqueryStep?: number;
  /** Of the language all are on unless switched off; what concerns the engine is off unless switched on. */
  readonly features?: Partial<EngineFeatures>;
}

export interface QueryOptions {
  readonly signal?: AbortSignal;
  /** Milliseconds; the engine's own limit stays. */
  readonly timeout?: number;
  /** Milliseconds. */
  readonly lookback?: number;
  /** Also count samples by step. */
  readonly stats?: 'all' | undefined;
  /** Most warnings and infos, each; 10 unless given, 0 for all. */
  readonly maxAnnotations?: number;
}

/** Evaluates PromQL. Times in milliseconds since the epoch. Both reject with a {@link QueryError}. */
export interface Engine {
  instant(expr: string | Expr, at: number, options?: QueryOptions): Promise<QueryResult>;
  /** At `start`, `start + step` … up to `end`. */
  range(expr: string | Expr, start: number, end: number, step: number, options?: QueryOptions): Promise<QueryResult>;
}

/** Made once, for an error with its stack costs more than a small query. */
const ENDED = new QueryError('canceled', 'the query has ended');

const DEFAULTS = { maxSamples: 50_000_000, maxSeries: Infinity, timeout: 120_000, concurrency: 20 };

/** An engine over a store. Between queries it keeps the count of those under way, and the trees of some that it was asked. */
export function createEngine(options: EngineOptions): Engine {
  const limits = { ...DEFAULTS, ...options.limits };
  const settings: Settings = {
    select: options.select,
    selectNewest: options.selectNewest,
    limits,
    lookback: options.lookback ?? 300_000,
    subqueryStep: options.subqueryStep ?? 60_000,
    features: options.features ?? {},
    places: new ConcurrencyLimit(limits.concurrency),
    parsed: new ParsedExprs(options.features ?? {}),
    groups: new KnownGroups(),
  };
  return {
    instant: (expr, at, query = {}) => run(settings, { expr, start: at, end: at, step: 0 }, query),
    async range(expr, start, end, step, query = {}) {
      if (!(step > 0)) {
        const words = 'zero or negative query resolution step widths are not accepted. Try a positive integer';
        throw new QueryError('bad_data', words);
      }
      return run(settings, { expr, start, end, step }, query);
    },
  };
}

interface Settings {
  readonly select: Select;
  readonly selectNewest: SelectNewest | undefined;
  readonly limits: Required<EngineLimits>;
  readonly lookback: number;
  readonly subqueryStep: number;
  readonly features: Partial<EngineFeatures>;
  readonly places: ConcurrencyLimit;
  readonly parsed: ParsedExprs;
  readonly groups: KnownGroups;
}

interface Request {
  readonly expr: string | Expr;
  readonly start: number;
  readonly end: number;
  /** 0: once, at `start`. */
  readonly step: number;
}

async function run(settings: Settings, request: Request, options: QueryOptions): Promise<QueryResult> {
  const node = prepare(settings, request);
  const timeout = Math.min(options.timeout ?? Infinity, settings.limits.timeout);
  const over = new AbortController();
  const timer = setTimeout(() => over.abort(new TimeIsOver()), timeout);
  const signal = options.signal === undefined ? over.signal : AbortSignal.any([options.signal, over.signal]);
  try {
    const leave = await settings.places.enter(signal);
    try {
      return await evaluate(settings, request, options, node, signal);
    } finally {
      leave();
    }
  } catch (error) {
    throw asQueryError(error, signal);
  } finally {
    clearTimeout(timer);
    // Selects that nobody waits for any more can stop.
    over.abort(ENDED);
  }
}

function prepare(settings: Settings, { expr, start, end, step }: Request): Node {
  const tree = typeof expr === 'string' ? parseOrRefuse(expr, settings.parsed) : expr;
  const type = typeOf(tree);
  if (step > 0 && type !== 'vector' && type !== 'scalar') {
    const words = `invalid expression type ${JSON.stringify(documentedType(type))} for range query, must be Scalar or instant Vector`;
    throw new QueryError('bad_data', words);
  }
  const text = typeof expr === 'string' ? expr : undefined;
  return planQuery(tree, { start, end, step, range: end - start, subqueryStep: settings.subqueryStep, text });
}

function parseOrRefuse(text: string, parsed: ParsedExprs): Expr {
  try {
    return parsed.of(text);
  } catch (error) {
    if (error instanceof ParseError) throw new QueryError('bad_data', error.message, { cause: error });
    throw error;
  }
}

async function evaluate(
  settings: Settings,
  { expr, start, end, step }: Request,
  options: QueryOptions,
  node: Node,
  signal: AbortSignal,
): Promise<QueryResult> {
  const grid = step === 0 ? { start, end, step: 1, steps: 1 } : gridOf(start, end, step);
  const lookback = options.lookback !== undefined && options.lookback > 0 ? options.lookback : settings.lookback;
  const { maxSamples } = settings.limits;
  const fetch = fetcher(settings, signal);
  const ev: Evaluation = {
    vector: (node, grid) => evalVector(ev, node, grid),
    scalar: (node, grid) => evalScalar(ev, node, grid),
    fetched: fetchAll(node, { start, end, step }, lookback, maxSamples, fetch),
    fetch,
    slices: new QuerySlice(signal),
    samples: new SampleCount(maxSamples, options.stats === 'all' ? grid.steps : undefined),
    notes: new Annotations(),
    groups: settings.groups,
    lookback,
    delayed: settings.features['promql-delayed-name-removal'] ?? false,
    startTimes: settings.features['use-start-timestamps'] ?? false,
    typeLabels: settings.features['type-and-unit-labels'] ?? false,
    start,
    end,
    // As Prometheus has it, whatever step a range of one moment was asked with.
    step: start === end ? 0 : step,
  };
  const text = typeof expr === 'string' ? expr : undefined;
  return answerOf(ev, node, grid, step > 0, text, options.maxAnnotations ?? 10);
}

/** Asks the store; gives up at once when the query is stopped, whether the store does or not. */
function fetcher(settings: Settings, signal: AbortSignal): Fetch {
  return async (request) => {
    const found = await unlessStopped(ask(settings, request, signal), signal);
    const { length } = 'labels' in found ? found.labels : found;
    if (length > settings.limits.maxSeries) {
      throw new QueryError(
        'execution',
        `query selects ${length} series, more than the limit of ${settings.limits.maxSeries}`,
      );
    }
    return found;
  };
}

async function unlessStopped<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let stop = (): void => undefined;
  const stopped = new Promise<never>((_, reject) => {
    stop = () => reject(stopReason(signal, 'expression evaluation'));
  });
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop);
  try {
    return await Promise.race([work, stopped]);
  } finally {
    // At its end every query is aborted, and an error made for nobody costs as much as a small query.
    signal.removeEventListener('abort', stop);
  }
}

async function ask({ select, selectNewest }: Settings, request: SelectRequest, signal: AbortSignal): Promise<Found> {
  const newest = request.hints?.newest === true ? await selectNewest?.(request, signal) : undefined;
  return newest ?? select(request, signal);
}

function asQueryError(error: unknown, signal: AbortSignal): QueryError {
  if (error instanceof QueryError) return error;
  if (signal.aborted) return stopReason(signal, 'expression evaluation');
  const message = error instanceof Error ? error.message : String(error);
  return new QueryError('execution', `expanding series: ${message}`, { cause: error });
}
