import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { clientSignal } from '../requests/client-signal.ts';
import { type Notes, TRUNCATED, sendResult, success } from '../answers/answer.ts';
import { formatValue } from '../answers/format.ts';
import { ApiError, badParameter, messageOf, queryError } from '../answers/errors.ts';
import {
  MAX_TIME,
  MIN_TIME,
  limitParam,
  paramsOf,
  parseStep,
  parseTime,
  parsed,
  required,
  timeParam,
} from '../requests/params.ts';
import type { ApiContext } from '../context.ts';
import type { QueryEngine, QueryLanguage, QueryOptions, QueryResult } from '../types.ts';
import { documented } from '../openapi.ts';

const GET_AND_POST = ['GET', 'POST'];

const QUERY = {
  query: 'PromQL expression',
  limit: 'The most series to answer',
  timeout: 'Longest run, as a duration',
  lookback_delta: 'How old a sample may be, as a duration',
  stats: '`true` to have statistics, `all` to have them by step too',
};

/** `query`, `query_range` and `query_exemplars`. */
export function queryRoutes(app: FastifyInstance, context: ApiContext): void {
  app.route({
    method: GET_AND_POST,
    url: '/api/v1/query',
    config: { permission: 'query' },
    schema: documented('Evaluate an expression at one time', { ...QUERY, time: 'RFC 3339 or Unix time; now' }),
    async handler(request, reply) {
      const engine = context.groupOf(request, 'queries').engine;
      const params = paramsOf(request);
      const limit = limitParam(params);
      const at = timeParam(params, 'time', context.now());
      const queryOptions = optionsOf(params, context, reply);
      const result = await run(() => engine.instant(params.get('query') ?? '', at, queryOptions));
      return answer(reply, result, { limit, params, histogramJson: engine.histogramJson });
    },
  });

  app.route({
    method: GET_AND_POST,
    url: '/api/v1/query_range',
    config: { permission: 'query' },
    schema: documented('Evaluate an expression at each step of a time range', {
      ...QUERY,
      start: 'First time',
      end: 'Last time',
      step: 'Duration or seconds between times',
    }),
    async handler(request, reply) {
      const engine = context.groupOf(request, 'queries').engine;
      const params = paramsOf(request);
      const limit = limitParam(params);
      const { start, end, step } = rangeOf(params, context.config.max_points);
      const queryOptions = optionsOf(params, context, reply);
      const result = await run(() => engine.range(params.get('query') ?? '', start, end, step, queryOptions));
      return answer(reply, result, { limit, params, histogramJson: engine.histogramJson });
    },
  });

  app.route({
    method: GET_AND_POST,
    url: '/api/v1/query_exemplars',
    config: { permission: 'query' },
    schema: documented('Exemplars of the series that an expression selects', {
      query: QUERY.query,
      start: 'First time',
      end: 'Last time',
    }),
    handler: (request, reply) => exemplars(request, reply, context),
  });
}

/** `format_query`, `parse_query` and our `explain_query`: what can be said of an expression without any series. */
export function languageRoutes(app: FastifyInstance, context: ApiContext): void {
  const texts = [
    ['format_query', 'Print an expression prettily', 'format'],
    ['parse_query', 'The syntax tree of an expression', 'tree'],
    ['explain_query', 'What an expression selects and does, in plain words', 'explain'],
  ] as const;
  for (const [name, summary, verb] of texts) {
    app.route({
      method: GET_AND_POST,
      url: `/api/v1/${name}`,
      config: { permission: 'query' },
      schema: documented(summary, { query: QUERY.query }),
      handler(request, reply) {
        const language = context.groupOf(request, 'language');
        const params = paramsOf(request);
        return success(
          reply,
          parsed('query', () => language[verb](params.get('query') ?? '')),
        );
      },
    });
  }
}

async function run(query: () => Promise<QueryResult>): Promise<QueryResult> {
  try {
    return await query();
  } catch (error) {
    throw queryError(error);
  }
}

function answer(
  reply: FastifyReply,
  full: QueryResult,
  {
    limit,
    params,
    histogramJson,
  }: { limit: number; params: URLSearchParams; histogramJson: QueryEngine['histogramJson'] },
): FastifyReply {
  const [result, truncated] = limited(full, limit);
  const stats = params.get('stats') ?? '';
  const warnings = [
    ...result.warnings,
    ...(truncated ? [TRUNCATED] : []),
    ...(['', 'true', 'all'].includes(stats) ? [] : [oddStats(stats)]),
  ];
  const notes: Notes = { warnings, infos: result.infos };
  return sendResult(reply, result, notes, stats !== '', histogramJson);
}

/** Any text asks for statistics; Prometheus means to refuse others than two of them one day. */
function oddStats(text: string): string {
  return `value ${JSON.stringify(text)} for parameter "stats" is deprecated and will be rejected in the next major release, use "true" or "all"`;
}

function limited(result: QueryResult, limit: number): [result: QueryResult, truncated: boolean] {
  if (limit === 0) return [result, false];
  if (result.type === 'vector' && result.samples.length > limit)
    return [{ ...result, samples: result.samples.slice(0, limit) }, true];
  if (result.type === 'matrix' && result.series.length > limit)
    return [{ ...result, series: result.series.slice(0, limit) }, true];
  return [result, false];
}

function rangeOf(params: URLSearchParams, maxPoints: number) {
  const start = required(params, 'start', parseTime);
  const end = required(params, 'end', parseTime);
  if (end < start) throw badParameter('end', 'end timestamp must not be before start time');
  const step = required(params, 'step', parseStep);
  if (!(step > 0))
    throw badParameter(
      'step',
      'zero or negative query resolution step widths are not accepted. Try a positive integer',
    );
  if ((end - start) / step > maxPoints) {
    const words = maxPoints.toLocaleString('en-US');
    throw new ApiError(
      'bad_data',
      `exceeded maximum resolution of ${words} points per timeseries. Try decreasing the query resolution (?step=XX)`,
    );
  }
  if (step < 1) throw badParameter('step', 'a step shorter than a millisecond is not accepted');
  return { start, end, step: Math.floor(step) };
}

function optionsOf(params: URLSearchParams, { config }: ApiContext, reply: FastifyReply): QueryOptions {
  const timeoutText = params.get('timeout') ?? '';
  const timeout = timeoutText === '' ? config.query_timeout : parsed('timeout', () => parseStep(timeoutText));
  if (timeout < 1) throw new ApiError('timeout', 'query timed out in query execution');
  return {
    signal: clientSignal(reply),
    timeout: Math.min(timeout, config.query_timeout),
    lookback: lookbackOf(params),
    stats: params.get('stats') === 'all' ? 'all' : undefined,
  };
}

/** undefined: the engine's own; so is what is not positive. */
function lookbackOf(params: URLSearchParams): number | undefined {
  const text = params.get('lookback_delta') ?? '';
  if (text === '') return undefined;
  try {
    const ms = parseStep(text);
    return ms > 0 ? ms : undefined;
  } catch (error) {
    throw new ApiError('bad_data', `error parsing lookback delta duration: ${messageOf(error)}`);
  }
}

async function exemplars(request: FastifyRequest, reply: FastifyReply, context: ApiContext): Promise<FastifyReply> {
  const language = context.groupOf(request, 'language');
  const params = paramsOf(request);
  const start = timeParam(params, 'start', MIN_TIME);
  const end = timeParam(params, 'end', MAX_TIME);
  if (end < start) throw new ApiError('bad_data', 'end timestamp must not be before start timestamp');
  const matcherSets = selectorsOf(language, params.get('query') ?? '');
  // As Prometheus has it.
  if (matcherSets.length === 0) return reply.code(204).send();
  const found = await context
    .groupOf(request, 'queries')
    .exemplars({ matcherSets, start, end, limit: 0 }, clientSignal(reply));
  return success(
    reply,
    found.map(({ labels, exemplars }) => ({
      seriesLabels: labels,
      exemplars: exemplars.map(({ labels, value, timestamp }) => ({
        labels,
        value: formatValue(value),
        timestamp: (timestamp ?? 0) / 1000,
      })),
    })),
  );
}

function selectorsOf(language: QueryLanguage, query: string) {
  try {
    return language.selectors(query);
  } catch (error) {
    throw new ApiError('bad_data', messageOf(error));
  }
}
